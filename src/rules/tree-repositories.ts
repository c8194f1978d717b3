import { partKey, partsOf, readAptSources, readSourceLines } from '../pigen/apt-sources';
import type { AptSource, ReadSources, RepositoryPart, SourceContext } from '../pigen/apt-sources';
import type { Branch } from '../pigen/branches';
import { staticValue } from '../pigen/config';
import type { FileSystem } from '../pigen/file-system';
import { folderOf, isWithin, joinPath, resolvePath } from '../pigen/path';
import { readText } from '../pigen/read-text';
import type { Release } from '../pigen/release';
import { stage0Sources } from '../pigen/stage0-sources';
import type { Stage, StageTree, SubStage } from '../pigen/stage-tree';
import { entriesOf } from './data-file';
import type { DataFile } from './data-file';
import { repositoryChanges } from './repository-changes';
import type { RepositoryChanges } from './repository-changes';
import type { ScriptFile, UnreadableReason } from './rule';

/** What is known of a tree when its repositories are worked out. */
export interface RepositoryQuestion {
  readonly tree: StageTree;
  readonly scripts: ReadonlyMap<string, ScriptFile>;
  readonly unreadable: ReadonlyMap<string, UnreadableReason>;
  readonly dataFiles: ReadonlyMap<string, DataFile>;
  readonly release: Release | undefined;
  /** The branches of pi-gen that may build it: several where only the release is known, which leaves the architecture open. */
  readonly branches: readonly Branch[];
}

/** Repositories that something adds at a place of the run. */
interface Addition {
  readonly position: number;
  /** Undefined: anything. */
  readonly parts: readonly RepositoryPart[] | undefined;
}

/** The repositories that apt of the image knows. */
export interface TreeRepositories {
  /** All that the tree names, from its beginning to its end. */
  readonly parts: readonly RepositoryPart[];
  /** The architectures of the image. */
  readonly architectures: readonly string[];
  /**
   * Whether all repositories that may be known when a file's turn comes are covered by an index, so that a name it does not
   * know is in none of them.
   */
  isCoveredAt(file: string, covers: (part: RepositoryPart) => boolean): boolean;
}

/**
 * Works out the repositories of a tree: from its files of apt sources, and from what its scripts write into the image's; for
 * stages without pi-gen, from pi-gen's own stage0 too. Undefined where not even the release or architecture is known.
 */
export async function treeRepositories(
  fs: FileSystem,
  question: RepositoryQuestion,
): Promise<TreeRepositories | undefined> {
  const { tree, release, branches } = question;
  if (release === undefined || branches.length === 0) return undefined;
  const base = tree.layout === 'stages' ? baseOf(tree, branches) : [];
  if (base === undefined) return undefined;
  const changes = new Map<string, RepositoryChanges>();
  for (const file of question.scripts.values()) changes.set(file.path, repositoryChanges(file));
  const files = await readSourceFiles(fs, tree);

  const context: SourceContext = { release, architectures: architecturesOf(question, changes) };
  const run = new Run(tree);
  const additions: Addition[] = [
    ...run.strangers.map((position) => ({ position, parts: undefined })),
    { position: run.start, parts: partsOfAll({ sources: base, unknown: false }, context) },
  ];
  for (const { path, sources } of files.found) {
    additions.push({ position: run.before(path), parts: partsOfAll(sources, context) });
  }
  if (files.incomplete) additions.push({ position: run.start, parts: undefined });
  for (const [path, change] of changes) {
    const isKnown = change.installed.every((name) => isSourceFile(path, name, files.found));
    const all = change.temporary ? [change, temporarySources(tree)] : [change];
    const parts = isKnown ? all.map((one) => partsOfAll(one, context)) : [undefined];
    for (const one of parts) additions.push({ position: run.at(path), parts: one });
  }
  for (const path of question.unreadable.keys()) additions.push({ position: run.at(path), parts: undefined });
  for (const { kind, path, text } of question.dataFiles.values()) {
    if (kind !== 'patch' || !text.includes('etc/apt')) continue;
    additions.push({ position: run.before(path), parts: undefined });
  }
  return new Repositories(additions, context.architectures, run);
}

