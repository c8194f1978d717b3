import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import type Docker from 'dockerode';
import { BuildProblemError } from './build-problem';
import type { Mount, RunOptions } from './docker-options';
import type { EngineAddress, EngineEndpoint } from './engine-endpoint';
import { problemOfError } from './engine-errors';
import type { EngineAction } from './engine-errors';
import { jsonLines } from './json-lines';
import { SshAgent } from './ssh-connection';

export interface EngineInfo {
  /** As `uname -m` says it on the engine's machine: `x86_64`, `aarch64`, `armv7l`. */
  readonly machine: string;
  readonly version: string;
  readonly rootless: boolean;
}

export interface ImageRequest {
  readonly tag: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly network: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** One message of an image build. */
export type ImageProgress =
  | { readonly kind: 'output'; readonly text: string }
  /** The state of a download. */
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'image'; readonly id: string }
  | { readonly kind: 'error'; readonly message: string };

export interface ImageInfo {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ContainerRequest {
  readonly name: string;
  /** Id or tag. */
  readonly image: string;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly options: RunOptions;
}

export interface ContainerState {
  readonly running: boolean;
  readonly exitCode: number;
  /** The kernel ended a process of the container for lack of memory. */
  readonly outOfMemory: boolean;
}

/** What a container was made with. */
export interface ContainerDetails {
  /** Id. */
  readonly image: string;
  readonly command: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  readonly network: string;
}

/** A container that looks at what others hold. */
export interface HelperRequest {
  /** Id or tag. */
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Containers, by name or id, whose volumes it shares. */
  readonly volumesFrom: readonly string[];
  readonly readOnly: boolean;
  readonly mounts: RunOptions['mounts'];
  /** `none`, `host`, or whatever another container has. */
  readonly network: string;
  /** For mounts, and for a chroot. */
  readonly privileged: boolean;
  readonly terminal: boolean;
  /** Copied in before it starts, one after the other: archives that are unpacked at its root. */
  readonly archives: readonly (() => Promise<Readable | undefined>)[];
}

/** A helper that runs. It ends, and the engine removes it, as soon as its input is closed: even where this process dies. */
export interface Helper {
  readonly id: string;
  /** Writes to its input, reads its output: multiplexed, or as it is where the helper has a terminal. */
  readonly stream: Duplex;
  resize(columns: number, rows: number): Promise<void>;
  /** Resolves with its exit status when it has ended and is gone. */
  ended(): Promise<number>;
  /** Ends and removes it. */
  close(): Promise<void>;
}

/** A container as the engine's list tells it. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The engine's word: `created`, `running`, `exited`, `dead`, … */
  readonly state: string;
}

/**
 * What a build asks of a Docker engine. Every method rejects with a BuildProblemError, or with what `signal` was aborted
 * with. Streams that are given out must be read to their end or destroyed.
 */
export interface Engine {
  /** How the user knows it. */
  readonly label: string;
  info(signal?: AbortSignal): Promise<EngineInfo>;
  /** Reads `context` to its end. A failed build is a last message of kind `error`, not a rejection. */
  buildImage(context: Readable, request: ImageRequest, signal: AbortSignal): AsyncGenerator<ImageProgress>;
  /** Undefined where there is none of that name or id. */
  findImage(name: string): Promise<ImageInfo | undefined>;
  /** Makes a named volume where there is none. Gives whether it was made now. */
  ensureVolume(name: string, labels: Readonly<Record<string, string>>): Promise<boolean>;
  /** One that is gone is no error. */
  removeVolume(name: string): Promise<void>;
  /** Gives the id. Takes no signal: a request that is given up half-way would leave a container behind. */
  createContainer(request: ContainerRequest): Promise<string>;
  putArchive(id: string, folder: string, archive: Readable, signal: AbortSignal): Promise<void>;
  /** The multiplexed output from now on. */
  attach(id: string): Promise<Readable>;
  start(id: string): Promise<void>;
  /** The multiplexed output from the beginning, and on until the container ends. */
  logs(id: string): Promise<Readable>;
  inspect(id: string): Promise<ContainerState>;
  /** All containers, running or not, that carry every one of the labels: `name=value`. */
  containers(labels: readonly string[]): Promise<readonly ListedContainer[]>;
  /** The environment that the container was made with: `NAME=value`. */
  environment(id: string): Promise<readonly string[]>;
  /** Undefined where there is none of that name or id. */
  details(id: string): Promise<ContainerDetails | undefined>;
  openHelper(request: HelperRequest, signal: AbortSignal): Promise<Helper>;
  /** Resolves when the container has ended. */
  wait(id: string): Promise<void>;
  /** Starts a command in the running container, and does not wait for it. */
  execute(id: string, command: readonly string[]): Promise<void>;
  /** Whether there is a file or folder of that path. */
  hasPath(id: string, path: string): Promise<boolean>;
  /**
   * A file or folder as tar; undefined where there is none. As long as it is not read to its end or destroyed, the engine
   * answers no other question about the container.
   */
  getArchive(id: string, path: string, signal: AbortSignal): Promise<Readable | undefined>;
  /** Ends and removes a container with its anonymous volumes. One that is gone is no error. */
  remove(id: string): Promise<void>;
}

