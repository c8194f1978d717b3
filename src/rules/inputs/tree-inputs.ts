import type { Entry, FileSystem } from '../../pigen/files/file-system';
import { FileError } from '../../pigen/files/file-system';
import type { Branch } from '../../pigen/branches';
import type { ReadAssignments } from '../../pigen/config/config-assignment';
import type { GitIndex } from '../../pigen/files/git-index';
import { loadStageTree } from '../../pigen/tree/load-stage-tree';
import { OnceFileSystem } from '../../pigen/files/once-file-system';
import { joinPath } from '../../pigen/files/path';
import { readText } from '../../pigen/files/read-text';
import type { Release } from '../../pigen/release';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { UpstreamFiles } from '../../pigen/tree/upstream-files';
import type { Script } from '../../shell/script';
import { sourcedWords } from '../../shell/sourced-path';
import { findSettings, readSettings } from '../control/settings-file';
import type { SettingsFile } from '../control/settings-file';
import { targetOf } from '../control/target';
import { readDataFiles } from './data-file';
import type { DataFile, DataFiles } from './data-file';
import { readScript } from './read-script';
import type { ReadScript } from './read-script';
import { scriptSlots } from './script-slots';
import type { ScriptSlot } from './script-slots';
import type { TreeContext } from '../rule';
import { readSourcedFiles } from './sourced-files';
import type { SourcedFiles } from './sourced-files';
import { filesNamedIn } from './named-file';
import { findSubStageFiles } from './sub-stage-files';
import type { SubStageFiles } from './sub-stage-files';

/** All that a check of a tree reads, and what it is told. */
export interface TreeInputs extends DataFiles {
  readonly tree: StageTree;
  readonly settings: SettingsFile | undefined;
  readonly release: Release | undefined;
  /** The branches of pi-gen that may build it: several where only the release is known, which leaves the architecture open. */
  readonly branches: readonly Branch[];
  readonly slots: readonly ScriptSlot[];
  /** What was read for each slot, by absolute path. */
  readonly read: ReadonlyMap<string, ReadScript>;
  readonly filesFolders: ReadonlyMap<string, readonly Entry[]>;
  readonly subStageFiles: SubStageFiles;
  readonly sourcedFiles: SourcedFiles;
  readonly gitIndex: GitIndex | undefined;
  readonly gitAttributes: TreeContext['gitAttributes'];
}

/** Bytes of a .gitattributes. */
const attributesLimit = 256 * 1024;

export interface InputOptions {
  readonly readAssignments: ReadAssignments;
  /** Reads the syntax of a sourced file; called by rules only. */
  readonly analyse: (text: string) => Script;
  /** What counts as a file of pi-gen's own. */
  readonly upstream: UpstreamFiles;
  /** Called for each script that is not. */
  readonly onOwnScript: () => void;
  readonly gitIndex: GitIndex | undefined;
  /** A settings file to be read in the place of the tree's .pigen.yaml; absolute. */
  readonly settingsFile: string | undefined;
  /** Debian release, in the place of what the tree says. */
  readonly release: string | undefined;
  /** Of the last check: what is worked out for a text is kept as long as the text. */
  readonly dataFiles: ReadonlyMap<string, DataFile> | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Reads a tree from its root. Rejects only as the file system does when aborted, and where the parser cannot be had. */
export async function readTreeInputs(
  files: FileSystem,
  root: string,
  options: InputOptions,
): Promise<TreeInputs> {
  const fs = new OnceFileSystem(files);
  const { readAssignments, gitIndex, settingsFile, signal, upstream } = options;
  const [loaded, settings] = await Promise.all([
    loadStageTree(fs, root, { readAssignments, gitIndex, signal }),
    settingsFile === undefined ? findSettings(fs, root) : readSettings(fs, settingsFile),
  ]);
  const { branch, release, branches } = targetOf(loaded, settings, options.release);
  const tree = { ...loaded, branch };
  const slots = scriptSlots(tree);
  const [read, filesFolders, data] = await Promise.all([
    readScripts(fs, slots, options),
    listFilesFolders(fs, tree),
    readDataFiles(fs, tree, options.dataFiles, upstream),
  ]);
  const attributesPath = joinPath(gitIndex?.root ?? root, '.gitattributes');
  const [subStageFiles, sourcedFiles, attributes] = await Promise.all([
    findSubStageFiles(fs, tree, slots, read),
    readSourcedFiles(fs, tree, hostScripts(slots, read), options.analyse),
    readText(fs, attributesPath, attributesLimit),
  ]);
  return {
    ...{
      tree,
      settings,
      release,
      branches,
      slots,
      read,
      filesFolders,
      subStageFiles,
      sourcedFiles,
      gitIndex,
    },
    ...data,
    gitAttributes: {
      path: attributesPath,
      text: typeof attributes === 'string' ? attributes : undefined,
    },
  };
}

/**
 * The inputs after changes to the texts of some files alone. Undefined where one of them is no script, a script that now
 * names other files, or one that sources any: then the tree has to be read as a whole.
 */
export async function readChangedScripts(
  fs: FileSystem,
  before: TreeInputs,
  changed: ReadonlySet<string>,
  upstream: UpstreamFiles,
): Promise<TreeInputs | undefined> {
  const slots = before.slots.filter(({ path }) => changed.has(path));
  if (new Set(slots.map(({ path }) => path)).size < changed.size) return undefined;
  const read = new Map(before.read);
  for (const slot of slots) {
    const found = await readScript(fs, slot.path, upstream);
    const names = (script: ReadScript | undefined): string =>
      [...filesNamedIn(slot, before.tree, script?.text).keys()].join('\n');
    const old = before.read.get(slot.path);
    if (names(found) !== names(old) || sources(found) || sources(old)) return undefined;
    read.set(slot.path, found);
  }
  return { ...before, read };
}

function sources(script: ReadScript | undefined): boolean {
  return script?.text !== undefined && sourcedWords(script.text).length > 0;
}

async function readScripts(
  fs: FileSystem,
  slots: readonly ScriptSlot[],
  { upstream, onOwnScript }: InputOptions,
): Promise<ReadonlyMap<string, ReadScript>> {
  const pairs = slots.map(async ({ path }) => {
    const script = await readScript(fs, path, upstream);
    if (script.text !== undefined && !script.upstream) onOwnScript();
    return [path, script] as const;
  });
  return new Map(await Promise.all(pairs));
}

/** The scripts that run on the build host and could be read. */
function hostScripts(
  slots: readonly ScriptSlot[],
  read: ReadonlyMap<string, ReadScript>,
): readonly (ScriptSlot & { readonly text: string })[] {
  return slots.flatMap((slot) => {
    const text = slot.place === 'host' ? read.get(slot.path)?.text : undefined;
    return text === undefined ? [] : [{ ...slot, text }];
  });
}

async function listFilesFolders(
  fs: FileSystem,
  tree: StageTree,
): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const folders = tree.stages
    .flatMap((stage) => stage.subStages.flatMap((subStage) => subStage.others))
    .filter(({ name, kind }) => kind === 'folder' && name === 'files');
  const pairs = folders.map(async ({ path }) => [path, await listFolder(fs, path)] as const);
  return new Map(await Promise.all(pairs));
}

async function listFolder(fs: FileSystem, path: string): Promise<readonly Entry[]> {
  try {
    return await fs.readFolder(path);
  } catch (error) {
    // Gone meanwhile, or not to be entered: what cannot be seen is no finding.
    if (error instanceof FileError) return [];
    throw error;
  }
}
