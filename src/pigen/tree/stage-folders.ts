import type { Entry } from '../files/file-system';
import type { FolderReader } from './folder-reader';
import { baseName, joinPath } from '../files/path';
import { readText } from '../files/read-text';
import { parseStepName, prerunName } from './step-names';

/** Folders that are never entered: what builds and package managers write, and everything hidden. */
const closedFolders: ReadonlySet<string> = new Set(['work', 'deploy', 'node_modules', 'rootfs']);

/** How far below a root stages are looked for. */
export const stageDepth = 4;

/** Whether a folder may be entered in search of stages: links are not followed, so that loops cannot be met. */
export function mayEnter(entry: Entry): boolean {
  return (
    entry.kind === 'folder' &&
    !entry.symbolicLink &&
    !entry.name.startsWith('.') &&
    !closedFolders.has(entry.name)
  );
}

/** Bytes; pi-gen's build.sh has 12 KiB. */
const buildScriptLimit = 256 * 1024;

/**
 * Whether pi-gen itself is here: build.sh, with scripts/common or with pi-gen's first stages beside it. A build.sh of one's
 * own that clones pi-gen and copies the stages beside it there runs none itself.
 */
export async function isPiGenTree(reader: FolderReader, path: string): Promise<boolean> {
  const entries = await reader.entries(path);
  if (!holdsFile(entries, 'build.sh')) return false;
  const common = entries.some((entry) => entry.name === 'scripts' && entry.kind === 'folder')
    ? await reader.entries(joinPath(path, 'scripts'))
    : [];
  if (holdsFile(common, 'common')) return true;
  const build = await readText(reader.fs, joinPath(path, 'build.sh'), buildScriptLimit);
  if (typeof build !== 'string' || !/\brun_(?:sub_)?stage\b/.test(build)) return false;
  const stages = entries
    .filter((entry) => entry.kind === 'folder' && /^stage[01]$/.test(entry.name))
    .map(async (entry) => holdsFile(await reader.entries(joinPath(path, entry.name)), prerunName));
  return (await Promise.all(stages)).includes(true);
}

/** Whether a folder is the root of a git repository, a worktree or a submodule. */
export async function isRepository(reader: FolderReader, path: string): Promise<boolean> {
  return (await reader.entries(path)).some((entry) => entry.name === '.git');
}

/**
 * Whether a folder looks like a stage: prerun.sh or EXPORT_IMAGE, or a sub-folder with a step in it; for a folder named
 * `stage…`, a step in it will do (a mistake that is to be told).
 */
export async function isStage(reader: FolderReader, path: string): Promise<boolean> {
  const entries = await reader.entries(path);
  if (holdsStageFile(entries)) return true;
  if (namedStage(path) && entries.some(isStep)) return true;
  const subStages = entries.filter(mayEnter).map(async (entry) => {
    const below = joinPath(path, entry.name);
    const inside = await reader.entries(below);
    // What is a stage itself makes its parent none.
    return inside.some(isStep) && !holdsStageFile(inside) && !namedStage(below);
  });
  return (await Promise.all(subStages)).includes(true);
}

/**
 * The stages of a folder down to `depth`, itself included. Trees of pi-gen below it are left out; so are other
 * repositories below it, unless the folder is pi-gen itself, which people clone their stages into.
 */
export async function findStageFolders(
  reader: FolderReader,
  root: string,
  depth: number,
  layout: 'pi-gen' | 'stages',
): Promise<readonly string[]> {
  const isElsewhere = async (path: string): Promise<boolean> =>
    (await isPiGenTree(reader, path)) || (layout === 'stages' && (await isRepository(reader, path)));
  const visit = async (path: string, left: number): Promise<readonly string[]> => {
    if (path !== root && (await isElsewhere(path))) return [];
    if (await isStage(reader, path)) return [path];
    if (left === 0) return [];
    const entries = (await reader.entries(path)).filter(mayEnter);
    const found = await Promise.all(entries.map((entry) => visit(joinPath(path, entry.name), left - 1)));
    return found.flat();
  };
  return visit(root, depth);
}

function holdsFile(entries: readonly Entry[], name: string): boolean {
  return entries.some((entry) => entry.name === name && entry.kind === 'file');
}

function holdsStageFile(entries: readonly Entry[]): boolean {
  return holdsFile(entries, prerunName) || holdsFile(entries, 'EXPORT_IMAGE');
}

function namedStage(path: string): boolean {
  return /^stage/i.test(baseName(path));
}

/** Whether run_sub_stage would take an entry for a step: its name and its kind. */
export function isStep(entry: Entry): boolean {
  return parseStepName(entry.name)?.form.entry === entry.kind;
}
