import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { folderOf } from '../pigen/path';

/** The complete log of a build on disk, written as it comes. Holds no more of it in memory than one buffer. */
export class LogFile {
  #error: Error | undefined;

  private constructor(
    readonly path: string,
    private readonly stream: WriteStream,
  ) {
    stream.on('error', (error) => {
      this.#error = error;
    });
  }

  /** Starts a new log in place of an old one. Rejects with Node's error. */
  static async create(path: string): Promise<LogFile> {
    await mkdir(folderOf(path), { recursive: true });
    // What a build prints is its user's own business.
    const stream = createWriteStream(path, { mode: 0o600 });
    await once(stream, 'open');
    return new LogFile(path, stream);
  }

  /** Waits where the disk is slower than the build. Rejects with Node's error once the disk refuses. */
  async write(line: string): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    if (this.stream.write(`${line}\n`)) return;
    await once(this.stream, 'drain');
  }

  /** Resolves when all is on disk. Rejects with Node's error where that failed. */
  async close(): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    this.stream.end();
    await finished(this.stream);
  }
}
