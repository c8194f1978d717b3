import { createHash } from 'node:crypto';
import type { FileSystem } from '../../pigen/files/file-system';
import { joinPath } from '../../pigen/files/path';
import type { BuildProblem } from '../build-problem';
import type { SshAddress } from './ssh-connection';

/** What says where the engine is, the strongest first. */
export type EndpointSource = 'setting' | 'DOCKER_HOST' | 'context' | 'default';

export interface TlsFiles {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** False where the user told Docker to trust any certificate. */
  readonly verify: boolean;
}

export type EngineAddress =
  /** A Unix socket or a Windows pipe. */
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls: TlsFiles | undefined;
    }
  | ({ readonly kind: 'ssh' } & SshAddress);

export interface EngineEndpoint {
  readonly source: EndpointSource;
  /** As the user would write it in DOCKER_HOST, without credentials. */
  readonly label: string;
  readonly address: EngineAddress;
}

export interface EndpointRequest {
  /** The setting `pi-gen.docker.engine`: a host as in DOCKER_HOST, a socket's path, or a context's name. Empty: not set. */
  readonly setting: string;
  /** What the user knows that by, for messages, where it is not the setting: an option of a command. */
  readonly settingName?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Absolute, with `/`. */
  readonly homeFolder: string;
  readonly fileSystem: FileSystem;
}

export type EndpointResult =
  | { readonly ok: true; readonly endpoint: EngineEndpoint }
  | { readonly ok: false; readonly problem: BuildProblem };

/** What names an engine, and what the user knows that by. */
interface Naming {
  readonly source: EndpointSource;
  readonly name: string;
}

const byHost: Naming = { source: 'DOCKER_HOST', name: 'DOCKER_HOST' };

/**
 * Finds the engine as the docker command would: setting, DOCKER_HOST, DOCKER_CONTEXT, the current context of its
 * configuration, then the places where engines usually listen. Nothing is connected to; never rejects.
 */
export async function resolveEngineEndpoint(request: EndpointRequest): Promise<EndpointResult> {
  const { environment, setting, settingName = 'The setting `pi-gen.docker.engine`' } = request;
  if (setting !== '') {
    const naming = { source: 'setting', name: settingName } as const;
    return looksLikeHost(setting) ? ofHost(request, setting, naming) : ofContext(request, setting, naming);
  }
  const host = environment['DOCKER_HOST'] ?? '';
  // Before DOCKER_CONTEXT: what the docker command does (resolveContextName), and not what its manual says.
  if (host !== '') return ofHost(request, host, byHost);
  const given = environment['DOCKER_CONTEXT'] ?? '';
  const context = given || (await currentContext(request));
  const name = given === '' ? "The docker command's configuration" : 'DOCKER_CONTEXT';
  if (context !== '' && context !== 'default')
    return ofContext(request, context, { source: 'context', name });
  return { ok: true, endpoint: await usualEndpoint(request) };
}

const windowsPipe = '//./pipe/docker_engine';
const defaultSocket = '/var/run/docker.sock';

async function usualEndpoint(request: EndpointRequest): Promise<EngineEndpoint> {
  if (request.platform === 'win32') return socketEndpoint(windowsPipe, 'default');
  const runtime = request.environment['XDG_RUNTIME_DIR'];
  const places = [
    defaultSocket,
    joinPath(request.homeFolder, '.docker/run/docker.sock'),
    // Last, because it is a rootless engine's, which cannot build with pi-gen.
    ...(runtime === undefined || runtime === '' ? [] : [joinPath(runtime, 'docker.sock')]),
  ];
  for (const path of places) {
    if ((await request.fileSystem.stat(path)) !== undefined) return socketEndpoint(path, 'default');
  }
  return socketEndpoint(defaultSocket, 'default');
}

function socketEndpoint(path: string, source: EndpointSource): EngineEndpoint {
  const scheme = path.startsWith('//./pipe/') ? 'npipe' : 'unix';
  return { source, label: `${scheme}://${path}`, address: { kind: 'socket', path } };
}

function looksLikeHost(text: string): boolean {
  return text.includes('/') || text.includes('\\') || /:\d+$/.test(text);
}

async function ofHost(request: EndpointRequest, text: string, naming: Naming): Promise<EndpointResult> {
  const { environment } = request;
  const folder = environment['DOCKER_CERT_PATH'];
  const asksForTls =
    (environment['DOCKER_TLS_VERIFY'] ?? '') !== '' || (environment['DOCKER_TLS'] ?? '') !== '';
  const tls = asksForTls
    ? await tlsFiles(
        request,
        folder === undefined || folder === '' ? configFolder(request) : withSlashes(folder),
        (environment['DOCKER_TLS_VERIFY'] ?? '') !== '',
      )
    : undefined;
  return parseHost(text, naming, tls);
}

/** Reads a host as DOCKER_HOST and contexts write it. */
function parseHost(text: string, naming: Naming, tls: TlsFiles | undefined): EndpointResult {
  const { source } = naming;
  if (text.startsWith('\\\\.\\pipe\\'))
    return { ok: true, endpoint: socketEndpoint(withSlashes(text), source) };
  if (text.startsWith('/')) return { ok: true, endpoint: socketEndpoint(text, source) };
  if (text.startsWith('unix://')) {
    return { ok: true, endpoint: socketEndpoint(text.slice('unix://'.length) || defaultSocket, source) };
  }
  if (text.startsWith('npipe://')) {
    return {
      ok: true,
      endpoint: socketEndpoint(withSlashes(text.slice('npipe://'.length)) || windowsPipe, source),
    };
  }
  const url = parseUrl(text.includes('://') ? text : `tcp://${text}`);
  if (url === undefined || url.hostname === '') return badHost(text, naming);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  switch (url.protocol) {
    case 'ssh:':
      return sshHost(url, text, naming);
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const secure = tls ?? (url.protocol === 'https:' ? plainTls : undefined);
      const port = url.port === '' ? (secure === undefined ? 2375 : 2376) : Number(url.port);
      return {
        ok: true,
        endpoint: {
          source,
          label: `tcp://${url.hostname}:${port}`,
          address: { kind: 'tcp', host, port, tls: secure },
        },
      };
    }
    default:
      return badHost(text, naming);
  }
}

