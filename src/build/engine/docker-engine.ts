import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { attachContainer } from './attach-container';
import { createOptions } from './create-options';
import type {
  ContainerDetails,
  ContainerRequest,
  ContainerState,
  Engine,
  EngineInfo,
  Helper,
  HelperRequest,
  ImageInfo,
  ImageProgress,
  ImageRequest,
  ListedContainer,
} from './engine';
import { asProblem, EngineCalls, statusOf } from './engine-calls';
import type { EngineClient } from './engine-client';
import { identityOf, productOf, rightsOf } from './engine-description';
import type { EngineWatch } from './engine-watch';
import { HelperOpener } from './helper-opener';
import { progressOf } from './image-progress';
import { jsonLines } from './json-lines';

/** Tries to remove a container again that ends by itself at the moment, and milliseconds between them. */
const removals = 20;
const removalPause = 100;

/** An engine behind a client of the Docker Engine API. */
export class DockerEngine implements Engine {
  private readonly client: Docker;
  readonly #calls: EngineCalls;
  readonly #watch: EngineWatch;
  readonly #helpers: HelperOpener;
  #info: EngineInfo | undefined;

  constructor(
    readonly label: string,
    client: EngineClient,
  ) {
    this.client = client.client;
    this.#watch = client.watch;
    this.#calls = new EngineCalls(client, label);
    this.#helpers = new HelperOpener(this.#calls, this);
  }

