import { actionInputs } from './action-inputs';
import type { ActionInput } from './action-inputs';

/** What pi-gen-action makes of its inputs: src/configure.ts and src/pi-gen-config.ts of the action. */
export interface ActionConfig {
  /** The text of the config, as the action writes it. */
  readonly config: string;
  /** The words of stage-list: names of pi-gen's stages, or paths from the workspace. */
  readonly stages: readonly string[];
  /** Options of docker run, as the action gives them in PIGEN_DOCKER_OPTS, less its mounts of the stages. */
  readonly dockerOptions: string;
  readonly exportLastStageOnly: boolean;
  readonly enableNoobs: boolean;
  /** `owner/name` on GitHub. */
  readonly piGenRepository: string;
  readonly piGenVersion: string;
  /** Where the action clones pi-gen, from the workspace: paths of the stage list may begin with it. */
  readonly piGenFolder: string;
}

/** The newest version, as a branch or a commit of the action may be. */
const newest = Number.POSITIVE_INFINITY;

/** Before it, the action wrote USE_QCOW2, with 1 for a default up to 1.6. */
const firstWithoutQcow2 = 9;

export type ActionConfigResult =
  | { readonly ok: true; readonly action: ActionConfig }
  /** One sentence on the input that the action would refuse. */
  | { readonly ok: false; readonly reason: string };

/** Which variable of the config an input becomes, in the order in which the action writes them. temp-repo is read by none. */
const variables: readonly (readonly [variable: string, input: string])[] = [
  ['IMG_NAME', 'image-name'],
  ['PI_GEN_RELEASE', 'pi-gen-release'],
  ['RELEASE', 'release'],
  ['DEPLOY_COMPRESSION', 'compression'],
  ['COMPRESSION_LEVEL', 'compression-level'],
  ['LOCALE_DEFAULT', 'locale'],
  ['TARGET_HOSTNAME', 'hostname'],
  ['KEYBOARD_KEYMAP', 'keyboard-keymap'],
  ['KEYBOARD_LAYOUT', 'keyboard-layout'],
  ['TIMEZONE_DEFAULT', 'timezone'],
  ['FIRST_USER_NAME', 'username'],
  ['ENABLE_SSH', 'enable-ssh'],
  ['PUBKEY_ONLY_SSH', 'pubkey-only-ssh'],
  ['ENABLE_CLOUD_INIT', 'enable-cloud-init'],
  ['STAGE_LIST', 'stage-list'],
  ['ENABLE_NOOBS', 'enable-noobs'],
  ['EXPORT_LAST_STAGE_ONLY', 'export-last-stage-only'],
  ['FIRST_USER_PASS', 'password'],
  ['DISABLE_FIRST_BOOT_USER_RENAME', 'disable-first-boot-user-rename'],
  ['PASSWORDLESS_SUDO', 'passwordless-sudo'],
  ['WPA_ESSID', 'wpa-essid'],
  ['WPA_PASSWORD', 'wpa-password'],
  ['WPA_COUNTRY', 'wpa-country'],
  ['PUBKEY_SSH_FIRST_USER', 'pubkey-ssh-first-user'],
  ['DOCKER_OPTS', 'docker-opts'],
  ['SETFCAP', 'setfcap'],
  ['APT_PROXY', 'apt-proxy'],
];

/** The inputs that the action writes into the config. */
export const inputsOfConfig: ReadonlySet<string> = new Set(variables.map(([, input]) => input));

/**
 * Turns the inputs of a step into what the action would build with. Expressions must have been replaced before.
 *
 * @param uses `usimd/pi-gen-action@v1.8.0`: which inputs are read, and some defaults, depend on the version
 */
