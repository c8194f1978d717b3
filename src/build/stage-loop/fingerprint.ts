import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { BuildProblemError } from '../build-problem';
import { folderEntries } from '../session/context-archive';
import type { ArchiveEntry } from '../session/context-archive';
import { unreadableProblem } from '../engine/engine-errors';
import { spread } from '../spread';

/** A hash of a text, in hexadecimal digits. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}\0${text}`);
  return hash.digest('hex');
}

/** A file's content as it was when `stamp` was what its folder says of it. */
export interface KnownContent {
  readonly stamp: string;
  readonly hash: string;
}

/** Milliseconds. A file that changed more lately may change again without another time: FAT counts in steps of two seconds. */
const settled = 2000;
/** Bytes up to which a file is read in one piece. */
const smallFile = 1_000_000;
/** So many files of a folder are read at once. */
const readers: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Hashes of files and folders on this machine: names, types, modes, contents and targets of links; no times, so that a
 * checkout gives the same as the last one. A file that did not change since it was last asked for is not read again.
 */
export class Fingerprints {
  readonly #known: Map<string, KnownContent>;
  readonly #used = new Map<string, KnownContent>();
  #isNews = false;

  /** @param known by path, what an earlier process had read: its `news()` */
  constructor(
    known: Iterable<readonly [string, KnownContent]> = [],
    private readonly platform: NodeJS.Platform = process.platform,
  ) {
    this.#known = new Map(known);
  }

  /** By path, what was asked for of late, for a later process; undefined where that knows as much already. */
  news(): ReadonlyMap<string, KnownContent> | undefined {
    return this.#isNews ? this.#used : undefined;
  }

  /** Of a folder with all that is below it, as a build takes it. Rejects with a BuildProblemError that names what cannot be read. */
  async ofFolder(folder: string): Promise<string> {
    return this.ofEntries(folderEntries([{ from: folder, name: '' }]));
  }

  /** Of a single file, or of the link that stands there. Rejects as ofFolder does. */
  async ofFile(path: string): Promise<string> {
    try {
      return await this.#ofEntry(path, await lstat(path));
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  async ofEntries(entries: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>): Promise<string> {
    const onDisk: DiskEntry[] = [];
    for await (const entry of entries) if (entry.kind === 'disk') onDisk.push(entry);
    const own = await spread(onDisk, readers, ({ path, stats }) => this.#ofEntry(path, stats));
    const hash = createHash('sha256');
    for (const [index, { name }] of onDisk.entries()) hash.update(`${name}\0${own[index] ?? ''}\0`);
    return hash.digest('hex');
  }

  async #ofEntry(path: string, stats: Stats): Promise<string> {
    // Windows has no modes; what a build gives its files there goes by name and content.
    const mode = this.platform === 'win32' ? '' : (stats.mode & 0o7777).toString(8);
    if (stats.isDirectory()) return `folder ${mode}`;
    if (stats.isSymbolicLink()) return `link ${await readlink(path)}`;
    return stats.isFile() ? `file ${mode} ${await this.#content(path, stats)}` : 'other';
  }

  async #content(path: string, { size, mtimeMs, ctimeMs, ino }: Stats): Promise<string> {
    const stamp = [size, mtimeMs, ctimeMs, ino].join(' ');
    const known = this.#known.get(path);
    if (known?.stamp === stamp) {
      this.#used.set(path, known);
      return known.hash;
    }
    const began = Date.now();
    let hash: string;
    try {
      hash = await hashOfFile(path, size);
    } catch (error) {
      throw unreadable(path, error);
    }
    if (began - Math.max(mtimeMs, ctimeMs) > settled) {
      this.#known.set(path, { stamp, hash });
      this.#used.set(path, { stamp, hash });
      this.#isNews = true;
    }
    return hash;
  }
}

type DiskEntry = Extract<ArchiveEntry, { readonly kind: 'disk' }>;

async function hashOfFile(path: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  if (size <= smallFile) return hash.update(await readFile(path)).digest('hex');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function unreadable(path: string, error: unknown): BuildProblemError {
  if (error instanceof BuildProblemError) return error;
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new BuildProblemError(unreadableProblem(path, reason), { cause: error });
}