/** Milliseconds that an engine has to say who it is. */
const patience = 15_000;

/** Loads the client library, which takes a while, and connects to nothing yet. Rejects with a BuildProblemError. */
export async function openEngine(endpoint: EngineEndpoint): Promise<Engine> {
  return new DockerEngine(endpoint.label, await openClient(endpoint));
}

/** The client library's own object, for src/build/ alone. Rejects as openEngine() does. */
export async function openClient(endpoint: EngineEndpoint): Promise<Docker> {
  const { default: Client } = await import('dockerode');
  try {
    return new Client(clientOptions(endpoint.address));
  } catch (error) {
    // docker-modem reads DOCKER_HOST and DOCKER_CERT_PATH itself, and throws where it cannot.
    throw asProblem(error, 'connect', endpoint.label);
  }
}

function clientOptions(address: EngineAddress): Docker.DockerOptions {
  // Undefined on purpose: docker-modem would fill in from DOCKER_HOST what is not named here.
  const unset = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined };
  switch (address.kind) {
    case 'socket':
      return options({
        ...unset,
        socketPath: address.path,
        protocol: 'http',
        agent: new HttpAgent({ keepAlive: false }),
      });
    case 'ssh':
      return options({
        ...unset,
        socketPath: undefined,
        // Nothing is looked up by it: the agent is the way there.
        host: 'localhost',
        pathPrefix: '/',
        protocol: 'http',
        agent: new SshAgent(address),
      });
    case 'tcp': {
      const { tls } = address;
      const place = {
        ...unset,
        socketPath: undefined,
        host: address.host,
        port: address.port,
        pathPrefix: '/',
      };
      if (tls === undefined) {
        return options({ ...place, protocol: 'http', agent: new HttpAgent({ keepAlive: false }) });
      }
      const material = { ca: tls.ca, cert: tls.certificate, key: tls.key };
      const agent = new HttpsAgent({ keepAlive: false, ...material, rejectUnauthorized: tls.verify });
      return options({ ...place, protocol: 'https', agent });
    }
  }
}

/** The types know no undefined values, which docker-modem takes as "not this". */
function options(values: object): Docker.DockerOptions {
  return values;
}

class DockerEngine implements Engine {
  constructor(
    readonly label: string,
    private readonly client: Docker,
  ) {}

  /** Names of the containers made here, for messages. */
  readonly #names = new Map<string, string>();

