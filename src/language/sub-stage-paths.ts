import type { Entry, FileSystem } from '../pigen/files/file-system';
import { FileError } from '../pigen/files/file-system';
import { resolvePath } from '../pigen/files/path';
import type { Completion } from './completion';
import type { TreeFile } from './tree-file';

/** What a folder holds; nothing where it cannot be read. Rejects only as the file system does when aborted. */
export async function folderEntries(fs: FileSystem, folder: string): Promise<readonly Entry[]> {
  try {
    return await fs.readFolder(folder);
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

/**
 * The entries of the folder that a path in front of an offset leads to: `files/…`, `./…`, `../…`. Undefined where no such path
 * is being typed.
 */
export function completeFiles(
  file: TreeFile,
  before: string,
  offset: number,
  fs: FileSystem,
): Promise<readonly Completion[]> | undefined {
  const typed = /(?:^|[\s"'=<])((?:\.{1,2}\/|files\/)[\w./@+-]*|f|fi|fil|file|files)$/.exec(before)?.[1];
  const folder = file.subStage?.path ?? file.stage?.path;
  if (typed === undefined || folder === undefined) return undefined;
  const slash = typed.lastIndexOf('/');
  // A word is being typed that may become the name of the folder, but also of a command.
  if (slash < 0) return /\S\s+["']?\w+$/.test(before) ? named(fs, folder, typed, offset) : undefined;
  return listed(fs, resolvePath(folder, typed.slice(0, slash)), typed.slice(slash + 1), offset);
}

async function named(
  fs: FileSystem,
  folder: string,
  typed: string,
  offset: number,
): Promise<readonly Completion[]> {
  const entries = await folderEntries(fs, folder);
  return entries
    .filter(({ name, kind }) => name === 'files' && kind === 'folder')
    .map((entry) => completion(entry, typed, offset));
}

async function listed(
  fs: FileSystem,
  folder: string,
  typed: string,
  offset: number,
): Promise<readonly Completion[]> {
  return (await folderEntries(fs, folder)).map((entry) => completion(entry, typed, offset));
}

function completion({ name, kind }: Entry, typed: string, offset: number): Completion {
  const isFolder = kind === 'folder';
  return {
    label: isFolder ? `${name}/` : name,
    kind: isFolder ? 'folder' : 'file',
    text: isFolder ? `${name}/` : name,
    replace: { start: offset - typed.length, end: offset },
    goesOn: isFolder,
  };
}
