import type { BuildProblem } from '../build-problem';
import { shellWords } from './shell-words';

/** What options of `docker run` ask of a container, as plain data in the Engine API's terms. */
export interface RunOptions {
  readonly environment: readonly string[];
  /** `SOURCE:TARGET[:OPTIONS]`. */
  readonly binds: readonly string[];
  /** Targets of volumes without a source. */
  readonly anonymousVolumes: readonly string[];
  readonly mounts: readonly Mount[];
  readonly network: string | undefined;
  readonly extraHosts: readonly string[];
  readonly devices: readonly Device[];
  readonly addedCapabilities: readonly string[];
  readonly droppedCapabilities: readonly string[];
  /** Bytes. */
  readonly memory: number | undefined;
  /** Billionths of a processor. */
  readonly nanoProcessors: number | undefined;
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly sharedMemory: number | undefined;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly securityOptions: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly workingFolder: string | undefined;
  readonly user: string | undefined;
  readonly hostname: string | undefined;
  readonly platform: string | undefined;
  readonly cpuSet: string | undefined;
  readonly pidMode: string | undefined;
  readonly ipcMode: string | undefined;
  readonly init: boolean | undefined;
  /** Asked for with `--name`. */
  readonly containerName: string | undefined;
}

export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source: string | undefined;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface Device {
  readonly host: string;
  readonly container: string;
  readonly permissions: string;
}

export type DockerOptionsResult =
  | { readonly ok: true; readonly options: RunOptions }
  | { readonly ok: false; readonly problem: BuildProblem };

type Draft = { -readonly [Key in keyof RunOptions]: Writable<RunOptions[Key]> };
type Writable<Value> = Value extends readonly (infer Element)[] ? Element[] : Value;

/** Takes the value of an option into the draft. Returns a complaint about it, or undefined. */
type Take = (draft: Draft, value: string, context: ParseContext) => string | undefined;

export interface ParseContext {
  /** For `-e NAME` without a value. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute folder against which `-v ./x:/y` is resolved. */
  readonly folder: string;
  /** What the options come from, for messages: `PIGEN_DOCKER_OPTS`. */
  readonly source: string;
}

export const noRunOptions: RunOptions = emptyDraft();

/**
 * Reads options of `docker run`, as PIGEN_DOCKER_OPTS holds them. An option that is not known is a problem that names it.
 *
 * @param given one text, in which quotes are as in bash; or words
 */
export function parseDockerOptions(
  given: string | readonly string[],
  context: ParseContext,
): DockerOptionsResult {
  const split = typeof given === 'string' ? shellWords(given) : { ok: true as const, words: given };
  if (!split.ok) return failed(context, split.message);
  const draft = emptyDraft();
  const { words } = split;
  for (let at = 0; at < words.length; at++) {
    // `at` is below the length
    const word = words[at] ?? '';
    const parsed = splitWord(word);
    // Not told: it may be the second half of a password.
    if (parsed === undefined) return failed(context, notAnOption(words[at - 1]));
    if (withoutValue.has(parsed.name) && parsed.value === undefined) continue;
    if (parsed.name === '--init') {
      draft.init = parsed.value !== 'false';
      continue;
    }
    const take = takers.get(parsed.name);
    if (take === undefined) return failed(context, `the option ${parsed.name} is not supported`);
    const value = parsed.value ?? words[++at];
    if (value === undefined) return failed(context, `the option ${parsed.name} lacks its value`);
    const complaint = take(draft, value, context);
    if (complaint !== undefined) return failed(context, `${parsed.name}: ${complaint}`);
  }
  return { ok: true, options: draft };
}

function notAnOption(before: string | undefined): string {
  if (before === undefined) return 'its first word is no option';
  const shown = before.startsWith('-')
    ? `${before.replace(/=.*/s, '=…')} and its value`
    : 'the value of an option';
  return `behind ${shown} stands a word that is no option (a value with a space in it needs quotes)`;
}

/** Whether an option, as written, wants a value: after `=` or as its next word. */
export function takesValue(option: string): boolean {
  return !withoutValue.has(option) && option !== '--init';
}