  async info(signal?: AbortSignal): Promise<EngineInfo> {
    const limit = AbortSignal.timeout(patience);
    const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const info = await this.#call('connect', async () => {
      try {
        return await abortable(infoOf(this.client), both);
      } catch (error) {
        if (!limit.aborted) throw error;
        throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
      }
    });
    const security = Array.isArray(info['SecurityOptions']) ? info['SecurityOptions'].map(String) : [];
    return {
      machine: String(info['Architecture']),
      version: String(info['ServerVersion']),
      rootless: security.some((option) => option.includes('name=rootless')),
    };
  }

  async *buildImage(
    context: Readable,
    request: ImageRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ImageProgress> {
    const stream = await this.#call('build-image', async () =>
      readable(
        await this.client.buildImage(context, {
          t: request.tag,
          buildargs: { ...request.buildArguments },
          labels: { ...request.labels },
          // Intermediate containers go even where the build fails or is given up.
          rm: true,
          forcerm: true,
          ...(request.network === undefined ? {} : { networkmode: request.network }),
          abortSignal: signal,
        }),
      ),
    );
    try {
      for await (const message of jsonLines(stream as AsyncIterable<Uint8Array>)) {
        const progress = progressOf(message);
        if (progress !== undefined) yield progress;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw asProblem(error, 'build-image', this.label);
    } finally {
      stream.destroy();
    }
  }

  async findImage(name: string): Promise<ImageInfo | undefined> {
    return this.#call('create', async () => {
      try {
        const { Id: id, Config: config } = await this.client.getImage(name).inspect();
        // The types know no image without labels.
        const labels = config.Labels as Record<string, string> | null;
        return { id, labels: labels ?? {} };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async ensureVolume(name: string, labels: Readonly<Record<string, string>>): Promise<boolean> {
    return this.#call('create', async () => {
      try {
        await this.client.getVolume(name).inspect();
        return false;
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
      }
      await this.client.createVolume({ Name: name, Labels: { ...labels } });
      return true;
    });
  }

  async removeVolume(name: string): Promise<void> {
    await this.#call('remove', async () => {
      try {
        await this.client.getVolume(name).remove();
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
      }
    });
  }

  async createContainer(request: ContainerRequest): Promise<string> {
    const container = await this.#call(
      'create',
      () => this.client.createContainer(createOptions(request)),
      request.name,
    );
    this.#names.set(container.id, request.name);
    return container.id;
  }

  async putArchive(id: string, folder: string, archive: Readable, signal: AbortSignal): Promise<void> {
    const asked = { path: folder, abortSignal: signal };
    await this.#callFor(id, 'copy-in', (container) => container.putArchive(archive, asked));
  }

  async attach(id: string): Promise<Readable> {
    const asked = { stream: true, stdout: true, stderr: true };
    return readable(await this.#callFor(id, 'follow', (container) => container.attach(asked)));
  }

  async start(id: string): Promise<void> {
    await this.#callFor(id, 'start', (container) => container.start());
  }

  async logs(id: string): Promise<Readable> {
    const asked = { follow: true, stdout: true, stderr: true } as const;
    return readable(await this.#callFor(id, 'follow', (container) => container.logs(asked)));
  }

  async inspect(id: string): Promise<ContainerState> {
    const { State: state } = await this.#callFor(id, 'follow', (container) => container.inspect());
    return { running: state.Running, exitCode: state.ExitCode, outOfMemory: state.OOMKilled };
  }

  async containers(labels: readonly string[]): Promise<readonly ListedContainer[]> {
    const filters = { label: [...labels] };
    const listed = await this.#call('follow', () => this.client.listContainers({ all: true, filters }));
    return listed.map(({ Id, Names, Labels, State }) => {
      const name = Names[0]?.replace(/^\//, '') ?? Id;
      this.#names.set(Id, name);
      return { id: Id, name, labels: Labels, state: State };
    });
  }

  async environment(id: string): Promise<readonly string[]> {
    const { Config: config } = await this.#callFor(id, 'follow', (container) => container.inspect());
    return config.Env;
  }

  async details(id: string): Promise<ContainerDetails | undefined> {
    return this.#call('follow', async () => {
      try {
        const {
          Image: image,
          Config: config,
          HostConfig: host,
        } = await this.client.getContainer(id).inspect();
        // The types know no container without a command or an environment.
        const { Cmd, Env } = config as { readonly Cmd: string[] | null; readonly Env: string[] | null };
        return { image, command: Cmd ?? [], environment: Env ?? [], network: host.NetworkMode ?? 'default' };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async openHelper(request: HelperRequest, signal: AbortSignal): Promise<Helper> {
    if (!request.terminal) return this.#openHelper(request, signal);
    // The engine closes the input of a container when its client goes, but not that of one with a terminal. So it lives in
    // the process namespace of another one: when that ends, the kernel ends all in it.
    const guard = await this.#openHelper(
      {
        ...request,
        command: ['cat'],
        network: 'none',
        privileged: false,
        terminal: false,
        volumesFrom: [],
        mounts: [],
        archives: [],
      },
      signal,
    );
    try {
      const helper = await this.#openHelper(request, signal, guard.id);
      return {
        ...helper,
        close: async () => {
          await helper.close();
          await guard.close();
        },
      };
    } catch (error) {
      await guard.close();
      throw error;
    }
  }

  async #openHelper(request: HelperRequest, signal: AbortSignal, guard?: string): Promise<Helper> {
    const container = await this.#call('create', () =>
      this.client.createContainer(helperOptions(request, guard)),
    );
    const { id } = container;
    try {
      for (const open of request.archives) {
        const archive = await open();
        if (archive === undefined) continue;
        try {
          await this.putArchive(id, '/', archive, signal);
        } finally {
          archive.destroy();
        }
      }
      signal.throwIfAborted();
      const asked = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
      const stream = await this.#callFor(id, 'follow', () => container.attach(asked));
      // Whoever reads it learns of an error; else it must not end the process.
      stream.on('error', () => undefined);
      // Asked for before it starts: one that has ended is gone at once.
      const status = this.#callFor(id, 'follow', () => container.wait({ condition: 'removed' })) as Promise<{
        StatusCode: number;
      }>;
      status.catch(() => undefined);
      await this.#callFor(id, 'start', () => container.start());
      return {
        id,
        stream: stream as unknown as Duplex,
        resize: async (columns, rows) => {
          await this.#callFor(id, 'follow', () => container.resize({ w: columns, h: rows }));
        },
        ended: async () => (await status).StatusCode,
        close: async () => {
          (stream as unknown as Duplex).destroy();
          await this.remove(id);
          // It may be on its way out by itself already.
          await status.catch(() => undefined);
        },
      };
    } catch (error) {
      await this.remove(id).catch(() => undefined);
      throw error;
    }
  }

  async wait(id: string): Promise<void> {
    await this.#callFor(id, 'follow', (container) => container.wait());
  }

  async execute(id: string, command: readonly string[]): Promise<void> {
    await this.#callFor(id, 'follow', async (container) => {
      const run = await container.exec({ Cmd: [...command] });
      await run.start({ Detach: true });
    });
  }

  async hasPath(id: string, path: string): Promise<boolean> {
    return this.#call('copy-out', async () => {
      try {
        await this.client.getContainer(id).infoArchive({ path });
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
      }
    });
  }

  async getArchive(id: string, path: string, signal: AbortSignal): Promise<Readable | undefined> {
    try {
      const asked = { path, abortSignal: signal };
      return readable(await this.client.getContainer(id).getArchive(asked));
    } catch (error) {
      signal.throwIfAborted();
      if (statusOf(error) === 404) return undefined;
      throw asProblem(error, 'copy-out', this.label);
    }
  }

  async remove(id: string): Promise<void> {
    await this.#callFor(id, 'remove', async (container) => {
      try {
        await container.remove({ force: true, v: true });
      } catch (error) {
        // 404: gone. 409: somebody else is removing it.
        if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
      }
    });
  }

  #callFor<Result>(
    id: string,
    action: EngineAction,
    call: (container: Docker.Container) => Promise<Result>,
  ): Promise<Result> {
    return this.#call(action, () => call(this.client.getContainer(id)), this.#names.get(id));
  }

  async #call<Result>(action: EngineAction, call: () => Promise<Result>, name?: string): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      throw asProblem(error, action, this.label, name);
    }
  }
}

