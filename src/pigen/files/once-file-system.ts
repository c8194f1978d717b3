import type { Entry, FileStat, FileSystem } from './file-system';

/** A file system that lists each folder and looks at each path only once: for one reading of a tree, whose parts overlap. */
export class OnceFileSystem implements FileSystem {
  readonly #folders = new Map<string, Promise<readonly Entry[]>>();
  readonly #stats = new Map<string, Promise<FileStat | undefined>>();
  readonly #realPaths = new Map<string, Promise<string | undefined>>();

  constructor(private readonly inner: FileSystem) {}

  readFile(path: string, limit?: number): Promise<Uint8Array> {
    return this.inner.readFile(path, limit);
  }

  readFolder(path: string): Promise<readonly Entry[]> {
    return once(this.#folders, path, () => this.inner.readFolder(path));
  }

  stat(path: string): Promise<FileStat | undefined> {
    return once(this.#stats, path, () => this.inner.stat(path));
  }

  realPath(path: string): Promise<string | undefined> {
    return once(this.#realPaths, path, () => this.inner.realPath(path));
  }
}

function once<Answer>(
  answers: Map<string, Promise<Answer>>,
  path: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const known = answers.get(path);
  if (known !== undefined) return known;
  const answer = ask();
  answers.set(path, answer);
  return answer;
}
