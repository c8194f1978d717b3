import { FileError } from '../../../src/pigen/files/file-system';
import type { Entry, FileStat, FileSystem } from '../../../src/pigen/files/file-system';

/**
 * Files by absolute path, that can be changed between two checks. Scripts are executable, but for those of `plain`; reads
 * are counted.
 */
export class MemoryFileSystem implements FileSystem {
  readonly reads: string[] = [];

  constructor(
    readonly files: Map<string, string>,
    private readonly plain: ReadonlySet<string> = new Set(),
  ) {}

  readFile(path: string, limit = Infinity): Promise<Uint8Array> {
    this.reads.push(path);
    const text = this.files.get(path);
    if (text === undefined) return Promise.reject(new FileError('not-found', path));
    const bytes = new TextEncoder().encode(text);
    return bytes.length > limit ? Promise.reject(new FileError('too-large', path)) : Promise.resolve(bytes);
  }

  readFolder(path: string): Promise<readonly Entry[]> {
    const entries = new Map<string, Entry>();
    for (const file of this.files.keys()) {
      if (!file.startsWith(`${path}/`)) continue;
      const [name = '', ...rest] = file.slice(path.length + 1).split('/');
      entries.set(name, { name, kind: rest.length > 0 ? 'folder' : 'file', symbolicLink: false });
    }
    if (entries.size === 0) return Promise.reject(new FileError('not-found', path));
    return Promise.resolve([...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  stat(path: string): Promise<FileStat | undefined> {
    const text = this.files.get(path);
    if (text !== undefined) {
      return Promise.resolve({
        kind: 'file',
        size: text.length,
        modified: 0,
        executable: path.endsWith('.sh') && !this.plain.has(path),
      });
    }
    const isFolder = [...this.files.keys()].some((file) => file.startsWith(`${path}/`));
    return Promise.resolve(isFolder ? { kind: 'folder', size: 0, modified: 0, executable: true } : undefined);
  }

  /** It has no links. */
  async realPath(path: string): Promise<string | undefined> {
    return (await this.stat(path)) && path;
  }
}
