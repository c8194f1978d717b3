import { partKey, partsOf, readSourceLines } from '../../pigen/apt/apt-sources';
import type { AptSource, ReadSources, RepositoryPart, SourceContext } from '../../pigen/apt/apt-sources';
import type { Branch } from '../../pigen/branches';
import { staticValue } from '../../pigen/config/config';
import type { Entry, FileSystem } from '../../pigen/files/file-system';
import { folderOf, resolvePath } from '../../pigen/files/path';
import type { Release } from '../../pigen/release';
import { stage0Sources } from '../../pigen/apt/stage0-sources';
import type { StageListEntry, StageTree } from '../../pigen/tree/stage-tree';
import type { DataFile } from './data-file';
import type { RepositoryChanges } from './repository-changes';
import type { ScriptFile, UnreadableReason } from '../rule';
import { RunPositions } from './run-positions';
import { readSourceFiles } from './source-files';
import type { SourceFile } from './source-files';

/** What is known of a tree when its repositories are worked out. */
export interface RepositoryQuestion {
  readonly tree: StageTree;
  readonly scripts: ReadonlyMap<string, ScriptFile>;
  readonly unreadable: ReadonlyMap<string, UnreadableReason>;
  readonly dataFiles: ReadonlyMap<string, DataFile>;
  /** What lies in the `files` folders, which the checker has listed already. */
  readonly filesFolders: ReadonlyMap<string, readonly Entry[]>;
  readonly release: Release | undefined;
  /** The branches of pi-gen that may build it: several where only the release is known, which leaves the architecture open. */
  readonly branches: readonly Branch[];
  /** repositoryChanges, as its caller remembers what it answered. */
  readonly changesOf: (file: ScriptFile) => RepositoryChanges;
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
  for (const file of question.scripts.values()) changes.set(file.path, question.changesOf(file));
  const files = await readSourceFiles(fs, tree, question.filesFolders);

  const context: SourceContext = { release, architectures: architecturesOf(question, changes) };
  const run = new RunPositions(tree);
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
  const effective = additions.filter(({ parts }) => parts?.length !== 0);
  return new Repositories(effective, context.architectures, run);
}

class Repositories implements TreeRepositories {
  readonly parts: readonly RepositoryPart[];

  constructor(
    private readonly additions: readonly Addition[],
    readonly architectures: readonly string[],
    private readonly run: RunPositions,
  ) {
    const parts = additions.flatMap((addition) => addition.parts ?? []);
    this.parts = [...new Map(parts.map((part) => [partKey(part), part])).values()];
  }

  isCoveredAt(file: string, covers: (part: RepositoryPart) => boolean): boolean {
    const position = this.run.readAt(file);
    const before = this.additions.filter((addition) => addition.position <= position);
    return before.length > 0 && before.every(({ parts }) => parts?.every(covers) === true);
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
  const begins = tree.stageLists.every(({ entries: [first] }) => first !== undefined && isStage0(first));
  if (!begins) return undefined;
  return branches.flatMap((branch) => stage0Sources(branch).sources);
}

function isStage0({ upstream, text }: StageListEntry): boolean {
  return upstream || /(?:^|\/)stage0\/?$/.test(text);
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

/** Whether what a script puts into the image is one of the files that were read. */
function isSourceFile(script: string, name: string, files: readonly SourceFile[]): boolean {
  const path = resolvePath(folderOf(script), name);
  return files.some((file) => file.path === path);
}
