/** An input of usimd/pi-gen-action, as its action.yml and its validateConfig (src/pi-gen-config.ts) know it. */
export interface ActionInput {
  readonly name: string;
  /** The only values that the action accepts, where they are few. Compared without regard to case where `foldsCase`. */
  readonly values?: readonly string[];
  readonly foldsCase?: boolean;
  /** What the value must match. */
  readonly pattern?: RegExp;
  /** What is asked of the value, for a message: half a sentence that follows "must be". */
  readonly demand?: string;
  /** The action stops where the value is wrong; otherwise the value merely does nothing of use. */
  readonly required?: boolean;
}

const flag = { values: ['0', '1'], demand: '0 or 1' };

/** What GitHub's getBooleanInput takes. */
const truth = { values: ['true', 'false', 'True', 'False', 'TRUE', 'FALSE'], demand: 'true or false' };

/** The inputs of the action's newest version; older ones know fewer. */
export const actionInputs: readonly ActionInput[] = [
  { name: 'apt-proxy' },
  { name: 'temp-repo' },
  { name: 'image-name', required: true, pattern: /\S/, demand: 'a name' },
  { name: 'pi-gen-release' },
  { name: 'setfcap', values: ['', '1'], demand: '1, or left out' },
  { name: 'stage-list' },
  {
    name: 'release',
    values: ['trixie', 'bookworm', 'bullseye', 'jessie', 'stretch', 'buster', 'testing'],
    foldsCase: true,
    demand: 'a release: trixie, bookworm, bullseye, buster, stretch, jessie or testing',
  },
  {
    name: 'compression',
    values: ['none', 'zip', 'gz', 'xz'],
    foldsCase: true,
    demand: 'none, zip, gz or xz',
  },
  { name: 'compression-level', pattern: /^(?:[0-9]|9e)$/, demand: 'from 0 to 9' },
  { name: 'locale' },
  { name: 'hostname' },
  { name: 'keyboard-keymap' },
  { name: 'keyboard-layout' },
  { name: 'timezone' },
  {
    name: 'username',
    pattern: /^[a-z][-a-z0-9_]*$/,
    demand: 'a small letter, then small letters, digits, - and _ (build.sh checks it)',
  },
  { name: 'password' },
  { name: 'disable-first-boot-user-rename' },
  { name: 'passwordless-sudo' },
  { name: 'wpa-essid', pattern: /^[^]{0,32}$/, demand: 'of at most 32 characters' },
  { name: 'wpa-password', pattern: /^[^]{8,63}$/, demand: 'of 8 to 63 characters' },
  { name: 'wpa-country' },
  { name: 'enable-ssh', ...flag },
  { name: 'pubkey-ssh-first-user' },
  { name: 'pubkey-only-ssh', ...flag },
  { name: 'enable-cloud-init', ...flag },
  { name: 'docker-opts' },
  { name: 'pi-gen-repository' },
  { name: 'export-last-stage-only', ...truth },
  { name: 'pi-gen-version' },
  { name: 'enable-noobs', ...truth },
  { name: 'extra-host-dependencies' },
  { name: 'extra-host-modules' },
  { name: 'increase-runner-disk-size', ...truth },
  { name: 'enable-pigen-cache', ...truth },
  { name: 'cache-read-only', ...truth },
  { name: 'pi-gen-dir' },
  { name: 'verbose-output', ...truth },
  { name: 'github-token' },
  { name: 'internal-matrix-context' },
];

/** Inputs that the action has given up. */
export const removedInputs: ReadonlyMap<string, string> = new Map([
  ['use-qcow2', 'pi-gen has given up qcow2, and the action ignores the input since 1.11'],
]);
