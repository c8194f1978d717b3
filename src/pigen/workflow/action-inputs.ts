/** An input of usimd/pi-gen-action, as its action.yml and its validateConfig (src/pi-gen-config.ts) know it. */
export interface ActionInput {
  readonly name: string;
  /** One line, for hovers and completions. */
  readonly summary: string;
  /** Of its action.yml; undefined where it has none. */
  readonly default?: string;
  /** The config variable that it sets. */
  readonly variable?: string;
  /** The only values that the action accepts, where they are few. Compared without regard to case where `foldsCase`. */
  readonly values?: readonly string[];
  readonly foldsCase?: boolean;
  /** What the value must match. */
  readonly pattern?: RegExp;
  /** What is asked of the value, for a message: half a sentence that follows "must be". */
  readonly demand?: string;
  /** The action stops where the value is wrong; otherwise the value merely does nothing of use. */
  readonly required?: boolean;
  /** The action hands it on as it is, so that a wrong value stops nothing. */
  readonly unchecked?: boolean;
  /** The action takes it as GitHub's getBooleanInput does: an empty value stops it. */
  readonly boolean?: boolean;
  /** The minor version of 1.x that reads it first; undefined: all do, or none has to. */
  readonly since?: number;
  /** Defaults of versions before the named minor of 1.x, the oldest first. */
  readonly earlierDefaults?: readonly { readonly before: number; readonly value: string }[];
}

const flag = { values: ['0', '1'], demand: '0 or 1' };

/** What GitHub's getBooleanInput takes. */
const truth = {
  values: ['true', 'false', 'True', 'False', 'TRUE', 'FALSE'],
  demand: 'true or false',
  boolean: true,
};

