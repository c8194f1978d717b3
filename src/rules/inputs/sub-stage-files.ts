import { FileError } from '../../pigen/files/file-system';
import type { Entry, FileSystem } from '../../pigen/files/file-system';
import { baseName, folderOf, isWithin, joinPath, relativePath } from '../../pigen/files/path';
import { readText } from '../../pigen/files/read-text';
import type { ExecuteBit, StageTree } from '../../pigen/tree/stage-tree';
import { entriesOf } from './data-file';
import { filesNamedIn, otherFolder } from './named-file';
import type { NamedFile } from './named-file';
import type { ReadScript } from './read-script';
import type { ScriptSlot } from './script-slots';

/** What is known of the files of the tree that scripts of sub-stages name: below `files`, in their stage, or from BASE_DIR. */
export interface SubStageFiles {
  /** Entries of the folders that lie on the way to the named files; undefined for one that is not there. */
  readonly folders: ReadonlyMap<string, readonly Entry[] | undefined>;
  /** Whether a file that is not there may come from elsewhere: git ignores it, or a workflow, Makefile or script at the root names it. */
  mayComeFromElsewhere(path: string): boolean;
  /** Whether a workflow, Makefile or script at the root makes EXPORT_IMAGE files; asked of a list that ends without one. */
  readonly makesExportImage: boolean;
  /** Whether a workflow, Makefile or script at the root may make a script executable; asked of those that are not. */
  maySetExecuteBit(path: string): boolean;
  /** The text of the tree's own build.sh, which a fork may have changed; empty where there is none. */
  readonly buildScript: string;
}

/** Bytes, and files, of what may bring files into a sub-stage. */
const makerSizeLimit = 256 * 1024;
const makerLimit = 60;

/** Lists the folders on the way to every file of the tree that a script of a sub-stage names: none of them is walked. */
export async function findSubStageFiles(
  fs: FileSystem,
  tree: StageTree,
  slots: readonly ScriptSlot[],
  read: ReadonlyMap<string, ReadScript>,
): Promise<SubStageFiles> {
  const named = new Set<string>();
  const wanted = new Set<string>();
  for (const slot of slots) {
    for (const file of filesNamedIn(slot, tree, read.get(slot.path)?.text).values()) {
      named.add(file.path);
      for (const folder of foldersOnTheWay(file)) wanted.add(folder);
      // Where it is not there, it is told whether it lies in the other one.
      const other = slot.stage && slot.subStage && otherFolder(file, slot.stage, slot.subStage);
      if (other !== undefined) for (const folder of foldersOnTheWay(other)) wanted.add(folder);
    }
  }
  const folders = new Map((await Promise.all([...wanted].map((path) => list(fs, path)))).flat());
  const missing = [...named].filter((file) => !isListed(folders, file));
  const buildScript = tree.layout === 'pi-gen' ? await textOr(fs, joinPath(tree.root, 'build.sh')) : '';
  const needed = missing.length > 0 || endsWithoutExport(tree) || hasPlainScript(tree);
  const sources = !needed ? { ignored: [], makers: [] } : await readSources(fs, tree, missing);
  return {
    folders,
    mayComeFromElsewhere: (path) =>
      sources.ignored.some((ignore) => mayIgnore(ignore, path)) ||
      sources.makers.some((text) => mayMake(text, path)),
    maySetExecuteBit: (path) => sources.makers.some((text) => mayMakeExecutable(text, path)),
    buildScript,
    makesExportImage: sources.makers.some((text) => exportMaking.test(text)),
  };
}

function endsWithoutExport({ stages, stageList }: StageTree): boolean {
  const last = stages.find(({ position }) => position === stageList.entries.length - 1);
  return last?.exportImage === false;
}

function hasPlainScript({ stages }: StageTree): boolean {
  const scripts = stages.flatMap(({ prerun, subStages }) => [
    prerun,
    ...subStages.flatMap(({ steps }) => steps),
  ]);
  return scripts.some((script) => script?.executeBit !== undefined && lacksExecuteBit(script.executeBit));
}

/** Whether a script is not executable where a build from here, or from a clone, would run it. */
export function lacksExecuteBit({ disk, index }: ExecuteBit): boolean {
  return disk === false || index === false;
}

/** A line with chmod, and on it the script's name, or what may mean it: a pattern for scripts, or a whole folder. */
function mayMakeExecutable(text: string, path: string): boolean {
  return text
    .replaceAll(/\\\r?\n/g, ' ')
    .split('\n')
    .some(
      (line) =>
        /\bchmod\b.*(?:[+=][rws]*x|\b0?7[0-7]{2}\b)/.test(line) &&
        (line.includes(baseName(path)) || /\*|\s-\w*R|--recursive|\bxargs\b|\{\}/.test(line)),
    );
}

