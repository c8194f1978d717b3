import type { FileSystem } from '../pigen/files/file-system';
import { FileError } from '../pigen/files/file-system';
import { LimitedFileSystem } from '../pigen/files/limited-file-system';
import { folderOf, joinPath } from '../pigen/files/path';
import { readText } from '../pigen/files/read-text';
import type { StageTree } from '../pigen/tree/stage-tree';
import type { Span } from '../pigen/text';
import type { BashParser } from '../shell/bash-parser';
import { folderEntries } from './sub-stage-paths';
import { mentionsIn } from './mentions';
import type { TreeEntry } from './tree-entries';
import { treeFile } from './tree-file';
import type { TreeFile } from './tree-file';

/** A place that names an entry of a tree. */
export interface Reference {
  readonly file: TreeFile;
  /** The name alone, in the file's text. */
  readonly span: Span;
}

/** Open files at a time. */
const parallelCalls = 16;

/** Bytes: as for the scripts that are checked. */
const sizeLimit = 1024 * 1024;

/** Scripts at the root that are looked through. */
const rootScriptLimit = 60;

/**
 * Every place that names a stage, sub-stage or step: in scripts, configs, workflows, Makefiles, .pigen.yaml, .gitignore and its
 * like. Files that do not hold the name are not parsed. Rejects with the signal's reason when aborted.
 */
export async function referencesTo(
  tree: StageTree,
  entry: TreeEntry,
  {
    fs,
    parser,
    signal,
  }: { readonly fs: FileSystem; readonly parser: BashParser; readonly signal?: AbortSignal },
): Promise<readonly Reference[]> {
  const files = new LimitedFileSystem(fs, parallelCalls, signal);
  const paths = await pathsOf(tree, files);
  const found = await Promise.all(
    paths.map(async (path): Promise<readonly Reference[]> => {
      const text = await readText(files, path, sizeLimit);
      if (text instanceof FileError || !text.includes(entry.name) || text.includes('\0')) return [];
      const file = treeFile(tree, path, text, parser);
      return mentionsIn(file)
        .filter((mention) => mention.entry.path === entry.path)
        .map(({ span }) => ({ file, span }));
    }),
  );
  return found.flat();
}

/** The files of a tree that may name others, each once: those that pi-gen reads first. */
async function pathsOf(tree: StageTree, fs: FileSystem): Promise<readonly string[]> {
  const paths = new Set<string>([...tree.configs, ...tree.workflows].map(({ path }) => path));
  for (const stage of tree.stages) {
    if (stage.prerun !== undefined) paths.add(stage.prerun.path);
    if (stage.exportImage) paths.add(joinPath(stage.path, 'EXPORT_IMAGE'));
    if (stage.exportNoobs) paths.add(joinPath(stage.path, 'EXPORT_NOOBS'));
    for (const { path, name, kind } of stage.others) if (kind === 'file' && isText(name)) paths.add(path);
    for (const { steps, others } of stage.subStages) {
      for (const { kind, path } of steps) if (kind === 'run' || kind === 'run-chroot') paths.add(path);
      for (const { path, name, kind } of others) if (kind === 'file' && isText(name)) paths.add(path);
    }
  }
  const atRoot = await folderEntries(fs, tree.root);
  const own = atRoot.filter(
    ({ name, kind }) => kind === 'file' && isText(name) && !(tree.layout === 'pi-gen' && piGenOwn.has(name)),
  );
  for (const { name } of own.slice(0, rootScriptLimit)) paths.add(joinPath(tree.root, name));
  const workflows = joinPath(tree.root, '.github/workflows');
  for (const { name, kind } of await folderEntries(fs, workflows)) {
    if (kind === 'file' && /\.ya?ml$/.test(name)) paths.add(joinPath(workflows, name));
  }
  const settings = await settingsAbove(tree.root, fs);
  if (settings !== undefined) paths.add(settings);
  return [...paths];
}

const piGenOwn = new Set(['build.sh', 'build-docker.sh', 'imagetool.sh', 'Dockerfile']);

function isText(name: string): boolean {
  return /\.(?:sh|bash|mk)$|^\.(?:gitignore|gitattributes|dockerignore|pigen\.ya?ml)$|^(?:(?:GNU)?[Mm]akefile|[Jj]ustfile|Dockerfile)$/.test(
    name,
  );
}

/** The .pigen.yaml around a tree, up to the folder of its repository; that in the root is listed with it. */
async function settingsAbove(root: string, fs: FileSystem): Promise<string | undefined> {
  for (let folder = root; ; folder = folderOf(folder)) {
    const entries = await folderEntries(fs, folder);
    const settings = entries.find(({ name }) => /^\.pigen\.ya?ml$/.test(name));
    if (settings !== undefined) return joinPath(folder, settings.name);
    if (entries.some(({ name }) => name === '.git') || folderOf(folder) === folder) return undefined;
  }
}
