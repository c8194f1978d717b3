import { close, constants, fstat, open, read } from 'node:fs';
import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { compareBytes } from './byte-order';
import { FileError } from './file-system';
import { joinPath } from './path';
import type { Entry, EntryKind, FileErrorReason, FileStat, FileSystem } from './file-system';

/** The size above which readFile refuses, unless told otherwise: no script, config or log of a stage is that large. */
export const defaultReadLimit = 16 * 1024 * 1024;

const parallelLinks = 16;

/** The disk. Paths are absolute with `/`; on Windows with a drive letter (`C:/x`) or a share (`//server/x`). */
export class NodeFileSystem implements FileSystem {
  async readFile(path: string, limit = defaultReadLimit): Promise<Uint8Array> {
    try {
      return await readWhole(path, limit);
    } catch (error) {
      throw asFileError(error, path);
    }
  }

  async readFolder(path: string): Promise<readonly Entry[]> {
    try {
      const found = await readdir(path, { withFileTypes: true });
      const entries: Entry[] = [];
      for (let i = 0; i < found.length; i += parallelLinks) {
        const some = found.slice(i, i + parallelLinks).map(async (entry): Promise<Entry> => {
          if (!entry.isSymbolicLink()) return { name: entry.name, kind: kindOf(entry), symbolicLink: false };
          const target = await this.stat(joinPath(path, entry.name));
          return { name: entry.name, kind: target?.kind ?? 'other', symbolicLink: true };
        });
        entries.push(...(await Promise.all(some)));
      }
      return entries.sort((a, b) => compareBytes(a.name, b.name));
    } catch (error) {
      throw asFileError(error, path);
    }
  }

  async stat(path: string): Promise<FileStat | undefined> {
    try {
      const found = await stat(path);
      return {
        kind: kindOf(found),
        size: found.size,
        modified: found.mtimeMs,
        executable: process.platform === 'win32' ? undefined : (found.mode & 0o111) !== 0,
      };
    } catch {
      // Nothing there, a broken or looping link, or a folder on the way that may not be entered.
      return undefined;
    }
  }

  async realPath(path: string): Promise<string | undefined> {
    try {
      const found = await realpath(path);
      return process.platform === 'win32' ? found.replaceAll('\\', '/') : found;
    } catch {
      return undefined;
    }
  }
}

/**
 * Reads a file with as few calls as there can be: a check reads hundreds of small ones, and fs.promises takes half as many
 * again for each.
 */
async function readWhole(path: string, limit: number): Promise<Uint8Array> {
  const file = await opened(path);
  try {
    const found = await statusOf(file);
    if (found.isDirectory()) throw new FileError('is-folder', path);
    // A named pipe or a device would never end.
    if (!found.isFile()) throw new FileError('unreadable', path);
    if (found.size > limit) throw new FileError('too-large', path);
    const bytes = Buffer.allocUnsafe(found.size);
    let end = 0;
    for (let count = -1; end < bytes.length && count !== 0; end += count) {
      count = await readInto(file, bytes, end);
    }
    return bytes.subarray(0, end);
  } finally {
    // Nothing was written: there is no error that anybody could miss.
    close(file, () => undefined);
  }
}

/** Opening a named pipe that nobody writes into would wait for ever. Windows has neither. */
const openFlags =
  process.platform === 'win32' ? constants.O_RDONLY : constants.O_RDONLY | constants.O_NONBLOCK;

function opened(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, openFlags, (error, file) => {
      if (error === null) resolve(file);
      else reject(error);
    });
  });
}

function statusOf(file: number): Promise<Stats> {
  return new Promise((resolve, reject) => {
    fstat(file, (error, found) => {
      if (error === null) resolve(found);
      else reject(error);
    });
  });
}

/** Reads what there is from `start` on, as much as has room; answers how much. */
function readInto(file: number, bytes: Buffer, start: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(file, bytes, start, bytes.length - start, start, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

interface HasKind {
  isFile(): boolean;
  isDirectory(): boolean;
}

function kindOf(found: HasKind): EntryKind {
  if (found.isFile()) return 'file';
  return found.isDirectory() ? 'folder' : 'other';
}

const reasons: ReadonlyMap<string, FileErrorReason> = new Map<string, FileErrorReason>([
  ['ENOENT', 'not-found'],
  ['ENOTDIR', 'not-found'],
  ['ELOOP', 'not-found'],
  ['EACCES', 'no-permission'],
  ['EPERM', 'no-permission'],
  ['EISDIR', 'is-folder'],
]);

function asFileError(error: unknown, path: string): FileError {
  if (error instanceof FileError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new FileError(reasons.get(code) ?? 'unreadable', path, { cause: error });
}