export function actionConfig(inputs: Readonly<Record<string, string>>, uses = ''): ActionConfigResult {
  const version = minorVersion(uses);
  // The runner looks inputs up without regard to case; the action trims them.
  const given = new Map(Object.entries(inputs).map(([name, value]) => [name.toLowerCase(), value.trim()]));
  const values = new Map<string, string>();
  for (const input of actionInputs) {
    if ((input.since ?? 0) > version) continue;
    const own = given.get(input.name);
    const reason = own === '' ? complaintOnEmpty(input) : own && complaint(input, own, given);
    if (reason) return { ok: false, reason };
    values.set(input.name, own === '' || own === undefined ? usual(input, own, version) : own);
  }
  const value = (name: string): string => values.get(name) ?? '';
  if (value('image-name') === '') return { ok: false, reason: 'the action needs the input image-name' };
  const truth = (name: string): boolean => value(name).toLowerCase() === 'true';
  const stages = value('stage-list').split(/\s+/);
  const written: Readonly<Record<string, string>> = {
    'stage-list': stages.join(' '),
    'enable-noobs': String(truth('enable-noobs')),
    'export-last-stage-only': String(truth('export-last-stage-only')),
  };
  const qcow2 = given.get('use-qcow2') ?? '';
  const lines = [
    ...variables.map(([variable, input]) => [variable, written[input] ?? value(input)] as const),
    ...(version < firstWithoutQcow2
      ? [['USE_QCOW2', qcow2 === '' ? (version < 7 ? '1' : '0') : qcow2] as const]
      : []),
  ]
    .filter(([, text]) => text !== '')
    .map(([variable, text]) => `${variable}="${text}"`);
  return {
    ok: true,
    action: {
      config: `${[...lines, 'DEBIAN_FRONTEND=noninteractive'].join('\n')}\n`,
      stages,
      dockerOptions: `${value('docker-opts')} -e DEBIAN_FRONTEND=noninteractive`.trim(),
      exportLastStageOnly: truth('export-last-stage-only'),
      enableNoobs: truth('enable-noobs'),
      // Versions that do not know the input clone upstream.
      piGenRepository: value('pi-gen-repository') || 'RPi-Distro/pi-gen',
      piGenVersion: value('pi-gen-version'),
      piGenFolder: value('pi-gen-dir'),
    },
  };
}

/** Of `…@v1.8.0`: 8. A branch, a commit, and `v1`, which moves on with each release, count as the newest. */
function minorVersion(uses: string): number {
  const minor = /@v?1\.(\d+)(?:\.\d+)?$/.exec(uses)?.[1];
  return minor === undefined ? newest : Number(minor);
}

/** Inputs that src/configure.ts leaves out of the config where they are given, but empty. */
const unsetWhereEmpty: ReadonlySet<string> = new Set(['disable-first-boot-user-rename', 'passwordless-sudo']);

/** GitHub puts in the default of action.yml only where an input is not given at all; most have the same in DEFAULT_CONFIG. */
function usual(input: ActionInput, own: string | undefined, version: number): string {
  if (own === '' && unsetWhereEmpty.has(input.name)) return '';
  const earlier = input.earlierDefaults?.find(({ before }) => version < before);
  return earlier?.value ?? input.default ?? '';
}

/** Inputs that lead to nothing where they are empty: a folder, a repository, a branch or a stage without a name. */
const neverEmpty: ReadonlySet<string> = new Set([
  ...['image-name', 'stage-list', 'pi-gen-dir', 'pi-gen-repository', 'pi-gen-version'],
]);

function complaintOnEmpty(input: ActionInput): string | undefined {
  if (input.boolean === true)
    return `the action wants ${input.name} to be ${input.demand ?? 'true or false'}, not empty`;
  return neverEmpty.has(input.name) ? `the input ${input.name} is empty` : undefined;
}

function complaint(
  input: ActionInput,
  value: string,
  given: ReadonlyMap<string, string>,
): string | undefined {
  if (input.unchecked === true) return undefined;
  const compared = input.foldsCase === true ? value.toLowerCase() : value;
  const wrong =
    (input.values !== undefined && !input.values.includes(compared)) ||
    (input.pattern !== undefined && !input.pattern.test(value)) ||
    // Of xz alone.
    (input.name === 'compression-level' &&
      value === '9e' &&
      given.get('compression')?.toLowerCase() !== 'xz') ||
    (input.name === 'apt-proxy' && !URL.canParse(value));
  // The value is not told: it may be a password.
  return wrong ? `the action wants ${input.name} to be ${input.demand ?? 'another value'}` : undefined;
}
