import type { BuildProblem } from '../build-problem';
import { emptyRunOptions } from './run-options';
import type { RunOptions, RunOptionsDraft } from './run-options';
import { shellWords } from './shell-words';

export type DockerOptionsResult =
  | { readonly ok: true; readonly options: RunOptions }
  | { readonly ok: false; readonly problem: BuildProblem };

/** Takes the value of an option into the draft. Returns a complaint about it, or undefined. */
type Take = (draft: RunOptionsDraft, value: string, context: ParseContext) => string | undefined;

export interface ParseContext {
  /** For `-e NAME` without a value. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute folder against which `-v ./x:/y` is resolved. */
  readonly folder: string;
  /** What the options come from, for messages: `PIGEN_DOCKER_OPTS`. */
  readonly source: string;
}

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
  const draft = emptyRunOptions();
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

function takeEnvironment(draft: RunOptionsDraft, value: string, context: ParseContext): string | undefined {
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

function takeVolume(draft: RunOptionsDraft, value: string, context: ParseContext): string | undefined {
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

function takeMount(draft: RunOptionsDraft, value: string): string | undefined {
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

function takeDevice(draft: RunOptionsDraft, value: string): string | undefined {
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

function takeHost(draft: RunOptionsDraft, value: string): string | undefined {
  // `name=address` is the newer spelling; the API knows `name:address`.
  const text = value.includes('=') ? value.replace('=', ':') : value;
  if (!/^[^:]+:.+$/.test(text)) return `"${value}" is not NAME:ADDRESS`;
  draft.extraHosts.push(text);
  return undefined;
}

function takeProcessors(draft: RunOptionsDraft, value: string): string | undefined {
  const number = Number(value);
  if (!(number > 0)) return `"${value}" is no number of processors`;
  draft.nanoProcessors = Math.round(number * 1e9);
  return undefined;
}

function takeUlimit(draft: RunOptionsDraft, value: string): string | undefined {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(value);
  if (match === null) return `"${value}" is not NAME=SOFT[:HARD]`;
  const [, name = '', soft = '', hard = soft] = match;
  draft.ulimits.push({ name, soft: Number(soft), hard: Number(hard) });
  return undefined;
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