class Repositories implements TreeRepositories {
  readonly parts: readonly RepositoryPart[];

  constructor(
    private readonly additions: readonly Addition[],
    readonly architectures: readonly string[],
    private readonly run: Run,
  ) {
    const parts = additions.flatMap((addition) => addition.parts ?? []);
    this.parts = [...new Map(parts.map((part) => [partKey(part), part])).values()];
  }

  isCoveredAt(file: string, covers: (part: RepositoryPart) => boolean): boolean {
    const position = this.run.readAt(file);
    const before = this.additions.filter((addition) => addition.position <= position);
    return (
      before.some(({ parts }) => parts !== undefined && parts.length > 0) &&
      before.every(({ parts }) => parts?.every(covers) === true)
    );
  }
}

/** The sources of pi-gen's own stage0, where that begins the stages of a repository; undefined where another one may. */
function baseOf(tree: StageTree, branches: readonly Branch[]): readonly AptSource[] | undefined {
  const steps = tree.workflows.flatMap((workflow) => workflow.steps);
  const repositories = steps.flatMap((step) =>
    step.inputs.filter(({ name }) => name === 'pi-gen-repository'),
  );
  if (
    repositories.some(
      ({ value }) => value === undefined || !/^(?:https:\/\/github\.com\/)?RPi-Distro\/pi-gen/i.test(value),
    )
  )
    return undefined;
  const { source, entries } = tree.stageList;
  const [first] = entries;
  const isUpstream = first !== undefined && (first.upstream || /(?:^|\/)stage0\/?$/.test(first.text));
  if (source !== 'none' && !isUpstream) return undefined;
  return branches.flatMap((branch) => stage0Sources(branch).sources);
}

function architecturesOf(
  { tree, branches }: RepositoryQuestion,
  changes: ReadonlyMap<string, RepositoryChanges>,
): readonly string[] {
  const own = branches.map(({ architecture }) => architecture);
  const base =
    tree.layout === 'stages' ? branches.flatMap((branch) => stage0Sources(branch).architectures) : [];
  const added = [...changes.values()].flatMap(({ architectures }) => architectures);
  return [...new Set([...own, ...base, ...added])];
}

function partsOfAll(
  { sources, unknown }: ReadSources,
  context: SourceContext,
): readonly RepositoryPart[] | undefined {
  if (unknown) return undefined;
  const parts: RepositoryPart[] = [];
  for (const source of sources) {
    const own = partsOf(source, context);
    if (own === undefined) return undefined;
    parts.push(...own);
  }
  return parts;
}

/** What TEMP_REPO of the config names, which stage0 writes into a source of its own. */
function temporarySources({ configs }: StageTree): ReadSources {
  const all = configs
    .filter(({ assignments }) => assignments.some(({ name }) => name === 'TEMP_REPO'))
    .map((config) => staticValue(config, 'TEMP_REPO'));
  const known = all.filter((value) => value !== undefined);
  return { ...readSourceLines(known.join('\n')), unknown: known.length < all.length };
}

interface SourceFile {
  readonly path: string;
  readonly sources: ReadSources;
}

interface SourceFiles {
  readonly found: readonly SourceFile[];
  /** There are more folders than are looked into. */
  readonly incomplete: boolean;
}

const sizeLimit = 256 * 1024;
/** Folders of a tree's `files` that are looked into, and how deep. */
const folderLimit = 2000;
const depthLimit = 8;

