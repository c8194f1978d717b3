import { FileError } from './file-system';
import type { FileSystem } from './file-system';
import { folderOf, isWithin, joinPath, relativePath, resolvePath } from './path';
import { readText } from './read-text';

/** What the git index knows of the files of a work tree. */
export interface GitIndex {
  /** Absolute path of the work tree. */
  readonly root: string;
  /** Whether a tracked file has the execute bit (mode 100755); undefined for what is not tracked as a file. */
  executable(path: string): boolean | undefined;
}

/** Where the index of a work tree is; its FileStat's `modified` tells when to read it again. */
export interface GitIndexPlace {
  /** The work tree. */
  readonly root: string;
  readonly file: string;
}

/** An index of a repository with a million files has some 100 MB; no repository of stages is near that. */
const indexLimit = 128 * 1024 * 1024;

/**
 * Finds the index of the repository that holds a folder: `.git/index`, or behind a `.git` file (worktrees, submodules)
 * the one in the folder that it names. Undefined outside of a repository, and in one that has no index yet.
 */
export async function findGitIndex(fs: FileSystem, folder: string): Promise<GitIndexPlace | undefined> {
  for (let root = folder; ; root = folderOf(root)) {
    const dotGit = joinPath(root, '.git');
    const found = await fs.stat(dotGit);
    if (found !== undefined) {
      const gitFolder = found.kind === 'folder' ? dotGit : await namedGitFolder(fs, root, dotGit);
      const file = gitFolder && joinPath(gitFolder, 'index');
      return file !== undefined && (await fs.stat(file))?.kind === 'file' ? { root, file } : undefined;
    }
    if (folderOf(root) === root) return undefined;
  }
}

async function namedGitFolder(fs: FileSystem, root: string, dotGit: string): Promise<string | undefined> {
  const text = await readText(fs, dotGit, 64 * 1024);
  const named = typeof text === 'string' ? /^gitdir:[ \t]*(.+?)\s*$/m.exec(text)?.[1] : undefined;
  return named === undefined ? undefined : resolvePath(root, named.replaceAll('\\', '/'));
}

/**
 * Reads the index of the repository that holds a folder, without git: it has to work in folders that are not trusted,
 * where no program may run. Undefined outside of a repository and for an index that cannot be read. Never rejects but for
 * an aborted file system.
 */
export async function readGitIndex(fs: FileSystem, folder: string): Promise<GitIndex | undefined> {
  const place = await findGitIndex(fs, folder);
  if (place === undefined) return undefined;
  try {
    const modes = parseGitIndex(await fs.readFile(place.file, indexLimit));
    return modes && gitIndexOf(place.root, modes);
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

function gitIndexOf(root: string, modes: ReadonlyMap<string, boolean>): GitIndex {
  return {
    root,
    executable: (path) => (isWithin(root, path) ? modes.get(relativePath(root, path)) : undefined),
  };
}

/**
 * Reads a git index of version 2, 3 or 4, of a SHA-1 or a SHA-256 repository: paths relative to the work tree, and whether
 * they have the execute bit; links and submodules are left out. Undefined for everything else, a split index among it.
 */
export function parseGitIndex(bytes: Uint8Array): ReadonlyMap<string, boolean> | undefined {
  // Nothing in the file tells the length of its hashes, but only the right one makes sense up to its end.
  return new IndexReader(bytes, 20).read() ?? new IndexReader(bytes, 32).read();
}

const mode = { file: 0o100644, executable: 0o100755 };
const modes: ReadonlySet<number> = new Set([
  mode.file,
  mode.executable,
  0o100664,
  0o120000,
  0o160000,
  0o40000,
]);
/** Bytes of an entry before its hash: times, device, inode, mode, owner, size. */
const statLength = 40;
const modeOffset = 24;
const extendedFlag = 0x4000;
const stageMask = 0x3000;

class IndexReader {
  readonly #view: DataView;
  readonly #end: number;
  #at = 12;
  /** Bytes of the path before, for version 4. */
  #path = new Uint8Array();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly hashLength: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length - hashLength;
  }

  read(): ReadonlyMap<string, boolean> | undefined {
    if (this.#end < 12 || this.#ascii(0, 4) !== 'DIRC') return undefined;
    const version = this.#view.getUint32(4);
    if (version < 2 || version > 4) return undefined;
    const found = new Map<string, boolean>();
    const decoder = new TextDecoder();
    for (let left = this.#view.getUint32(8); left > 0; left--) {
      const entry = this.#entry(version);
      if (entry === undefined) return undefined;
      // Of a file in a merge conflict, stage 2 (ours) comes before 3 (theirs).
      const path = decoder.decode(this.#path);
      if (entry.isFile && !(entry.conflict && found.has(path))) found.set(path, entry.executable);
    }
    return this.#extensionsFit() ? found : undefined;
  }

  #entry(version: number): { isFile: boolean; executable: boolean; conflict: boolean } | undefined {
    const start = this.#at;
    const flagsAt = start + statLength + this.hashLength;
    if (flagsAt + 2 > this.#end) return undefined;
    const value = this.#view.getUint32(start + modeOffset);
    if (!modes.has(value)) return undefined;
    const flags = this.#view.getUint16(flagsAt);
    this.#at = flagsAt + (version >= 3 && (flags & extendedFlag) !== 0 ? 4 : 2);
    if (!(version === 4 ? this.#compressedPath() : this.#paddedPath(start))) return undefined;
    const isFile = (value & 0o170000) === 0o100000;
    return { isFile, executable: value === mode.executable, conflict: (flags & stageMask) !== 0 };
  }

  /** Versions 2 and 3: the path, then one to eight zero bytes, up to a multiple of eight. */
  #paddedPath(start: number): boolean {
    const end = this.bytes.indexOf(0, this.#at);
    if (end < 0 || end >= this.#end) return false;
    this.#path = this.bytes.slice(this.#at, end);
    this.#at = start + (Math.floor((end - start) / 8) + 1) * 8;
    return this.#at <= this.#end;
  }

  /** Version 4: how many bytes to drop from the path before, and what to add to the rest. */
  #compressedPath(): boolean {
    const dropped = this.#offset();
    const end = this.bytes.indexOf(0, this.#at);
    if (dropped === undefined || dropped > this.#path.length || end < 0 || end >= this.#end) return false;
    const kept = this.#path.length - dropped;
    const path = new Uint8Array(kept + end - this.#at);
    path.set(this.#path.subarray(0, kept));
    path.set(this.bytes.subarray(this.#at, end), kept);
    this.#path = path;
    this.#at = end + 1;
    return true;
  }

  /** git's variable-length offset: seven bits a byte, the highest first, one added at every continuation. */
  #offset(): number | undefined {
    let value = 0;
    for (let i = 0; i < 5 && this.#at < this.#end; i++) {
      const byte = this.bytes[this.#at++] ?? 0;
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
      value++;
    }
    return undefined;
  }

  /** Whether extensions fill the rest exactly. `link` means a split index, most of whose entries are elsewhere. */
  #extensionsFit(): boolean {
    while (this.#at + 8 <= this.#end) {
      if (this.#ascii(this.#at, 4) === 'link') return false;
      this.#at += 8 + this.#view.getUint32(this.#at + 4);
    }
    return this.#at === this.#end;
  }

  #ascii(start: number, length: number): string {
    return String.fromCharCode(...this.bytes.subarray(start, start + length));
  }
}