/** An error of the client as the problem that it tells of. */
export function asProblem(
  error: unknown,
  action: EngineAction,
  endpoint: string,
  name?: string,
): BuildProblemError {
  if (error instanceof BuildProblemError) return error;
  const context = { action, endpoint, ...(name === undefined ? {} : { containerName: name }) };
  return new BuildProblemError(problemOfError(error, context), { cause: error });
}

async function infoOf(client: Docker): Promise<Record<string, unknown>> {
  return (await client.info()) as Record<string, unknown>;
}

/** dockerode's types know only the interface of streams; what it gives are Node's own. */
function readable(stream: NodeJS.ReadableStream): Readable {
  return stream as unknown as Readable;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}

/** dockerode's info() takes no signal; its answer is then not waited for. */
async function abortable<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const over = new AbortController();
  const given = new Promise<never>((_resolve, reject) => {
    const giveUp = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([work, given]);
  } finally {
    over.abort();
  }
}

function progressOf(message: Record<string, unknown>): ImageProgress | undefined {
  const text = (name: string) => (typeof message[name] === 'string' ? message[name] : undefined);
  const error = text('error');
  if (error !== undefined) return { kind: 'error', message: error };
  const output = text('stream');
  if (output !== undefined) return { kind: 'output', text: output };
  const status = text('status');
  if (status !== undefined) {
    const id = text('id');
    const progress = text('progress');
    const whole = [id === undefined ? status : `${id}: ${status}`, progress].filter(
      (part) => part !== undefined,
    );
    return { kind: 'status', text: whole.join(' ') };
  }
  const detail = message['aux'];
  if (typeof detail === 'object' && detail !== null && 'ID' in detail && typeof detail.ID === 'string') {
    return { kind: 'image', id: detail.ID };
  }
  return undefined;
}

