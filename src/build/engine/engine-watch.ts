import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';

/** How long an engine is waited for, in milliseconds. */
export interface EnginePatience {
  /** Before it is asked whether it is there. */
  readonly pause: number;
  /** For the answer to that. */
  readonly answer: number;
  /** For the end of what runs in a container, where the engine itself answers: containerd, below it, may hang alone. */
  readonly end?: number;
}

const usualPatience = { pause: 15_000, answer: 15_000, end: 20_000 };

/** What the removal of a container may take of the patience for its end: with it go volumes of many gigabytes. */
const removal = 6;

/** The part of the patience for an answer that an engine has where somebody waits for the end of what was stopped. */
const soon = 1 / 6;

/** An engine that is far away has more: so many times what its quickest answer took. */
const slack = 10;

/** How often it is looked, within that part, whether anything has come. */
const looks = 10;

/** What is told of an engine that takes connections and leaves them without a word; Node's errors have no code for it. */
export const engineSilent = 'ERR_ENGINE_SILENT';

/**
 * Tells an engine that takes its time from one that hangs: while something is waited for, it is asked now and then whether it
 * is there at all, which every engine answers at once. Where it does not, all that it was asked breaks off.
 */
export class EngineWatch {
  /** The last question was not answered: then the next one is asked without waiting. */
  #silent = false;
  /** Milliseconds that it has for an answer at the moment. */
  #patience: number;
  /** Milliseconds that the quickest answer has taken so far, with its connection. */
  #quickest = Infinity;

  constructor(
    private readonly client: Docker,
    /** Holds the connections. */
    private readonly agent: Pick<Agent, 'sockets'>,
    private readonly patience: EnginePatience = usualPatience,
  ) {
    this.#patience = patience.answer;
  }

  /** Milliseconds that may be waited for the end of what runs in a container, and for its removal. */
  get limits(): { readonly end: number; readonly removal: number } {
    const { end = usualPatience.end } = this.patience;
    return { end, removal: end * removal };
  }

  /**
   * Gives what `work` comes to. Rejects with what `signal` was aborted with, with an error of the code `engineSilent` where the
   * engine does not answer, or with what the question whether it is there was refused with.
   */
  async during<Result>(work: Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const over = new AbortController();
    const begin = performance.now();
    const others = [
      this.#silence(over.signal),
      ...(signal === undefined ? [] : [aborted(signal, over.signal)]),
    ];
    try {
      const result = await Promise.race([work, ...others]);
      this.#quickest = Math.min(this.#quickest, performance.now() - begin);
      return result;
    } finally {
      over.abort();
    }
  }

  /** Breaks a stream off where the engine does not answer while nothing comes. */
  guard<Stream extends Readable>(stream: Stream): Stream {
    const over = new AbortController();
    stream.once('close', () => {
      over.abort();
    });
    void this.#silence(over.signal, () => bytesOf(stream)).catch((error: unknown) => {
      if (!over.signal.aborted) stream.destroy(error instanceof Error ? error : undefined);
    });
    return stream;
  }

  /** Breaks off all that the engine was asked so far, once whoever waits was told why. */
  letGo(): void {
    const open = this.#sockets;
    setImmediate(() => {
      for (const socket of open) socket.destroy();
    });
  }

  /**
   * Whether the engine is there, told within seconds of silence: one that is slow to answer, but sends something else meanwhile, is
   * waited for longer. Where it is not there, all that it was asked breaks off. Never rejects.
   */
  async answers(): Promise<boolean> {
    const { answer } = this.patience;
    const patience = Math.min(Math.max(answer * soon, this.#quickest * slack), answer);
    const pause = patience / looks;
    const enough = new AbortController();
    const asked = ping(this.client, enough.signal).then(
      () => true,
      () => false,
    );
    let heard = this.#heard();
    for (let waited = 0, quiet = 0; quiet < looks && waited < answer; waited += pause) {
      const answered = await Promise.race([asked, delay(pause)]);
      if (answered !== undefined) return answered;
      const now = this.#heard();
      quiet = now === heard ? quiet + 1 : 0;
      heard = now;
    }
    enough.abort();
    this.#fallSilent();
    // Whoever cleans up after that waits no longer for each thing.
    this.#patience = patience;
    return false;
  }

  /** Bytes that have come over the connections that are open. */
  #heard(): number {
    return this.#sockets.reduce((sum, { bytesRead = 0 }: { bytesRead?: number }) => sum + bytesRead, 0);
  }

  get #sockets(): readonly Socket[] {
    return Object.values(this.agent.sockets).flatMap((sockets) => sockets ?? []);
  }

  #fallSilent(): void {
    this.#silent = true;
    this.letGo();
  }

  /** Rejects when the engine is found to be silent, or when `over` is aborted. `progress`: it is not asked where that changes. */
  async #silence(over: AbortSignal, progress: () => unknown = () => undefined): Promise<never> {
    for (let seen = progress(); ;) {
      if (!this.#silent) await delay(this.patience.pause, undefined, { signal: over, ref: false });
      const now = progress();
      if (now === undefined || now === seen) await this.#ask(over);
      over.throwIfAborted();
      seen = now;
    }
  }

  async #ask(over: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(this.#patience);
    try {
      await ping(this.client, AbortSignal.any([limit, over]));
      this.#silent = false;
      this.#patience = this.patience.answer;
    } catch (error) {
      // What is asked by now is nothing to whoever waits no more.
      if (!limit.aborted || over.aborted) throw error;
      this.#fallSilent();
      throw Object.assign(new Error('it takes connections, but does not answer'), { code: engineSilent });
    }
  }
}

/** The types know no options of it. */
async function ping(client: Docker, abortSignal: AbortSignal): Promise<void> {
  await (client as unknown as { ping(options: object): Promise<unknown> }).ping({ abortSignal });
}

async function aborted(signal: AbortSignal, over: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return new Promise((_resolve, reject) => {
    const giveUp = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true, signal: over });
  });
}

/** How much has come so far; undefined where that cannot be told. */
function bytesOf(stream: Readable): unknown {
  const { socket = stream } = stream as { readonly socket?: unknown };
  return typeof socket === 'object' && socket !== null && 'bytesRead' in socket
    ? socket.bytesRead
    : undefined;
}
