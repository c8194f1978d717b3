import type { FileSystem } from '../../pigen/files/file-system';
import { findGitIndex, readGitIndex } from '../../pigen/files/git-index';
import type { GitIndex } from '../../pigen/files/git-index';

interface Cached {
  readonly modified: number;
  readonly size: number;
  readonly index: GitIndex | undefined;
}

/** Reads a git index again only when its file has changed. */
export class GitIndexCache {
  readonly #known = new Map<string, Cached>();

  /** The index of the repository that holds a folder; undefined outside of one. Rejects only as the file system does when aborted. */
  async read(fs: FileSystem, folder: string): Promise<GitIndex | undefined> {
    const place = await findGitIndex(fs, folder);
    const found = place && (await fs.stat(place.file));
    if (place === undefined || found === undefined) return undefined;
    const { modified, size } = found;
    const known = this.#known.get(place.file);
    if (known?.modified === modified && known.size === size) return known.index;
    const index = await readGitIndex(fs, folder);
    this.#known.set(place.file, { modified, size, index });
    return index;
  }

  clear(): void {
    this.#known.clear();
  }
}
