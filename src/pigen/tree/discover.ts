import type { FileSystem } from '../files/file-system';
import { FolderReader } from './folder-reader';
import { LimitedFileSystem } from '../files/limited-file-system';
import { baseName, folderOf, joinPath } from '../files/path';
import { findStageFolders, isPiGenTree, isRepository, isStage, mayEnter, stageDepth } from './stage-folders';

/** Where a StageTree starts. */
export interface TreeRoot {
  readonly path: string;
  readonly layout: 'pi-gen' | 'stages';
}

/** Calls to the file system at a time. */
export const parallelCalls = 32;

/**
 * Finds the trees of a folder: the one around it, where there is one, and those in it, four levels deep. A tree is pi-gen
 * itself, or a repository (or the folder, where it is in none) that holds stages. Never enters work/, deploy/,
 * node_modules/, rootfs/, hidden folders or links. Rejects only when `signal` is aborted, with its reason.
 */
export async function discoverTrees(
  fs: FileSystem,
  folder: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly TreeRoot[]> {
  const reader = new FolderReader(new LimitedFileSystem(fs, parallelCalls, options.signal));
  const enclosing = await enclosingTree(reader, folder);
  if (enclosing?.layout === 'pi-gen') return [enclosing];
  const roots = new Map<string, TreeRoot>();
  const visit = async (path: string, owner: string, left: number): Promise<void> => {
    if (await isPiGenTree(reader, path)) {
      roots.set(path, { path, layout: 'pi-gen' });
      return;
    }
    const own = (await isRepository(reader, path)) ? path : owner;
    if (await isStage(reader, path)) {
      roots.set(own, { path: own, layout: 'stages' });
      return;
    }
    if (left === 0) return;
    const entries = (await reader.entries(path)).filter(mayEnter);
    await Promise.all(entries.map((entry) => visit(joinPath(path, entry.name), own, left - 1)));
  };
  if (enclosing !== undefined) roots.set(enclosing.path, enclosing);
  await visit(folder, enclosing?.path ?? folder, stageDepth);
  return [...roots.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Finds the tree that a file or folder belongs to: pi-gen's, else its repository where that holds stages, else, outside
 * of any repository, the stage's own surroundings. Undefined where there is none. Rejects only when `signal` is aborted.
 */
export async function findTree(
  fs: FileSystem,
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<TreeRoot | undefined> {
  const limited = new LimitedFileSystem(fs, parallelCalls, options.signal);
  const folder = (await limited.stat(path))?.kind === 'folder' ? path : folderOf(path);
  return enclosingTree(new FolderReader(limited), folder);
}

/** A stage's own repository may have been cloned into a tree of pi-gen: so far above it that tree is looked for. */
const levelsAboveRepository = 2;

async function enclosingTree(reader: FolderReader, folder: string): Promise<TreeRoot | undefined> {
  let repository: string | undefined;
  let stage: string | undefined;
  let above = 0;
  for (const path of ancestors(folder)) {
    if (await isPiGenTree(reader, path)) return { path, layout: 'pi-gen' };
    if (repository !== undefined) {
      if (++above >= levelsAboveRepository) break;
      continue;
    }
    if (await isStage(reader, path)) stage = path;
    if (await isRepository(reader, path)) repository = path;
  }
  const root = repository ?? (stage === undefined ? folder : await surroundings(reader, stage));
  const holdsStages =
    stage !== undefined || (await findStageFolders(reader, root, stageDepth, 'stages')).length > 0;
  return holdsStages ? { path: root, layout: 'stages' } : undefined;
}

function* ancestors(folder: string): Generator<string> {
  for (let path = folder; ; path = folderOf(path)) {
    yield path;
    if (folderOf(path) === path) return;
  }
}

/** The folder of a stage without a repository: its parent where that is about stages, else the stage alone. */
async function surroundings(reader: FolderReader, stage: string): Promise<string> {
  const parent = folderOf(stage);
  const beside = await reader.entries(parent);
  const about = beside.some(
    (entry) =>
      entry.name === '.github' ||
      (entry.name === 'config' && entry.kind === 'file') ||
      (entry.kind === 'folder' && entry.name.startsWith('stage') && entry.name !== baseName(stage)),
  );
  return about ? parent : stage;
}
