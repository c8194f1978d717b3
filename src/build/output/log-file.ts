import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { makeFolder } from '../../pigen/files/make-folder';
import { folderOf } from '../../pigen/files/path';

/** UTF-16 units that are gathered before they are written, and milliseconds after which they are at the latest. */
const bufferLength = 64 * 1024;
const longestWait = 200;

/** The complete log of a build on disk, written as it comes. Holds no more of it in memory than one buffer. */
export class LogFile {
  #waiting: string[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The writes so far, one after the other. Never rejects. */
  #writing: Promise<void> = Promise.resolve();
  #error: Error | undefined;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private written: number,
  ) {}

  /** Starts a new log in place of an old one. Rejects with Node's error. */
  static async create(path: string): Promise<LogFile> {
    await makeFolder(folderOf(path));
    // What a build prints is its user's own business.
    return new LogFile(path, await open(path, 'w', 0o600), 0);
  }

  /**
   * Continues a log behind its first `bytes`; what stands after them goes. Rejects with Node's error, and where the file
   * is shorter than that.
   */
  static async resume(path: string, bytes: number): Promise<LogFile> {
    const handle = await open(path, constants.O_WRONLY | constants.O_APPEND);
    try {
      const { size } = await handle.stat();
      if (size < bytes) throw new Error(`${path} holds ${size} bytes, not ${bytes}`);
      await handle.truncate(bytes);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new LogFile(path, handle, bytes);
  }

  /**
   * Gives a promise where the caller has to wait, because the disk is slower than the build; that one rejects with Node's
   * error. Throws it once the disk has refused.
   */
  write(line: string): Promise<unknown> | undefined {
    if (this.#error !== undefined) throw this.#error;
    this.#waiting.push(line);
    this.#length += line.length + 1;
    if (this.#length >= bufferLength) return this.flush();
    this.#timer ??= setTimeout(() => {
      // An error is kept for the next call.
      this.flush().catch(() => undefined);
    }, longestWait);
    return undefined;
  }

  /**
   * Resolves when every line so far is the file system's, out of reach of this process's end, with the length of the file
   * up to there in bytes. Rejects with Node's error.
   */
  async flush(): Promise<number> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length > 0) {
      const bytes = Buffer.from(`${this.#waiting.join('\n')}\n`);
      this.#waiting = [];
      this.#length = 0;
      this.#writing = this.#writing.then(() => this.#writeAll(bytes));
    }
    await this.#writing;
    if (this.#error !== undefined) throw this.#error;
    return this.written;
  }

  /** Resolves when all is on disk. Rejects with Node's error where that failed. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.handle.close();
    }
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    if (this.#error !== undefined) return;
    try {
      for (let at = 0; at < bytes.length;) at += (await this.handle.write(bytes, at)).bytesWritten;
      this.written += bytes.length;
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
    }
  }
}