function helperOptions(request: HelperRequest, guard: string | undefined): Docker.ContainerCreateOptions {
  const { privileged, terminal, readOnly } = request;
  return {
    Image: request.image,
    Entrypoint: [],
    Cmd: [...request.command],
    Env: [...request.environment],
    Labels: { ...request.labels },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: terminal,
    HostConfig: {
      AutoRemove: true,
      Privileged: privileged,
      NetworkMode: request.network,
      ...(guard === undefined ? {} : { PidMode: `container:${guard}` }),
      VolumesFrom: request.volumesFrom.map((name) => (readOnly ? `${name}:ro` : name)),
      Mounts: request.mounts.map(mountOptions),
    },
  };
}

function mountOptions({ type, source, target, readOnly }: Mount): Docker.MountSettings {
  return { Type: type, Source: source ?? '', Target: target, ReadOnly: readOnly };
}

function createOptions(request: ContainerRequest): Docker.ContainerCreateOptions {
  const { options: run } = request;
  return {
    name: request.name,
    ...(run.platform === undefined ? {} : { platform: run.platform }),
    Image: request.image,
    Cmd: [...request.command],
    Env: [...run.environment],
    Labels: { ...run.labels, ...request.labels },
    Volumes: Object.fromEntries(run.anonymousVolumes.map((path) => [path, {}])),
    ...(run.workingFolder === undefined ? {} : { WorkingDir: run.workingFolder }),
    ...(run.user === undefined ? {} : { User: run.user }),
    ...(run.hostname === undefined ? {} : { Hostname: run.hostname }),
    HostConfig: hostOptions(run),
  };
}

function hostOptions(run: RunOptions): Docker.HostConfig {
  return {
    Privileged: true,
    // The engine's own log is what a build is followed by after a lost connection: whole, whatever the engine's default is.
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1t' } },
    Binds: [...run.binds],
    Mounts: run.mounts.map(mountOptions),
    ...(run.network === undefined ? {} : { NetworkMode: run.network }),
    ExtraHosts: [...run.extraHosts],
    Devices: run.devices.map((device) => ({
      PathOnHost: device.host,
      PathInContainer: device.container,
      CgroupPermissions: device.permissions,
    })),
    CapAdd: [...run.addedCapabilities],
    CapDrop: [...run.droppedCapabilities],
    ...(run.memory === undefined ? {} : { Memory: run.memory }),
    ...(run.nanoProcessors === undefined ? {} : { NanoCpus: run.nanoProcessors }),
    ...(run.cpuSet === undefined ? {} : { CpusetCpus: run.cpuSet }),
    Dns: [...run.dns],
    DnsSearch: [...run.dnsSearch],
    Tmpfs: { ...run.tmpfs },
    ...(run.sharedMemory === undefined ? {} : { ShmSize: run.sharedMemory }),
    Ulimits: run.ulimits.map((limit) => ({ Name: limit.name, Soft: limit.soft, Hard: limit.hard })),
    SecurityOpt: [...run.securityOptions],
    Sysctls: { ...run.sysctls },
    ...(run.pidMode === undefined ? {} : { PidMode: run.pidMode }),
    ...(run.ipcMode === undefined ? {} : { IpcMode: run.ipcMode }),
    ...(run.init === undefined ? {} : { Init: run.init }),
  };
}
