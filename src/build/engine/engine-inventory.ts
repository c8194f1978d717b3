import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { demultiplex } from './demultiplexer';
import { asProblem } from './engine-calls';
import { openClient } from './engine-client';
import type { EngineClient } from './engine-client';
import type { EngineEndpoint } from './engine-endpoint';
import type { EngineAction } from './engine-errors';
import { productOf, rightsOf } from './engine-description';
import type { EnginePatience, EngineWatch } from './engine-watch';
import { jsonLines } from './json-lines';
import { purposeLabel } from '../labels';
import type { EngineFacts } from '../preflight/facts';

/** Something of ours on an engine. */
export interface EngineItem {
  readonly kind: 'container' | 'volume' | 'image';
  /** What the engine removes it by. */
  readonly id: string;
  /** What the user knows it by. */
  readonly name: string;
  /** Bytes; undefined where the engine does not tell. */
  readonly bytes: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** A running container, or a volume that one holds. */
  readonly inUse: boolean;
}

/** What an engine is and holds, besides builds. Every method rejects with a BuildProblemError, or what `signal` was aborted with. */
export interface EngineInventory {
  readonly label: string;
  describe(signal?: AbortSignal): Promise<EngineFacts>;
  /** Whether an image is there, by tag or id. */
  hasImage(name: string, signal?: AbortSignal): Promise<boolean>;
  /** Fetches an image from its registry. */
  pull(name: string, signal: AbortSignal): Promise<void>;
  /** Containers, volumes and images that carry our label. */
  items(signal?: AbortSignal): Promise<readonly EngineItem[]>;
  /** One that is gone is no error. For a container see removeContainer(). */
  remove(item: { readonly kind: 'volume' | 'image'; readonly id: string }): Promise<void>;
  /** What a privileged container without a network prints. It is removed, whatever becomes of it. */
  run(request: ProbeRequest, signal: AbortSignal): Promise<string>;
}

export interface ProbeRequest {
  readonly image: string;
  readonly script: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Connects to nothing yet. Rejects with a BuildProblemError.
 */
export async function openInventory(
  endpoint: EngineEndpoint,
  patience?: EnginePatience,
): Promise<EngineInventory> {
  return new DockerInventory(endpoint.label, await openClient(endpoint, patience));
}

/** More than this no probe prints. */
const outputLimit = 256 * 1024;

class DockerInventory implements EngineInventory {
  private readonly client: Docker;
  private readonly watch: EngineWatch;

  constructor(
    readonly label: string,
    { client, watch }: EngineClient,
  ) {
    this.client = client;
    this.watch = watch;
  }

  async describe(signal?: AbortSignal): Promise<EngineFacts> {
    return this.#call('connect', signal, async () => {
      const info = (await this.client.info()) as Readonly<Record<string, unknown>>;
      const text = (name: string): string => (typeof info[name] === 'string' ? info[name] : '');
      return {
        product: productOf(info),
        version: text('ServerVersion'),
        operatingSystem: text('OperatingSystem'),
        machine: machineName(text('Architecture')),
        kernel: text('KernelVersion'),
        ...rightsOf(info),
      };
    });
  }

  async hasImage(name: string, signal?: AbortSignal): Promise<boolean> {
    return this.#call('connect', signal, async () => {
      try {
        await this.client.getImage(name).inspect();
        return true;
      } catch (error) {
        if (isStatus(error, 404)) return false;
        throw error;
      }
    });
  }

  async pull(name: string, signal: AbortSignal): Promise<void> {
    await this.#call('build-image', signal, async () => {
      const stream = (await this.client.pull(name, { abortSignal: signal })) as AsyncIterable<Uint8Array>;
      for await (const message of jsonLines(stream)) {
        if (typeof message['error'] === 'string') throw new Error(message['error']);
      }
    });
  }

  async items(signal?: AbortSignal): Promise<readonly EngineItem[]> {
    return this.#call('connect', signal, async () => {
      const filters = { label: [purposeLabel] };
      // One question for all sizes: they are reckoned by the engine, which takes a while each time. Podman tells no labels there.
      const [usage, containers, { Volumes: volumes }, images] = await Promise.all([
        this.client.df() as Promise<DiskUsage>,
        this.client.listContainers({ all: true }),
        this.client.listVolumes({ filters }),
        this.client.listImages({ filters }),
      ]);
      const listed = { Containers: containers, Volumes: volumes, Images: images } as DiskUsage;
      return itemsOf(withSizes(listed, usage)).filter(({ labels }) => purposeLabel in labels);
    });
  }

  async remove({ kind, id }: { readonly kind: 'volume' | 'image'; readonly id: string }): Promise<void> {
    await this.#call('remove', undefined, async () => {
      try {
        if (kind === 'volume') await this.client.getVolume(id).remove();
        else await this.client.getImage(id).remove({ force: true });
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
      }
    });
  }

  async run({ image, script, labels }: ProbeRequest, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const container = await this.#call('create', undefined, () =>
      this.client.createContainer({
        Image: image,
        Entrypoint: ['sh', '-c', script],
        Cmd: [],
        Labels: { ...labels },
        HostConfig: { Privileged: true, NetworkMode: 'none' },
      }),
    );
    const giveUp = () => void container.remove({ force: true, v: true }).catch(() => undefined);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await this.#call('start', signal, () => container.start());
      await this.#call('follow', signal, () => container.wait());
      signal.throwIfAborted();
      // It has ended, so the whole of its output comes at once.
      const told = await this.#call('follow', signal, () => container.logs({ stdout: true, stderr: false }));
      return await textOf(told);
    } finally {
      signal.removeEventListener('abort', giveUp);
      // Nobody who has given up is to wait for an engine that hangs.
      if (!signal.aborted || (await this.watch.answers()))
        await this.#call('remove', undefined, () => container.remove({ force: true, v: true })).catch(
          () => undefined,
        );
    }
  }

  async #call<Result>(
    action: EngineAction,
    signal: AbortSignal | undefined,
    call: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await this.watch.during(call(), signal);
    } catch (error) {
      if (signal?.aborted === true) {
        // Else the process would stay as long as the engine hangs.
        this.watch.letGo();
        throw signal.reason;
      }
      throw asProblem(error, action, this.label);
    }
  }
}

