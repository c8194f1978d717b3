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

export type ActionConfigResult =
  | { readonly ok: true; readonly action: ActionConfig }
  /** One sentence on the input that the action would refuse. */
  | { readonly ok: false; readonly reason: string };

/** The defaults of the action's action.yml, of inputs that are not empty by default. */
const defaults: Readonly<Record<string, string>> = {
  'pi-gen-release': 'Raspberry Pi reference',
  'stage-list': 'stage0 stage1 stage2',
  release: 'trixie',
  compression: 'zip',
  'compression-level': '6',
  locale: 'en_GB.UTF-8',
  hostname: 'raspberrypi',
  'keyboard-keymap': 'gb',
  'keyboard-layout': 'English (UK)',
  timezone: 'Europe/London',
  username: 'pi',
  'disable-first-boot-user-rename': '0',
  'passwordless-sudo': '0',
  'enable-ssh': '0',
  'pubkey-only-ssh': '0',
  'enable-cloud-init': '1',
  'pi-gen-repository': 'RPi-Distro/pi-gen',
  'export-last-stage-only': 'true',
  'pi-gen-version': 'arm64',
  'enable-noobs': 'false',
  'pi-gen-dir': 'pi-gen',
};

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

/** Turns the inputs of a step into what the action would build with. Expressions must have been replaced before. */
export function actionConfig(inputs: Readonly<Record<string, string>>): ActionConfigResult {
  // The runner looks inputs up without regard to case, and trims them.
  const given = new Map(Object.entries(inputs).map(([name, value]) => [name.toLowerCase(), value.trim()]));
  const value = (name: string): string => {
    const own = given.get(name);
    return own === undefined || own === '' ? (defaults[name] ?? '') : own;
  };
  for (const input of actionInputs) {
    const reason = complaint(input, value(input.name));
    if (reason !== undefined) return { ok: false, reason };
  }
  const truth = (name: string): boolean => value(name).toLowerCase() === 'true';
  const written = (input: string): string =>
    input === 'enable-noobs' || input === 'export-last-stage-only' ? String(truth(input)) : value(input);
  const stages = value('stage-list').split(/\s+/);
  const lines = variables
    .map(
      ([variable, input]) => [variable, input === 'stage-list' ? stages.join(' ') : written(input)] as const,
    )
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
      piGenRepository: value('pi-gen-repository'),
      piGenVersion: value('pi-gen-version'),
      piGenFolder: value('pi-gen-dir'),
    },
  };
}

function complaint(input: ActionInput, value: string): string | undefined {
  if (value === '') {
    return input.required === true ? `the action needs the input ${input.name}` : undefined;
  }
  const compared = input.foldsCase === true ? value.toLowerCase() : value;
  const wrong =
    (input.values !== undefined && !input.values.includes(compared)) ||
    (input.pattern !== undefined && !input.pattern.test(value));
  // The value is not told: it may be a password.
  return wrong ? `the action wants ${input.name} to be ${input.demand ?? 'another value'}` : undefined;
}