/** Puts several options together: lists add up, of single values the last one given wins, as for `docker run`. */
export function mergeRunOptions(all: readonly RunOptions[]): RunOptions {
  const merged = emptyDraft();
  for (const options of all) {
    for (const [name, value] of Object.entries(options) as [keyof RunOptions, unknown][]) {
      const held: unknown = merged[name];
      const together =
        Array.isArray(held) && Array.isArray(value)
          ? [...(held as unknown[]), ...(value as unknown[])]
          : isRecord(held) && isRecord(value)
            ? { ...held, ...value }
            : (value ?? held);
      Object.assign(merged, { [name]: together });
    }
  }
  return merged;
}

const units: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
]);

/** What changes nothing here: the container is privileged, has no terminal, and is removed anyway. */
const withoutValue = new Set([
  '--rm',
  '--privileged',
  '-i',
  '--interactive',
  '-t',
  '--tty',
  '-it',
  '-ti',
  '-d',
  '--detach',
]);

const takers: ReadonlyMap<string, Take> = new Map<string, Take>([
  ...named(['-e', '--env'], takeEnvironment),
  ...named(['-v', '--volume'], takeVolume),
  ...named(['--mount'], takeMount),
  ...named(['--network', '--net'], single('network')),
  ...named(['--add-host'], takeHost),
  ...named(['--device'], takeDevice),
  ...named(['--cap-add'], several('addedCapabilities')),
  ...named(['--cap-drop'], several('droppedCapabilities')),
  ...named(['-m', '--memory'], size('memory')),
  ...named(['--shm-size'], size('sharedMemory')),
  ...named(['--cpus'], takeProcessors),
  ...named(['--cpuset-cpus'], single('cpuSet')),
  ...named(['--dns'], several('dns')),
  ...named(['--dns-search'], several('dnsSearch')),
  ...named(['--tmpfs'], pair('tmpfs', ':')),
  ...named(['-l', '--label'], pair('labels', '=')),
  ...named(['--sysctl'], pair('sysctls', '=')),
  ...named(['--ulimit'], takeUlimit),
  ...named(['--security-opt'], several('securityOptions')),
  ...named(['-w', '--workdir'], single('workingFolder')),
  ...named(['-u', '--user'], single('user')),
  ...named(['-h', '--hostname'], single('hostname')),
  ...named(['--platform'], single('platform')),
  ...named(['--pid'], single('pidMode')),
  ...named(['--ipc'], single('ipcMode')),
  ...named(['--name'], single('containerName')),
]);

function named(names: readonly string[], take: Take): [string, Take][] {
  return names.map((name) => [name, take]);
}

/** The last one given wins. */
function single(
  key:
    | 'network'
    | 'cpuSet'
    | 'workingFolder'
    | 'user'
    | 'hostname'
    | 'platform'
    | 'pidMode'
    | 'ipcMode'
    | 'containerName',
): Take {
  return (draft, value) => {
    draft[key] = value;
    return undefined;
  };
}

function several(
  key: 'addedCapabilities' | 'droppedCapabilities' | 'dns' | 'dnsSearch' | 'securityOptions',
): Take {
  return (draft, value) => {
    draft[key].push(value);
    return undefined;
  };
}

/** `NAME=VALUE`, `PATH:OPTIONS`. */
function pair(key: 'tmpfs' | 'labels' | 'sysctls', separator: string): Take {
  return (draft, text) => {
    const [name = '', ...value] = text.split(separator);
    draft[key] = { ...draft[key], [name]: value.join(separator) };
    return undefined;
  };
}

function size(key: 'memory' | 'sharedMemory'): Take {
  return (draft, value) => {
    const match = /^(\d+(?:\.\d+)?)\s*([bkmg]?)b?$/i.exec(value);
    const unit = units.get((match?.[2] ?? '').toLowerCase());
    if (match === null || unit === undefined) return `"${value}" is no size (as in 512m, 2g)`;
    draft[key] = Math.round(Number(match[1]) * unit);
    return undefined;
  };
}

/** `--name=value`, `--name value`, `-e value`, `-evalue`. */
function splitWord(word: string): { name: string; value: string | undefined } | undefined {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    return equals < 0
      ? { name: word, value: undefined }
      : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  }
  if (!/^-[a-zA-Z]/.test(word)) return undefined;
  if (word.length === 2 || withoutValue.has(word)) return { name: word, value: undefined };
  return { name: word.slice(0, 2), value: word.slice(2).replace(/^=/, '') };
}

