import { shownSize } from '../afterwards/shown-size';
import { outputOf } from '../afterwards/manifest';
import { BuildProblemError } from '../build-problem';
import type { Helper } from '../engine/engine';
import { readAnswers } from './answers';
import type { AnswerPart } from './answers';
import { bytesOfName, nameOfBytes, shownName } from './byte-names';
import { RootfsProblemError } from './rootfs-problem';

/** As find names them: file, folder, link, character device, block device, pipe, socket. */
export type RootfsType = 'f' | 'd' | 'l' | 'c' | 'b' | 'p' | 's';

/** What is in a root file system under one name. */
export interface RootfsNode {
  /** As nameOfBytes gives it; empty where a path was asked for. */
  readonly name: string;
  readonly type: RootfsType;
  /** Of a link: what is at its end, inside the root file system. Undefined: nothing, or it is no link. */
  readonly end: RootfsType | undefined;
  /** Of a link: where it leads, as it is written. */
  readonly target: string | undefined;
  readonly bytes: number;
  /** As in chmod. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

/** Milliseconds without a byte after which an engine counts as dead. */
const patience = 30_000;

/**
 * Reads one root file system through a helper that runs serve-rootfs.pl, one question after the other. Paths are absolute inside
 * the root file system, of names as nameOfBytes gives them; links lead where they would lead in the image, and never out of it.
 * Every method rejects with a RootfsProblemError: one of kind `lost` where the helper is gone, which is for good.
 */
export class RootfsReader {
  readonly #answers: AsyncIterator<AnswerPart>;
  readonly #stop = new AbortController();
  #last: Promise<unknown>;
  #lost: RootfsProblemError | undefined;

  /** @param place what is read, for messages */
  constructor(
    private readonly helper: Helper,
    private readonly place: string,
  ) {
    this.#answers = readAnswers(outputOf(helper, this.#stop.signal))[Symbol.asyncIterator]();
    this.#last = Promise.resolve();
  }

  /** Resolves when the root file system is there to be read. Gives false where there is none of that name. */
  async opened(): Promise<boolean> {
    try {
      await this.#inTurn(() => this.#whole(''));
      return true;
    } catch (error) {
      if ((await this.helper.ended().catch(() => undefined)) === 3) return false;
      throw error;
    }
  }

  /** No more can be asked. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** By name. Links are not followed but for what is at their ends. */
  async list(path: string): Promise<readonly RootfsNode[]> {
    return nodesOf(await this.#ask(`list ${digitsOf(path)}`, path));
  }

  async stat(path: string): Promise<RootfsNode> {
    const [node] = nodesOf(await this.#ask(`stat ${digitsOf(path)}`, path));
    if (node === undefined) throw this.#refusal('missing', path);
    return node;
  }

  /** The bytes of a file, or of the one that a link leads to. Rejects where it has more than `limit`, before it is read. */
  async read(path: string, limit: number): Promise<Uint8Array> {
    return this.#ask(`read ${digitsOf(path)} ${limit}`, path);
  }

  /** Ends the helper, which the engine then removes. Never rejects. */
  async close(): Promise<void> {
    this.#lose(undefined);
    await this.helper.close().catch(() => undefined);
  }

  #ask(question: string, path: string): Promise<Uint8Array> {
    return this.#inTurn(() => {
      this.helper.stream.write(`${question}\n`);
      return this.#whole(path);
    });
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(() => {
      if (this.#lost !== undefined) throw this.#lost;
      return work();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #whole(path: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const part = await this.#next();
      if (part.kind === 'end') return Buffer.concat(parts);
      if (part.kind === 'refused') throw this.#refusal(part.why, path);
      parts.push(part.bytes);
    }
  }

  async #next(): Promise<AnswerPart> {
    const timer = setTimeout(() => {
      this.#lose(new Error('no answer'));
    }, patience);
    try {
      const next = await this.#answers.next();
      if (next.done !== true) return next.value;
    } catch (error) {
      throw this.#lose(error);
    } finally {
      clearTimeout(timer);
    }
    throw this.#lose(undefined);
  }

  #lose(cause: unknown): RootfsProblemError {
    this.#lost ??= new RootfsProblemError(
      'lost',
      `The connection to ${this.place} is lost: the engine does not answer, or what was looked into is gone.`,
      { cause },
    );
    this.#stop.abort(this.#lost);
    return this.#lost;
  }

  #refusal(why: string, path: string): RootfsProblemError {
    const [word = '', ...rest] = why.split(' ');
    const name = shownName(path);
    switch (word) {
      case 'missing':
        return new RootfsProblemError('missing', `There is no ${name} in ${this.place}.`);
      case 'no-folder':
        return new RootfsProblemError('no-folder', `${name} is no folder, or lies in none.`);
      case 'folder':
        return new RootfsProblemError('folder', `${name} is a folder.`);
      case 'special':
        return new RootfsProblemError(
          'special',
          `${name} is a device, pipe or socket: it is shown, but there is nothing in it to be read.`,
        );
      case 'too-big':
        return new RootfsProblemError(
          'too-big',
          `${name} has ${shownSize(Number(rest[0]))}, which is more than is read over the engine at once.`,
        );
      case 'too-many':
        return new RootfsProblemError(
          'too-many',
          `${name} holds more than 100,000 entries, which are too many to show.`,
        );
      case 'loop':
        return new RootfsProblemError('loop', `${name} is a link that leads back to itself.`);
      default:
        return new RootfsProblemError('other', `${name} cannot be read: ${rest.join(' ')}.`);
    }
  }
}

/** Puts what can go wrong while a root file system is opened or read into one sentence. */
export function wordsOf(error: unknown): string {
  if (error instanceof BuildProblemError) return `${error.problem.message} ${error.problem.wayOut}`;
  return error instanceof Error ? error.message : String(error);
}

function digitsOf(path: string): string {
  return Buffer.from(bytesOfName(path.replace(/^\/+/, ''))).toString('hex');
}

function nodesOf(bytes: Uint8Array): readonly RootfsNode[] {
  const nodes: RootfsNode[] = [];
  let at = 0;
  const field = () => {
    const end = bytes.indexOf(0, at);
    const value = bytes.subarray(at, end < 0 ? bytes.length : end);
    at = end < 0 ? bytes.length : end + 1;
    return value;
  };
  while (at < bytes.length) {
    const [type = '', size = '', mode = '', changed = '', end = ''] = Buffer.from(field())
      .toString()
      .split('\t');
    const name = nameOfBytes(field());
    const target = nameOfBytes(field());
    nodes.push({
      name,
      type: type as RootfsType,
      end: end === '' || end === '-' ? undefined : (end as RootfsType),
      target: type === 'l' ? target : undefined,
      bytes: Number(size),
      mode: Number(mode),
      changed: Number(changed) * 1000,
    });
  }
  return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
}
