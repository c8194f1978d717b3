import type { Entry, FileSystem } from '../pigen/file-system';
import { FileError } from '../pigen/file-system';
import type { Finding } from '../pigen/finding';
import { LimitedFileSystem } from '../pigen/limited-file-system';
import { loadStageTree } from '../pigen/load-stage-tree';
import type { Place, Prerun, Stage, StageTree, Step, SubStage } from '../pigen/stage-tree';
import type { PackageIndex } from '../pigen/package-index';
import { LineIndex } from '../pigen/text';
import { analyseScript } from '../shell/analyse-script';
import type { BashParser } from '../shell/bash-parser';
import { readAssignments } from '../shell/config-assignments';
import type { Script } from '../shell/script';
import { applyControl, readControl } from './control/control';
import type { Control } from './control/control';
import type { RuleLevels } from './control/rule-level';
import { findSettings, readSettings } from './control/settings-file';
import { targetOf } from './control/target';
import { readDataFiles } from './data-file';
import type { DataFile } from './data-file';
import { GitIndexCache } from './git-index-cache';
import { rules as allRules } from './index';
import { askIndex } from './package-knowledge';
import { readScript } from './read-script';
import type { ReadScript } from './read-script';
import { repositoryChanges } from './repository-changes';
import type { RepositoryChanges } from './repository-changes';
import type { Rule, ScriptFile, TreeContext, UnreadableReason } from './rule';
import { compareFindings, runScriptRule, runTreeRule } from './runner';
import { scriptSlots } from './script-slots';
import type { ScriptSlot } from './script-slots';
import { findSubStageFiles } from './sub-stage-files';
import { treeRepositories } from './tree-repositories';
import type { RepositoryQuestion, TreeRepositories } from './tree-repositories';

export interface CheckerOptions {
  readonly fs: FileSystem;
  /** Called once, when the first script is to be parsed. The checker does not dispose of the parser. */
  readonly parser: () => Promise<BashParser>;
  /** All rules unless given. */
  readonly rules?: readonly Rule[];
  /** Names of packages; without it nothing is said of them. The checker asks it, and never has it fetch anything. */
  readonly packages?: PackageIndex;
}

export interface CheckOptions {
  readonly signal?: AbortSignal;
  /** Of the editor or the command line: they go before those of .pigen.yaml. */
  readonly levels?: RuleLevels;
  /** A settings file to be read in the place of the tree's .pigen.yaml; absolute. */
  readonly settingsFile?: string;
  /** Debian release, in the place of what the tree says. */
  readonly release?: string;
}

export interface CheckResult {
  /** Root of the tree, as given. */
  readonly root: string;
  readonly tree: StageTree;
  /** The scripts that pi-gen would run, by absolute path: only those that could be read. */
  readonly scripts: ReadonlyMap<string, ScriptFile>;
  /** What comments and .pigen.yaml say; the findings heed it. */
  readonly control: Control;
  /** By file, then by position, then by rule: the same for the same tree. */
  readonly findings: readonly Finding[];
  /** The repositories that apt of the image knows; undefined where too little is known. Worked out when asked for. */
  readonly repositories: () => Promise<TreeRepositories | undefined>;
}

/** Open files at a time: enough to keep a disk busy, far below any limit of open files. */
const parallelCalls = 16;

/** What is kept of a script between two checks. */
interface Remembered {
  readonly source: ScriptSource;
  /** By rule. Only of rules that look at nothing but the script. */
  readonly findings: ReadonlyMap<Rule, readonly Finding[]>;
}

interface Memory {
  /** Branch and release, on which the findings of any script may depend. */
  readonly target: string;
  readonly scripts: ReadonlyMap<string, Remembered>;
}

/**
 * Checks stage trees with the rules: what the editor and the command line share. It remembers each script's syntax and
 * findings by its text, so that a check after an edit parses and judges only what changed. Unsaved texts come in through
 * the file system (see OverlayFileSystem).
 */
export class Checker {
  readonly #fs: FileSystem;
  readonly #rules: readonly Rule[];
  readonly #ruleNames: ReadonlySet<string>;
  readonly #loadParser: () => Promise<BashParser>;
  readonly #memories = new Map<string, Memory>();
  readonly #dataFiles = new Map<string, ReadonlyMap<string, DataFile>>();
  readonly #gitIndexes = new GitIndexCache();
  readonly #packages: PackageIndex | undefined;
  /** What scripts do to apt's sources, by what is kept of a script from check to check. */
  readonly #changes = new WeakMap<object, RepositoryChanges>();
  #parser: Promise<BashParser> | undefined;

  constructor(options: CheckerOptions) {
    this.#fs = options.fs;
    this.#loadParser = options.parser;
    this.#rules = options.rules ?? allRules;
    this.#packages = options.packages;
    this.#ruleNames = new Set([...allRules, ...this.#rules].map(({ name }) => name));
  }