/** Reads the files of apt sources that lie beside the steps of sub-stages, or in folders there. */
async function readSourceFiles(fs: FileSystem, tree: StageTree): Promise<SourceFiles> {
  const paths: string[] = [];
  let left = folderLimit;
  let incomplete = false;
  const look = async (folder: string, depth: number): Promise<void> => {
    if (left-- <= 0 || depth > depthLimit) {
      incomplete = true;
      return;
    }
    const entries = (await entriesOf(fs, folder)) ?? [];
    paths.push(
      ...entries
        .filter(({ kind, name }) => kind === 'file' && isSourceName(name))
        .map(({ name }) => joinPath(folder, name)),
    );
    const inner = entries.filter(
      ({ kind, symbolicLink, name }) => kind === 'folder' && !symbolicLink && !closed.has(name),
    );
    await Promise.all(inner.map(({ name }) => look(joinPath(folder, name), depth + 1)));
  };
  const subStages = tree.stages.flatMap((stage) => stage.subStages);
  await Promise.all(
    subStages.flatMap(({ others }) =>
      others.map(async ({ kind, name, path }) => {
        if (kind === 'file' && isSourceName(name)) paths.push(path);
        else if (kind === 'folder' && !closed.has(name)) await look(path, 0);
      }),
    ),
  );
  const found = await Promise.all(
    paths.sort().map(async (path) => {
      const text = await readText(fs, path, sizeLimit);
      const sources = typeof text === 'string' ? readAptSources(path, text) : { sources: [], unknown: true };
      return { path, sources };
    }),
  );
  return { found, incomplete };
}

/** What pi-gen and others make, never what a stage brings along. */
const closed = new Set(['work', 'deploy', 'rootfs', 'node_modules', '.git']);

function isSourceName(name: string): boolean {
  return /\.(?:list|sources)$/.test(name);
}

/** Whether what a script puts into the image is one of the files that were read. */
function isSourceFile(script: string, name: string, files: readonly SourceFile[]): boolean {
  const path = resolvePath(folderOf(script), name);
  return files.some((file) => file.path === path);
}

/** The places of a tree's files in its run, as far as that is certain. */
class Run {
  readonly start = 0;
  /** Places of the list that stages take which are not here, and not pi-gen's own. */
  readonly strangers: readonly number[];
  readonly #positions = new Map<string, number>();
  readonly #subStages: readonly SubStage[];

  constructor(tree: StageTree) {
    this.#subStages = tree.stages.flatMap(({ subStages }) => subStages);
    const { source, entries, conditional } = tree.stageList;
    const strangers: number[] = [];
    let next = this.start + 1;
    // Several lists, or one under a condition: any stage may run before any other.
    if (source !== 'none' && conditional !== true && tree.stageLists.length <= 1) {
      const stages = new Map(tree.stages.map((stage) => [stage.path, stage]));
      for (const { path, upstream, unknown } of entries) {
        const stage = path === undefined ? undefined : stages.get(path);
        if (stage !== undefined) next = this.#place(stage, next);
        else if (unknown === true || !upstream) strangers.push(next++);
      }
    } else if (entries.some(({ unknown }) => unknown)) strangers.push(this.start);
    for (const stage of tree.stages) {
      if (stage.role === 'export' && stage.position === undefined) next = this.#place(stage, next);
    }
    this.strangers = strangers;
  }

  /** When a script runs: at the start where that is not certain. */
  at(path: string): number {
    return this.#positions.get(path) ?? this.start;
  }

  /** When a package list or a script of the tree is read: at the end where that is not certain. */
  readAt(path: string): number {
    // What a script adds, it may add before it installs packages.
    return this.#positions.get(path) ?? Infinity;
  }

  /** The beginning of the sub-stage that a file lies in. */
  before(path: string): number {
    const subStage = this.#subStages.find((one) => isWithin(one.path, path));
    return (subStage && this.#positions.get(subStage.path)) ?? this.start;
  }

  #place(stage: Stage, from: number): number {
    let next = from;
    const add = (path: string): void => {
      if (!this.#positions.has(path)) this.#positions.set(path, next++);
    };
    if (stage.prerun !== undefined) add(stage.prerun.path);
    for (const subStage of stage.subStages) {
      add(subStage.path);
      for (const { path } of subStage.steps) add(path);
    }
    return next;
  }
}