function takeEnvironment(draft: Draft, value: string, context: ParseContext): string | undefined {
  if (!value.includes('=')) {
    const inherited = context.environment[value];
    // docker drops a variable that the caller has not.
    if (inherited === undefined) return undefined;
    draft.environment.push(`${value}=${inherited}`);
    return undefined;
  }
  if (value.startsWith('=')) return 'the variable has no name';
  draft.environment.push(value);
  return undefined;
}

function takeVolume(draft: Draft, value: string, context: ParseContext): string | undefined {
  // A Windows drive letter has a colon of its own.
  const drive = /^[A-Za-z]:[\\/]/.test(value) ? value.slice(0, 2) : '';
  const rest = value.slice(drive.length);
  if (!rest.includes(':')) {
    draft.anonymousVolumes.push(value);
    return undefined;
  }
  const [source = '', target = ''] = rest.split(':');
  if (target === '') return `"${value}" names no place in the container`;
  const absolute = /^\.{1,2}(\/|$)/.test(source) ? `${context.folder}/${source}` : drive + source;
  draft.binds.push(absolute + rest.slice(source.length));
  return undefined;
}

function takeMount(draft: Draft, value: string): string | undefined {
  const parts = new Map(
    value.split(',').map((part): [string, string] => {
      const [name = '', ...rest] = part.split('=');
      return [name.trim(), rest.length === 0 ? 'true' : rest.join('=')];
    }),
  );
  const type = parts.get('type') ?? 'volume';
  if (type !== 'bind' && type !== 'volume' && type !== 'tmpfs') return `the type ${type} is not supported`;
  const target = parts.get('target') ?? parts.get('destination') ?? parts.get('dst');
  if (target === undefined) return `"${value}" names no target`;
  const readOnly = parts.get('readonly') ?? parts.get('ro');
  draft.mounts.push({
    type,
    source: parts.get('source') ?? parts.get('src'),
    target,
    readOnly: readOnly === 'true' || readOnly === '1',
  });
  return undefined;
}

function takeDevice(draft: Draft, value: string): string | undefined {
  const [host = '', second, third] = value.split(':');
  if (host === '') return `"${value}" names no device`;
  const onlyPermissions = third === undefined && second !== undefined && /^[rwm]+$/.test(second);
  draft.devices.push({
    host,
    container: onlyPermissions ? host : (second ?? host),
    permissions: (onlyPermissions ? second : third) ?? 'rwm',
  });
  return undefined;
}

function takeHost(draft: Draft, value: string): string | undefined {
  // `name=address` is the newer spelling; the API knows `name:address`.
  const text = value.includes('=') ? value.replace('=', ':') : value;
  if (!/^[^:]+:.+$/.test(text)) return `"${value}" is not NAME:ADDRESS`;
  draft.extraHosts.push(text);
  return undefined;
}

function takeProcessors(draft: Draft, value: string): string | undefined {
  const number = Number(value);
  if (!(number > 0)) return `"${value}" is no number of processors`;
  draft.nanoProcessors = Math.round(number * 1e9);
  return undefined;
}

function takeUlimit(draft: Draft, value: string): string | undefined {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(value);
  if (match === null) return `"${value}" is not NAME=SOFT[:HARD]`;
  const [, name = '', soft = '', hard = soft] = match;
  draft.ulimits.push({ name, soft: Number(soft), hard: Number(hard) });
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function failed(context: ParseContext, what: string): DockerOptionsResult {
  return {
    ok: false,
    problem: {
      kind: 'docker-options',
      message: `${context.source} cannot be used: ${what}.`,
      wayOut: `Correct it, or leave it out and use the settings \`pi-gen.docker.*\` instead.`,
    },
  };
}

function emptyDraft(): Draft {
  return {
    environment: [],
    binds: [],
    anonymousVolumes: [],
    mounts: [],
    network: undefined,
    extraHosts: [],
    devices: [],
    addedCapabilities: [],
    droppedCapabilities: [],
    memory: undefined,
    nanoProcessors: undefined,
    dns: [],
    dnsSearch: [],
    tmpfs: {},
    labels: {},
    sharedMemory: undefined,
    ulimits: [],
    securityOptions: [],
    sysctls: {},
    workingFolder: undefined,
    user: undefined,
    hostname: undefined,
    platform: undefined,
    cpuSet: undefined,
    pidMode: undefined,
    ipcMode: undefined,
    init: undefined,
    containerName: undefined,
  };
}
