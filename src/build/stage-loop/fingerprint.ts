import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { BuildProblemError } from '../build-problem';
import { folderEntries } from '../session/context-archive';
import type { ArchiveEntry } from '../session/context-archive';
import { unreadableProblem } from '../engine/engine-errors';

/** A hash of a text, in hexadecimal digits. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}\0${text}`);
  return hash.digest('hex');
}

/**
 * Hashes of files and folders on this machine: names, types, modes, contents and targets of links; no times, so that a
 * checkout gives the same as the last one. A file that did not change since it was last asked for is not read again.
 */
export class Fingerprints {
  readonly #contents = new Map<string, { readonly stamp: string; readonly hash: string }>();

  constructor(private readonly platform: NodeJS.Platform = process.platform) {}

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
    const hash = createHash('sha256');
    for await (const entry of entries) {
      if (entry.kind === 'disk')
        hash.update(`${entry.name}\0${await this.#ofEntry(entry.path, entry.stats)}\0`);
    }
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
    const known = this.#contents.get(path);
    if (known?.stamp === stamp) return known.hash;
    const hash = createHash('sha256');
    try {
      for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    } catch (error) {
      throw unreadable(path, error);
    }
    const content = hash.digest('hex');
    this.#contents.set(path, { stamp, hash: content });
    return content;
  }
}

function unreadable(path: string, error: unknown): BuildProblemError {
  if (error instanceof BuildProblemError) return error;
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new BuildProblemError(unreadableProblem(path, reason), { cause: error });
}