/** A command that makes the file, or one of Python's `Path`. */
const exportMaking =
  /(?:\b(?:touch|cp|install|mv|ln|tee|printf|echo|cat)\b[^\n]*|>[ \t]*\S*)EXPORT_IMAGE|EXPORT_IMAGE["')\]]*\.(?:touch|write)/;

/** The folder that the script starts from, and those down to the file. */
function foldersOnTheWay({ base, path }: NamedFile): readonly string[] {
  const folders: string[] = [];
  for (let folder = folderOf(path); folder !== base && isWithin(base, folder); folder = folderOf(folder)) {
    folders.push(folder);
  }
  return [base, ...folders];
}

/** A folder that may not be read is left out: nothing is known of what lies in it. */
async function list(
  fs: FileSystem,
  path: string,
): Promise<readonly (readonly [string, readonly Entry[] | undefined])[]> {
  try {
    return [[path, await fs.readFolder(path)]];
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return error.reason === 'not-found' ? [[path, undefined]] : [];
  }
}

function isListed(folders: ReadonlyMap<string, readonly Entry[] | undefined>, file: string): boolean {
  return folders.get(folderOf(file))?.some(({ name }) => name === baseName(file)) === true;
}

interface Ignored {
  readonly folder: string;
  readonly patterns: readonly RegExp[];
}

async function readSources(
  fs: FileSystem,
  tree: StageTree,
  missing: readonly string[],
): Promise<{ readonly ignored: readonly Ignored[]; readonly makers: readonly string[] }> {
  const places = new Set(await foldersUpToRepository(fs, tree.root));
  for (const file of missing) {
    for (let folder = folderOf(file); isWithin(tree.root, folder); folder = folderOf(folder)) {
      places.add(folder);
      if (folder === tree.root) break;
    }
  }
  const ignored = [...places].map(async (folder) => ({
    folder,
    patterns: patternsOf(await textOr(fs, joinPath(folder, '.gitignore'))),
  }));
  return { ignored: await Promise.all(ignored), makers: await readMakers(fs, tree) };
}

/** The root and the folders above it, as far as a repository may reach. */
async function foldersUpToRepository(fs: FileSystem, root: string): Promise<readonly string[]> {
  const folders = [root];
  for (let folder = root; folders.length < 8 && folder !== folderOf(folder);) {
    if ((await fs.stat(joinPath(folder, '.git'))) !== undefined) return folders;
    folder = folderOf(folder);
    folders.push(folder);
  }
  return [root];
}

function patternsOf(text: string): readonly RegExp[] {
  return (
    text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('!'))
      .map((line) => line.split('/').filter((part) => part !== ''))
      // `work/*`, as in pi-gen's own .gitignore, is about `work` and not about everything.
      .flatMap((parts) => parts.findLast((part) => !/^\*+$/.test(part)) ?? parts.at(-1) ?? [])
      .map(patternOf)
  );
}

/** More stars than any name needs could take for ever to match. */
const starLimit = 4;

function patternOf(part: string): RegExp {
  if (part.replaceAll(/\*+/g, '*').split('*').length > starLimit + 1) return /^/;
  const escaped = part.replaceAll(/\[[^\]]*\]|\*+|[.+^${}()|[\]\\?]/g, (found) => {
    if (found.startsWith('*')) return '.*';
    return found === '?' || found.length > 1 ? '.' : `\\${found}`;
  });
  return new RegExp(`^${escaped}$`);
}

/** Wider than git: the last part of a pattern may match any part of the path. Better silent than wrong. */
function mayIgnore({ folder, patterns }: Ignored, path: string): boolean {
  if (!isWithin(folder, path)) return false;
  const parts = relativePath(folder, path).split('/');
  return patterns.some((pattern) => parts.some((part) => pattern.test(part)));
}

async function readMakers(fs: FileSystem, tree: StageTree): Promise<readonly string[]> {
  const workflows = joinPath(tree.root, '.github/workflows');
  const [root, ofWorkflows] = await Promise.all([entriesOf(fs, tree.root), entriesOf(fs, workflows)]);
  const names = (root ?? []).filter(({ kind, name }) => kind === 'file' && mayBeMaker(name));
  const paths = [
    ...names.map(({ name }) => joinPath(tree.root, name)),
    ...(ofWorkflows ?? []).filter(({ kind }) => kind === 'file').map(({ name }) => joinPath(workflows, name)),
  ];
  // pi-gen's own scripts bring no files into a sub-stage.
  const own = tree.layout === 'pi-gen' ? new Set(['build.sh', 'build-docker.sh', 'Dockerfile']) : new Set();
  const read = paths.filter((path) => !own.has(baseName(path))).slice(0, makerLimit);
  return Promise.all(read.map((path) => textOr(fs, path)));
}

function mayBeMaker(name: string): boolean {
  return /\.(?:sh|bash|py|mk|ya?ml|toml)$|^(?:\w*file|config[\w.-]*|setup|build[\w-]*)$/i.test(name);
}

/** A text that names the file, or a whole `files` folder, may put it there. */
function mayMake(text: string, path: string): boolean {
  return text.includes(baseName(path)) || /\bfiles\b/.test(text);
}

async function textOr(fs: FileSystem, path: string): Promise<string> {
  const text = await readText(fs, path, makerSizeLimit);
  return typeof text === 'string' ? text : '';
}
