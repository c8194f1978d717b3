import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../../pigen/files/make-folder';
import { folderOf, joinPath } from '../../pigen/files/path';
import type { Artifact, Comparison } from './artifacts';

const usualMode = 0o644;

/** Where the beginning of a file stands until all of it has arrived: beside it, always under the same name. */
export function partPath(folder: string, path: string): string {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return joinPath(folderOf(joinPath(folder, path)), `.pigen-${name}.part`);
}

/** Whether a name is one that partPath gives. */
export function isPartName(name: string): boolean {
  return /^\.pigen-[0-9a-f]{12}\.part$/.test(name);
}

/**
 * A file on its way here. It is written beside its place, and gets its name when it is whole and known to be what was sent.
 * Every method rejects with Node's error where the disk does not obey. The path has been judged before.
 */
export class PartFile {
  readonly #part: string;
  readonly #target: string;
  #hash = createHash('sha256');
  #file: FileHandle | undefined;
  #bytes = 0;
  #mode = usualMode;

  /** @param path below the folder, with `/` */
  constructor(
    folder: string,
    private readonly path: string,
  ) {
    this.#part = partPath(folder, path);
    this.#target = joinPath(folder, path);
  }

  /** Bytes that are there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins anew, whatever was there. */
  async begin(mode = usualMode): Promise<void> {
    await makeFolder(folderOf(this.#target));
    await rm(this.#part, { force: true });
    // `wx` follows no link and overwrites nothing. The owner can always read and write the result.
    this.#mode = (mode & 0o755) | 0o600;
    this.#file = await open(this.#part, 'wx', this.#mode);
  }

  /** Goes on where an earlier copy was interrupted. Gives the bytes that are there already. */
  async resume(mode = usualMode): Promise<number> {
    await makeFolder(folderOf(this.#target));
    this.#mode = (mode & 0o755) | 0o600;
    // A link in its place is not followed. Windows knows no such flag, and no such links without special rights.
    const noFollow = (constants as { readonly O_NOFOLLOW?: number }).O_NOFOLLOW ?? 0;
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | noFollow;
    try {
      this.#file = await open(this.#part, flags, this.#mode);
    } catch {
      await this.begin(mode);
      return 0;
    }
    const hash = createHash('sha256');
    const source = this.#file.createReadStream({ start: 0, autoClose: false });
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      this.#bytes += chunk.length;
    }
    this.#hash = hash;
    return this.#bytes;
  }

  async write(content: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of content) {
      let at = 0;
      while (at < chunk.length) at += (await this.#file?.write(chunk, at))?.bytesWritten ?? 0;
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
    }
  }

  /** Gives the file its name. Undefined: it is not what was sent, and is gone. */
  async finish(
    compare: ((path: string, sha256: string) => Promise<Comparison>) | undefined,
  ): Promise<Artifact | undefined> {
    const sha256 = this.#hash.digest('hex');
    await this.#file?.close();
    this.#file = undefined;
    const comparison = (await compare?.(this.path, sha256)) ?? 'unknown';
    if (comparison === 'different') {
      await rm(this.#part, { force: true });
      return undefined;
    }
    await chmod(this.#part, this.#mode);
    await rename(this.#part, this.#target);
    return { file: this.#target, bytes: this.#bytes, sha256, verified: comparison === 'same' };
  }

  /** Whatever came of it. @param keep whether what was written stays, to go on with it later */
  async close(keep: boolean): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    // After finish() there is none.
    if (!keep) await rm(this.#part, { force: true });
  }
}

/** Of a local file, as hexadecimal digits; undefined where it cannot be read. */
export async function hashOfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