const plainTls: TlsFiles = { ca: undefined, certificate: undefined, key: undefined, verify: true };

function parseUrl(text: string): URL | undefined {
  // WHATWG URLs know no host for schemes that are not special, unless the authority is plain: tcp://host:port is.
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** `ssh://user@host:port/path/of/socket`. What `ssh` could take for an option is refused. */
function sshHost(url: URL, text: string, naming: Naming): EndpointResult {
  const { hostname, port, pathname } = url;
  const user = url.username === '' ? undefined : decodeURIComponent(url.username);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const plain = /^\w[\w.:%-]*$/.test(host) && (user === undefined || /^\w[\w.@\\-]*$/.test(user));
  const socket = pathname === '' || pathname === '/' ? undefined : pathname;
  // The other machine's shell reads the command.
  if (!plain || url.password !== '' || (socket !== undefined && !/^\/[\w./-]+$/.test(socket))) {
    return badHost(text, naming);
  }
  const label = `ssh://${user === undefined ? '' : `${user}@`}${hostname}${port === '' ? '' : `:${port}`}`;
  const address = { kind: 'ssh', user, host, port: port === '' ? undefined : Number(port), socket } as const;
  return { ok: true, endpoint: { source: naming.source, label: label + (socket ?? ''), address } };
}

function badHost(text: string, { name }: Naming): EndpointResult {
  // A host may hold a password before its @.
  const shown = text.replace(/\/\/[^/@]*@/, '//…@');
  return {
    ok: false,
    problem: {
      kind: 'bad-endpoint',
      message: `${name} names the engine as "${shown}", which is no address of a Docker engine.`,
      wayOut: 'Write it as unix:///path, tcp://host:port, ssh://user@host or npipe:////./pipe/name.',
    },
  };
}

function configFolder(request: EndpointRequest): string {
  const own = request.environment['DOCKER_CONFIG'];
  return own === undefined || own === '' ? joinPath(request.homeFolder, '.docker') : withSlashes(own);
}

async function currentContext(request: EndpointRequest): Promise<string> {
  const config = await readJson(request, joinPath(configFolder(request), 'config.json'));
  const name = config?.['currentContext'];
  return typeof name === 'string' ? name : '';
}

async function ofContext(request: EndpointRequest, name: string, naming: Naming): Promise<EndpointResult> {
  if (name === 'default') {
    // The context of that name is whatever DOCKER_HOST says.
    const given = request.environment['DOCKER_HOST'] ?? '';
    if (given !== '') return ofHost(request, given, byHost);
    return { ok: true, endpoint: await usualEndpoint(request) };
  }
  // The docker command keeps a context in a folder named by the hash of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = joinPath(configFolder(request), 'contexts');
  const meta = await readJson(request, `${contexts}/meta/${id}/meta.json`);
  const docker = objectIn(objectIn(meta, 'Endpoints'), 'docker');
  const host = docker?.['Host'];
  if (docker === undefined || typeof host !== 'string' || host === '') {
    return {
      ok: false,
      problem: {
        kind: 'bad-endpoint',
        message: `${naming.name} names the Docker context "${name}", which is not known on this machine, or names no engine.`,
        wayOut:
          naming.source === 'setting'
            ? 'Name one of the contexts that `docker context ls` lists, or an address: unix:///path, tcp://host:port, ssh://user@host or npipe:////./pipe/name.'
            : 'List the contexts with `docker context ls` and choose one with `docker context use`.',
      },
    };
  }
  const folder = `${contexts}/tls/${id}/docker`;
  const verify = docker['SkipTLSVerify'] !== true;
  // TLS without certificates of one's own is asked for by SkipTLSVerify alone.
  const secured = !verify || (await request.fileSystem.stat(folder)) !== undefined;
  const inside = { source: naming.source, name: `The Docker context "${name}"` };
  return parseHost(host, inside, secured ? await tlsFiles(request, folder, verify) : undefined);
}

/** The names of the Docker contexts of this machine but for `default`, in order. Never rejects: what cannot be read is left out. */
export async function contextNames(request: EndpointRequest): Promise<readonly string[]> {
  const folder = joinPath(configFolder(request), 'contexts/meta');
  const entries = await request.fileSystem.readFolder(folder).catch(() => []);
  const metas = await Promise.all(
    entries.map(({ name }) => readJson(request, joinPath(folder, `${name}/meta.json`))),
  );
  return metas
    .map((meta) => meta?.['Name'])
    .filter((name) => typeof name === 'string')
    .sort();
}

async function tlsFiles(request: EndpointRequest, folder: string, verify: boolean): Promise<TlsFiles> {
  const [ca, certificate, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readText(request, joinPath(folder, name))),
  );
  return { ca, certificate, key, verify };
}

async function readText(request: EndpointRequest, path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await request.fileSystem.readFile(path));
  } catch {
    return undefined;
  }
}

async function readJson(
  request: EndpointRequest,
  path: string,
): Promise<Record<string, unknown> | undefined> {
  const text = await readText(request, path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function objectIn(
  outer: Record<string, unknown> | undefined,
  name: string,
): Record<string, unknown> | undefined {
  const value = outer?.[name];
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
