import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { attachContainer } from './attach-container';
import { helperOptions } from './create-options';
import type { Engine, Helper, HelperRequest } from './engine';
import type { EngineCalls } from './engine-calls';
import { createdLabel, hostLabel, purposeLabel } from '../labels';

/** Milliseconds that an engine has to tell how a helper ended that is gone. */
const statusPatience = 5_000;

/** Milliseconds within which a helper that was made is started, if it ever is. */
const startLimit = 10 * 60_000;

/**
 * Makes and starts helpers. One that has started ends when its client goes, however that goes, and the engine removes it. What is
 * left is the moment before: a helper whose client was killed between making and starting it is removed by the next.
 */
export class HelperOpener {
  #hasLooked = false;

  constructor(
    private readonly calls: EngineCalls,
    private readonly engine: Pick<Engine, 'info' | 'putArchive' | 'remove'>,
  ) {}

  /** Rejects as Engine.openHelper() does. */
  async open(request: HelperRequest, signal: AbortSignal): Promise<Helper> {
    await this.#removeNeverStarted();
    if (!request.terminal) return this.#openOne(request, signal);
    // The engine closes the input of a container when its client goes, but not that of one with a terminal. So it lives in
    // the process namespace of another one: when that ends, the kernel ends all in it.
    const guard = await this.#openOne(
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
      const helper = await this.#openOne(request, signal, await this.#namespaceOf(guard.id));
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

  /**
   * The process namespace of a running container. Podman removes no container that another one names, so the guard, which ends
   * first, would be left; by the file of its namespace nothing is named.
   */
  async #namespaceOf(id: string): Promise<string> {
    const { product } = await this.engine.info();
    if (product === 'Docker') return `container:${id}`;
    const { State: state } = await this.calls.callFor(id, 'follow', (container) => container.inspect());
    return `ns:/proc/${state.Pid}/ns/pid`;
  }

  /** Those of this machine, whose clock says how old they are. Looks once. */
  async #removeNeverStarted(): Promise<void> {
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    const label = [`${purposeLabel}=look`, `${hostLabel}=${os.hostname()}`];
    const filters = { label, status: ['created'] };
    const listed = await this.calls.call('follow', () =>
      this.calls.client.listContainers({ all: true, filters }),
    );
    for (const { Id, Labels } of listed) {
      const made = Date.parse(Labels[createdLabel] ?? '');
      // Somebody else may be at it as well.
      if (Date.now() - made > startLimit) await this.engine.remove(Id).catch(() => undefined);
    }
  }

  async #openOne(request: HelperRequest, signal: AbortSignal, pidMode?: string): Promise<Helper> {
    const made = { [createdLabel]: new Date().toISOString(), [hostLabel]: os.hostname() };
    const labels = { ...request.labels, ...made };
    const container = await this.calls.call('create', () =>
      this.calls.client.createContainer(helperOptions({ ...request, labels }, pidMode)),
    );
    const { id } = container;
    try {
      for (const open of request.archives) {
        const archive = await open();
        if (archive === undefined) continue;
        try {
          await this.engine.putArchive(id, '/', archive, signal);
        } finally {
          archive.destroy();
        }
      }
      signal.throwIfAborted();
      const stream = await this.calls.call('follow', () => attachContainer(this.calls.client, id));
      // Whoever reads it learns of an error; else it must not end the process.
      stream.on('error', () => undefined);
      // Asked for before it starts: one that has ended is gone at once.
      const status = this.#statusOf(id);
      status.catch(() => undefined);
      await this.calls.callFor(id, 'start', () => container.start());
      return {
        id,
        stream,
        resize: async (columns, rows) => {
          await this.calls.callFor(id, 'follow', () => container.resize({ w: columns, h: rows }));
        },
        ended: () => status,
        close: async () => {
          stream.destroy();
          await this.engine.remove(id);
          // It may be on its way out by itself already.
          await status.catch(() => undefined);
        },
      };
    } catch (error) {
      await this.engine.remove(id).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Its exit status, once it is gone. Docker tells that with the news that it is gone; Podman tells 0 then, and has to be asked
   * for the exit itself.
   */
  async #statusOf(id: string): Promise<number> {
    const ended = this.#wait(id, 'next-exit').catch(() => undefined);
    const gone = await this.#wait(id, 'removed');
    return (await Promise.race([ended, delay(statusPatience, undefined, { ref: false })])) ?? gone;
  }

  async #wait(id: string, condition: 'next-exit' | 'removed'): Promise<number> {
    const { StatusCode: status } = (await this.calls.callFor(id, 'follow', (container) =>
      container.wait({ condition }),
    )) as { readonly StatusCode: number };
    return status;
  }
}
