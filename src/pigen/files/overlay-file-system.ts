import { compareBytes } from './byte-order';
import type { Entry, FileStat, FileSystem } from './file-system';
import { FileError } from './file-system';
import { baseName, folderOf } from './path';

/**
 * A file system with unsaved texts laid over it: what an editor shows. `texts` maps absolute paths to texts and is read
 * at every call, so its owner may go on changing it. A text whose file does not exist yet appears in its folder.
 */
export class OverlayFileSystem implements FileSystem {
  readonly #encoder = new TextEncoder();

  constructor(
    private readonly inner: FileSystem,
    private readonly texts: ReadonlyMap<string, string>,
  ) {}

  async readFile(path: string, limit?: number): Promise<Uint8Array> {
    const text = this.texts.get(path);
    if (text === undefined) return this.inner.readFile(path, limit);
    const bytes = this.#encoder.encode(text);
    if (limit !== undefined && bytes.length > limit) throw new FileError('too-large', path);
    return bytes;
  }

  async readFolder(path: string): Promise<readonly Entry[]> {
    const entries = await this.inner.readFolder(path);
    const known = new Set(entries.map((entry) => entry.name));
    const added: Entry[] = [];
    for (const open of this.texts.keys()) {
      if (folderOf(open) !== path || known.has(baseName(open))) continue;
      added.push({ name: baseName(open), kind: 'file', symbolicLink: false });
    }
    if (added.length === 0) return entries;
    return [...entries, ...added].sort((a, b) => compareBytes(a.name, b.name));
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const found = await this.inner.stat(path);
    const text = this.texts.get(path);
    if (text === undefined) return found;
    const size = this.#encoder.encode(text).length;
    if (found !== undefined) return { ...found, size };
    return { kind: 'file', size, modified: 0, executable: undefined };
  }

  async realPath(path: string): Promise<string | undefined> {
    const found = await this.inner.realPath(path);
    // What is not saved yet is no link.
    return found ?? (this.texts.has(path) ? path : undefined);
  }
}
