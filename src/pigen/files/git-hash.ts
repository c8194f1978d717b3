import type { FileSystem } from './file-system';
import { joinPath, resolvePath } from './path';

/** More than this no reference needs; a loop of symbolic references ends there. */
const longestChain = 5;

/**
 * The commit that a working tree stands on, as `git rev-parse HEAD` gives it, read from git's files without running git.
 * Undefined where the folder is no working tree's root, or nothing was committed yet. Never rejects.
 */
export async function readGitHash(fileSystem: FileSystem, root: string): Promise<string | undefined> {
  const folders = await findGitFolders(fileSystem, root);
  if (folders === undefined) return undefined;
  const { own, shared } = folders;
  let name = 'HEAD';
  for (let step = 0; step < longestChain; step++) {
    const text =
      (await readText(fileSystem, joinPath(own, name))) ??
      (shared === own ? undefined : await readText(fileSystem, joinPath(shared, name))) ??
      (await packedReference(fileSystem, shared, name));
    const content = text?.trim() ?? '';
    if (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(content)) return content;
    const target = /^ref:\s*(\S+)$/.exec(content)?.[1];
    if (target === undefined || target.split('/').includes('..')) return undefined;
    name = target;
  }
  return undefined;
}

/** Where git keeps what it knows of a working tree. */
export interface GitFolders {
  /** With HEAD and the index. */
  readonly own: string;
  /** With the config and the branches: another one for a linked working tree. */
  readonly shared: string;
}

/** Undefined where the folder is no working tree's root. Never rejects. */
export async function findGitFolders(fileSystem: FileSystem, root: string): Promise<GitFolders | undefined> {
  const own = await gitFolder(fileSystem, root);
  if (own === undefined) return undefined;
  const common = (await readText(fileSystem, joinPath(own, 'commondir')))?.trim();
  return { own, shared: common === undefined ? own : resolvePath(own, common.replaceAll('\\', '/')) };
}

async function gitFolder(fileSystem: FileSystem, root: string): Promise<string | undefined> {
  const path = joinPath(root, '.git');
  const stat = await fileSystem.stat(path);
  if (stat === undefined) return undefined;
  if (stat.kind === 'folder') return path;
  // A submodule's or a linked working tree's .git is a file that names the folder.
  const target = /^gitdir:\s*(.+)$/m.exec((await readText(fileSystem, path)) ?? '')?.[1];
  return target === undefined ? undefined : resolvePath(root, target.trim().replaceAll('\\', '/'));
}

async function packedReference(
  fileSystem: FileSystem,
  folder: string,
  name: string,
): Promise<string | undefined> {
  const text = await readText(fileSystem, joinPath(folder, 'packed-refs'));
  const line = text?.split('\n').find((candidate) => candidate.trim().endsWith(` ${name}`));
  return line?.split(' ')[0];
}

async function readText(fileSystem: FileSystem, path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await fileSystem.readFile(path));
  } catch {
    return undefined;
  }
}