/** The inputs of the action's newest version; older ones know fewer. */
export const actionInputs: readonly ActionInput[] = [
  {
    name: 'apt-proxy',
    summary: 'Proxy for apt during the build; not left in the image.',
    variable: 'APT_PROXY',
    default: '',
    since: 10,
    demand: 'a URL',
  },
  {
    name: 'temp-repo',
    summary: 'An apt source for the build only, one line; RELEASE in it is replaced.',
    variable: 'TEMP_REPO',
    default: '',
  },
  {
    name: 'image-name',
    summary: 'Name of the image.',
    variable: 'IMG_NAME',
    required: true,
    pattern: /\S/,
    demand: 'a name',
  },
  {
    name: 'pi-gen-release',
    summary: 'Name of the release in /etc/rpi-issue.',
    variable: 'PI_GEN_RELEASE',
    default: 'Raspberry Pi reference',
    since: 7,
  },
  {
    name: 'setfcap',
    summary: '1 lets setcap work in the chroot.',
    variable: 'SETFCAP',
    default: '',
    values: ['', '1'],
    demand: '1, or left out',
    since: 7,
  },
  {
    name: 'stage-list',
    summary:
      'The stages in the order in which they run: pi-gen’s own by name, others by their path in the repository.',
    variable: 'STAGE_LIST',
    default: 'stage0 stage1 stage2',
  },
  {
    name: 'release',
    summary: 'Debian release; must be the one of `pi-gen-version`.',
    variable: 'RELEASE',
    default: 'trixie',
    values: ['trixie', 'bookworm', 'bullseye', 'jessie', 'stretch', 'buster', 'testing'],
    foldsCase: true,
    demand: 'a release: trixie, bookworm, bullseye, buster, stretch, jessie or testing',
    earlierDefaults: [
      { before: 7, value: 'bullseye' },
      { before: 11, value: 'bookworm' },
    ],
  },
  {
    name: 'compression',
    summary: 'How images are packed.',
    variable: 'DEPLOY_COMPRESSION',
    default: 'zip',
    values: ['none', 'zip', 'gz', 'xz'],
    foldsCase: true,
    demand: 'none, zip, gz or xz',
  },
  {
    name: 'compression-level',
    summary: 'From 0 (fast) to 9 (small).',
    variable: 'COMPRESSION_LEVEL',
    default: '6',
    pattern: /^(?:[0-9]|9e)$/,
    demand: 'from 0 to 9',
  },
  { name: 'locale', summary: 'Locale of the image.', variable: 'LOCALE_DEFAULT', default: 'en_GB.UTF-8' },
  {
    name: 'hostname',
    summary: 'Host name of the image.',
    variable: 'TARGET_HOSTNAME',
    default: 'raspberrypi',
  },
  { name: 'keyboard-keymap', summary: 'Keyboard of the image.', variable: 'KEYBOARD_KEYMAP', default: 'gb' },
  {
    name: 'keyboard-layout',
    summary: 'Name of the keyboard layout.',
    variable: 'KEYBOARD_LAYOUT',
    default: 'English (UK)',
  },
  {
    name: 'timezone',
    summary: 'Time zone of the image.',
    variable: 'TIMEZONE_DEFAULT',
    default: 'Europe/London',
  },
  {
    name: 'username',
    summary: 'Name of the first user.',
    variable: 'FIRST_USER_NAME',
    default: 'pi',
    pattern: /^[a-z][-a-z0-9_]*$/,
    demand: 'a small letter, then small letters, digits, - and _ (build.sh checks it)',
  },
  {
    name: 'password',
    summary: 'Password of the first user; locked without one. Give it as a secret.',
    variable: 'FIRST_USER_PASS',
  },
  {
    name: 'disable-first-boot-user-rename',
    summary: '1 keeps the first user as it is at the first boot.',
    variable: 'DISABLE_FIRST_BOOT_USER_RENAME',
    default: '0',
    ...flag,
    unchecked: true,
    since: 5,
  },
  {
    name: 'passwordless-sudo',
    summary: '1 lets the first user use sudo without a password.',
    variable: 'PASSWORDLESS_SUDO',
    default: '0',
    ...flag,
    unchecked: true,
    since: 12,
  },
  {
    name: 'wpa-essid',
    summary: 'Name of the wireless network.',
    variable: 'WPA_ESSID',
    pattern: /^[^]{0,32}$/,
    demand: 'of at most 32 characters',
  },
  {
    name: 'wpa-password',
    summary: 'Password of the wireless network. Give it as a secret.',
    variable: 'WPA_PASSWORD',
    pattern: /^[^]{8,63}$/,
    demand: 'of 8 to 63 characters',
  },
  { name: 'wpa-country', summary: 'Country of the wireless network.', variable: 'WPA_COUNTRY' },
  { name: 'enable-ssh', summary: '1 starts the SSH server.', variable: 'ENABLE_SSH', default: '0', ...flag },
  {
    name: 'pubkey-ssh-first-user',
    summary: 'Content of the first user’s authorized_keys. Does not start the SSH server by itself.',
    variable: 'PUBKEY_SSH_FIRST_USER',
    since: 9,
  },
  {
    name: 'pubkey-only-ssh',
    summary: '1 refuses passwords over SSH.',
    variable: 'PUBKEY_ONLY_SSH',
    default: '0',
    ...flag,
    since: 9,
  },
  {
    name: 'enable-cloud-init',
    summary: '1 installs cloud-init and netplan.',
    variable: 'ENABLE_CLOUD_INIT',
    default: '1',
    ...flag,
    since: 11,
  },
  {
    name: 'docker-opts',
    summary: 'More options for the build container, as in PIGEN_DOCKER_OPTS.',
    default: '',
    since: 5,
  },
  {
    name: 'pi-gen-repository',
    summary: 'Repository of pi-gen: upstream or a fork of it.',
    default: 'RPi-Distro/pi-gen',
    since: 5,
  },
  {
    name: 'export-last-stage-only',
    summary: 'Only the last stage of `stage-list` becomes an image, whatever EXPORT_IMAGE files say.',
    default: 'true',
    ...truth,
  },
  {
    name: 'pi-gen-version',
    summary: 'Branch or tag of the pi-gen repository; a commit is refused.',
    default: 'arm64',
  },
  { name: 'enable-noobs', summary: 'Makes a NOOBS bundle too.', default: 'false', ...truth },
  {
    name: 'extra-host-dependencies',
    summary: 'Packages for the build host, not for the image.',
    default: '',
  },
  {
    name: 'extra-host-modules',
    summary: 'Kernel modules for the build host, not for the image.',
    default: '',
  },
  {
    name: 'increase-runner-disk-size',
    summary: 'Removes programs from the runner that the build does not need, for more room on its disk.',
    default: 'false',
    ...truth,
    since: 10,
  },
  {
    name: 'enable-pigen-cache',
    summary: 'Keeps what stages have built in GitHub’s cache.',
    default: 'false',
    ...truth,
  },
  { name: 'cache-read-only', summary: 'Restores caches and saves none.', default: 'false', ...truth },
  { name: 'pi-gen-dir', summary: 'Folder that pi-gen is checked out to.', default: 'pi-gen' },
  { name: 'verbose-output', summary: 'Shows all that pi-gen prints.', default: 'false', ...truth },
  { name: 'github-token', summary: 'Token to check pi-gen out with.', default: '${{ github.token }}' },
  { name: 'internal-matrix-context', summary: 'Internal: not to be set.', default: '${{ toJSON(matrix) }}' },
];

/** Inputs that the action has given up. */
export const removedInputs: ReadonlyMap<string, string> = new Map([
  ['use-qcow2', 'pi-gen has given up qcow2, and the action ignores the input since 1.9'],
]);