  /**
   * Checks the tree at `root` (an absolute path with `/`, as findTree and discoverTrees answer it).
   * Rejects with the signal's reason when aborted, with a FileError where the root itself cannot be read, and where the
   * parser cannot be loaded. What is wrong with one file never keeps the others from being checked.
   */
  async checkTree(root: string, options: CheckOptions = {}): Promise<CheckResult> {
    const { signal } = options;
    const fs = new LimitedFileSystem(this.#fs, parallelCalls, signal);
    const [parser, gitIndex] = await Promise.all([this.#getParser(), this.#gitIndexes.read(fs, root)]);
    const [loaded, settings] = await Promise.all([
      loadStageTree(fs, root, {
        readAssignments: (text) => readAssignments(text, parser),
        gitIndex,
        signal,
      }),
      options.settingsFile === undefined ? findSettings(fs, root) : readSettings(fs, options.settingsFile),
    ]);
    const { branch, release, branches } = targetOf(loaded, settings, options.release);
    const tree = { ...loaded, branch };
    const slots = scriptSlots(tree);
    const [read, filesFolders, data] = await Promise.all([
      readScripts(fs, slots),
      listFilesFolders(fs, tree),
      readDataFiles(fs, tree, this.#dataFiles.get(root)),
    ]);
    const subStageFiles = await findSubStageFiles(fs, tree, slots, read);
    signal?.throwIfAborted();

    const target = `${branch ?? ''} ${release ?? ''}`;
    const known = this.#memories.get(root);
    const memory = known?.scripts ?? new Map<string, Remembered>();
    const findings: Finding[] = [];
    const scripts = new Map<string, SlotScript>();
    const unreadable = new Map<string, UnreadableReason>();
    for (const slot of slots) {
      const found = read.get(slot.path);
      if (found === undefined) continue;
      if (found.text === undefined) {
        if (found.reason !== 'not-found') unreadable.set(slot.path, found.reason);
        continue;
      }
      const before = memory.get(slot.path)?.source;
      const source = before?.text === found.text && before.place === slot.place ? before : undefined;
      scripts.set(
        slot.path,
        new SlotScript(slot, source ?? new ScriptSource(found.text, slot.place, parser)),
      );
    }

    const control = readControl({ tree, scripts, dataFiles: data.dataFiles, settings });
    const question: RepositoryQuestion = {
      ...{ tree, scripts, unreadable, filesFolders, release, branches },
      dataFiles: data.dataFiles,
      changesOf: (file) => this.#changesOf(file),
    };
    const packages = await askIndex(this.#packages, fs, question, signal);
    const context: TreeContext = {
      ...{ tree, scripts, unreadable, filesFolders, release, control, subStageFiles, packages },
      ...data,
      ruleNames: this.#ruleNames,
    };
    const next = new Map<string, Remembered>();
    for (const file of scripts.values()) {
      const before = memory.get(file.path);
      const same = before?.source === file.source && known?.target === target;
      const kept = this.#checkScript(file, context, same ? before : undefined);
      findings.push(...kept.all);
      next.set(file.path, kept.remembered);
    }
    for (const rule of this.#rules) findings.push(...runTreeRule(rule, context));
    this.#memories.set(root, { target, scripts: next });
    this.#dataFiles.set(root, data.dataFiles);
    const told = applyControl(findings.sort(compareFindings), control, options.levels);
    const repositories = () => treeRepositories(this.#fs, question);
    return { root, tree, scripts, control, findings: told, repositories };
  }

  /** Drops what is remembered of a tree. */
  forget(root: string): void {
    this.#memories.delete(root);
    this.#dataFiles.delete(root);
  }

  dispose(): void {
    this.#memories.clear();
    this.#dataFiles.clear();
    this.#gitIndexes.clear();
  }

  #changesOf(file: ScriptFile): RepositoryChanges {
    // A file that is put in its place anew for each check keeps its source as long as its text.
    const source = file instanceof SlotScript ? file.source : file;
    const known = this.#changes.get(source) ?? repositoryChanges(file);
    this.#changes.set(source, known);
    return known;
  }

  #checkScript(
    file: SlotScript,
    context: TreeContext,
    before: Remembered | undefined,
  ): { readonly all: readonly Finding[]; readonly remembered: Remembered } {
    const all: Finding[] = [];
    const findings = new Map<Rule, readonly Finding[]>();
    for (const rule of this.#rules) {
      const known = before?.findings.get(rule);
      const found = known ?? runScriptRule(rule, file, context);
      all.push(...found);
      if (rule.acrossScripts !== true) findings.set(rule, found);
    }
    return { all, remembered: { source: file.source, findings } };
  }

  #getParser(): Promise<BashParser> {
    this.#parser ??= this.#loadParser().catch((error: unknown) => {
      // The next check tries again.
      this.#parser = undefined;
      throw error;
    });
    return this.#parser;
  }
}

/** A text with its syntax, which is read when it is first asked for: many a script gives no rule a reason to. */
class ScriptSource {
  #lines: LineIndex | undefined;
  #script: Script | undefined;

  constructor(
    readonly text: string,
    readonly place: Place,
    private readonly parser: BashParser,
  ) {}

  get lines(): LineIndex {
    return (this.#lines ??= new LineIndex(this.text));
  }

  get script(): Script {
    return (this.#script ??= analyseScript(this.parser, this.text, this.place));
  }
}

/** A script in its place in the tree. */
class SlotScript implements ScriptFile {
  readonly path: string;
  readonly text: string;
  readonly place: Place;
  readonly stage: Stage;
  readonly subStage: SubStage | undefined;
  readonly step: Step | Prerun;
  readonly isPrerun: boolean;

  constructor(
    slot: ScriptSlot,
    readonly source: ScriptSource,
  ) {
    this.path = slot.path;
    this.text = source.text;
    this.place = slot.place;
    this.stage = slot.stage;
    this.subStage = slot.subStage;
    this.step = slot.step;
    this.isPrerun = slot.subStage === undefined;
  }

  get lines(): LineIndex {
    return this.source.lines;
  }

  get script(): Script {
    return this.source.script;
  }
}

async function readScripts(
  fs: FileSystem,
  slots: readonly ScriptSlot[],
): Promise<ReadonlyMap<string, ReadScript>> {
  const pairs = slots.map(async ({ path }) => [path, await readScript(fs, path)] as const);
  return new Map(await Promise.all(pairs));
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
