import type { Entry, FileStat, FileSystem } from './file-system';

/**
 * A file system that lets only so many calls run at a time, so that a tree of a thousand stages can be asked for all at
 * once, and that stops when `signal` is aborted: its calls then reject with the signal's reason.
 */
export class LimitedFileSystem implements FileSystem {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(
    private readonly inner: FileSystem,
    private readonly limit: number,
    private readonly signal?: AbortSignal,
  ) {}

  readFile(path: string, limit?: number): Promise<Uint8Array> {
    return this.#run(() => this.inner.readFile(path, limit));
  }

  readFolder(path: string): Promise<readonly Entry[]> {
    return this.#run(() => this.inner.readFolder(path));
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.#run(() => this.inner.stat(path));
  }

  realPath(path: string): Promise<string | undefined> {
    return this.#run(() => this.inner.realPath(path));
  }

  async #run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.limit) {
      // The call that ends hands its place over, so `#running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      this.signal?.throwIfAborted();
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