  async info(signal?: AbortSignal): Promise<EngineInfo> {
    return (this.#info ??= await this.#askInfo(signal));
  }

  async #askInfo(signal: AbortSignal | undefined): Promise<EngineInfo> {
    const info = await this.#calls.call('connect', () =>
      this.#watch.during(infoOf(this.client, signal), signal),
    );
    return {
      id: identityOf(info),
      machine: String(info['Architecture']),
      version: String(info['ServerVersion']),
      product: productOf(info),
      ...rightsOf(info),
    };
  }

  answers(): Promise<boolean> {
    return this.#watch.answers();
  }

  async *buildImage(
    context: Readable,
    request: ImageRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ImageProgress> {
    const stream = await this.#calls.call('build-image', async () =>
      this.#guarded(
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
    return this.#calls.call('create', async () => {
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
    return this.#calls.call('create', async () => {
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
    await this.#calls.call('remove', async () => {
      try {
        await this.client.getVolume(name).remove();
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
      }
    });
  }

  async createContainer(request: ContainerRequest): Promise<string> {
    const container = await this.#calls.call(
      'create',
      () => this.client.createContainer(createOptions(request)),
      request.name,
    );
    this.#calls.name(container.id, request.name);
    return container.id;
  }

  async putArchive(id: string, folder: string, archive: Readable, signal: AbortSignal): Promise<void> {
    const asked = { path: folder, abortSignal: signal };
    await this.#calls.callFor(id, 'copy-in', (container) => container.putArchive(archive, asked));
  }

  async attach(id: string, input?: Uint8Array): Promise<Readable> {
    if (input !== undefined) return this.#attachWithInput(id, input);
    const asked = { stream: true, stdout: true, stderr: true };
    const stream = this.#guarded(
      await this.#calls.callFor(id, 'follow', (container) => container.attach(asked)),
    );
    breakWithConnection(stream);
    return stream;
  }

  /** The connection itself, so what breaks it is the stream's error. */
  async #attachWithInput(id: string, input: Uint8Array): Promise<Readable> {
    const connection = await this.#calls.callFor(id, 'follow', () => attachContainer(this.client, id));
    // Whoever reads it learns of an error; until then it must not end the process.
    connection.on('error', () => undefined);
    const stream = this.#guarded(connection);
    connection.write(input);
    return stream;
  }

  async start(id: string): Promise<void> {
    await this.#calls.callFor(id, 'start', (container) => container.start());
  }

  async logs(id: string): Promise<Readable> {
    const asked = { follow: true, stdout: true, stderr: true } as const;
    return this.#guarded(await this.#calls.callFor(id, 'follow', (container) => container.logs(asked)));
  }

  async inspect(id: string): Promise<ContainerState> {
    const { State: state } = await this.#calls.callFor(id, 'follow', (container) => container.inspect());
    return { running: state.Running, exitCode: state.ExitCode, outOfMemory: state.OOMKilled };
  }

  async containers(labels: readonly string[]): Promise<readonly ListedContainer[]> {
    const filters = { label: [...labels] };
    const listed = await this.#calls.call('connect', () =>
      this.client.listContainers({ all: true, filters }),
    );
    return listed.map(({ Id, Names, Labels, State }) => {
      const name = Names[0]?.replace(/^\//, '') ?? Id;
      this.#calls.name(Id, name);
      return { id: Id, name, labels: Labels, state: State };
    });
  }

  async environment(id: string): Promise<readonly string[]> {
    const { Config: config } = await this.#calls.callFor(id, 'follow', (container) => container.inspect());
    return config.Env;
  }

  async details(id: string): Promise<ContainerDetails | undefined> {
    return this.#calls.call('follow', async () => {
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
    return this.#helpers.open(request, signal);
  }

  async wait(id: string): Promise<void> {
    await this.#calls.callFor(id, 'follow', (container) => container.wait());
  }

  async execute(id: string, command: readonly string[]): Promise<void> {
    await this.#calls.callWithin(this.#watch.limits.end, id, 'follow', async (container, abortSignal) => {
      const run = await container.exec({ Cmd: [...command], abortSignal });
      await run.start({ Detach: true, abortSignal });
    });
  }

  async hasPath(id: string, path: string): Promise<boolean> {
    return this.#calls.call('copy-out', async () => {
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
      return this.#guarded(await this.#watch.during(this.client.getContainer(id).getArchive(asked)));
    } catch (error) {
      signal.throwIfAborted();
      if (statusOf(error) === 404) return undefined;
      throw asProblem(error, 'copy-out', this.label);
    }
  }

  async kill(id: string): Promise<void> {
    await this.#calls.callWithin(this.#watch.limits.end, id, 'remove', async (container, abortSignal) => {
      try {
        await container.kill({ abortSignal });
        await container.wait({ abortSignal });
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
      }
    });
  }

  async remove(id: string): Promise<void> {
    await this.#calls.callWithin(this.#watch.limits.removal, id, 'remove', async (container, abortSignal) => {
      for (let left = removals; ; left--) {
        try {
          await container.remove({ force: true, v: true, abortSignal });
          return;
        } catch (error) {
          // 404: gone. 409: somebody else is removing it.
          if (statusOf(error) === 404 || statusOf(error) === 409) return;
          if (left === 0 || !isEnding(error)) throw error;
          await delay(removalPause);
        }
      }
    });
  }

  /** dockerode's types know only the interface of streams; what it gives are Node's own. */
  #guarded(stream: NodeJS.ReadableStream): Readable {
    return this.#watch.guard(stream as unknown as Readable);
  }
}

/**
 * The output of an attached container ends with its connection, so node:http takes an error of the connection for its end, too:
 * what was not read yet would be missing without a word.
 */
function breakWithConnection(stream: Readable): void {
  if (!(stream instanceof IncomingMessage)) return;
  stream.socket.once('error', (error) => {
    stream.destroy(error);
  });
}

/** Podman's word for it. */
function isEnding(error: unknown): boolean {
  return error instanceof Error && error.message.includes('container state improper');
}

/** The types know no options of it. */
async function infoOf(
  client: Docker,
  abortSignal: AbortSignal | undefined,
): Promise<Record<string, unknown>> {
  return (client as unknown as { info(options: object): Promise<Record<string, unknown>> }).info({
    abortSignal,
  });
}