/** The answer of GET /system/df, as far as it is read. */
interface DiskUsage {
  readonly Containers?:
    | readonly {
        readonly Id: string;
        readonly Names?: readonly string[];
        readonly SizeRw?: number;
        readonly State?: string;
        readonly Mounts?: readonly { readonly Name?: string }[];
        readonly Labels?: Readonly<Record<string, string>> | null;
      }[]
    | null;
  readonly Volumes?:
    | readonly {
        readonly Name: string;
        readonly Labels?: Readonly<Record<string, string>> | null;
        readonly UsageData?: { readonly Size: number } | null;
      }[]
    | null;
  readonly Images?:
    | readonly {
        readonly Id: string;
        readonly RepoTags?: readonly string[] | null;
        readonly Size: number;
        readonly Labels?: Readonly<Record<string, string>> | null;
      }[]
    | null;
}

/** What the lists tell, with what the disk's usage knows of the sizes. */
function withSizes(listed: DiskUsage, usage: DiskUsage): DiskUsage {
  const containers = new Map((usage.Containers ?? []).map((one) => [one.Id, one.SizeRw]));
  const volumes = new Map((usage.Volumes ?? []).map((one) => [one.Name, one.UsageData]));
  return {
    ...listed,
    Containers: (listed.Containers ?? []).map((one) => {
      const size = containers.get(one.Id);
      return size === undefined ? one : { ...one, SizeRw: size };
    }),
    Volumes: (listed.Volumes ?? []).map((one) => ({ ...one, UsageData: volumes.get(one.Name) ?? null })),
  };
}

function itemsOf(usage: DiskUsage): readonly EngineItem[] {
  const running = (usage.Containers ?? []).filter(({ State: state }) => state === 'running');
  const held = new Set(running.flatMap(({ Mounts: mounts }) => (mounts ?? []).map(({ Name: name }) => name)));
  const containers = (usage.Containers ?? []).map((one): EngineItem => ({
    kind: 'container',
    id: one.Id,
    name: (one.Names?.[0] ?? one.Id.slice(0, 12)).replace(/^\//, ''),
    // Left out where it is 0.
    bytes: one.SizeRw ?? 0,
    labels: one.Labels ?? {},
    inUse: one.State === 'running',
  }));
  const volumes = (usage.Volumes ?? []).map((one): EngineItem => ({
    kind: 'volume',
    id: one.Name,
    name: one.Name,
    // -1: the volume's driver does not know.
    bytes: one.UsageData == null || one.UsageData.Size < 0 ? undefined : one.UsageData.Size,
    labels: one.Labels ?? {},
    inUse: held.has(one.Name),
  }));
  const images = (usage.Images ?? []).map((one): EngineItem => ({
    kind: 'image',
    id: one.Id,
    name: one.RepoTags?.[0] ?? one.Id.replace(/^sha256:/, '').slice(0, 12),
    bytes: one.Size,
    labels: one.Labels ?? {},
    inUse: false,
  }));
  return [...containers, ...volumes, ...images];
}

/** Podman says `amd64` and `arm64` where Docker says what `uname -m` does. */
export function machineName(architecture: string): string {
  const names: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64', arm: 'armv7l' };
  return names[architecture] ?? architecture;
}

async function textOf(told: Uint8Array): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const { bytes } of demultiplex(Readable.from([told]))) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > outputLimit) break;
  }
  return text;
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === status;
}
