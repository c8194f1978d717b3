import type { FileSystem } from '../pigen/files/file-system';
import type { Finding } from '../pigen/finding';
import { LimitedFileSystem } from '../pigen/files/limited-file-system';
import type { PackageIndex } from '../pigen/apt/package-index';
import type { StageTree } from '../pigen/tree/stage-tree';
import { UpstreamFiles } from '../pigen/tree/upstream-files';
import { analyseScript } from '../shell/analyse-script';
import type { BashParser } from '../shell/bash-parser';
import { readAssignments } from '../shell/config-assignments';
import { applyControl, readControl } from './control/control';
import type { Control } from './control/control';
import type { RuleLevels } from './control/rule-level';
import { GitIndexCache } from './inputs/git-index-cache';
import { rules as allRules } from './index';
import { LazySyntax, ParserNotLoaded } from './inputs/lazy-syntax';
import type { Rule, ScriptFile, TreeContext, UnreadableReason } from './rule';
import { askIndex } from './inputs/package-knowledge';
import type { PackageKnowledge } from './inputs/package-knowledge';
import { repositoryChanges } from './inputs/repository-changes';
import type { RepositoryChanges } from './inputs/repository-changes';
import { compareFindings, runScriptRule, runTreeRule } from './runner';
import type { ScriptSlot } from './inputs/script-slots';
import { ScriptSource, SlotScript } from './inputs/slot-script';
import { treeRepositories } from './inputs/tree-repositories';
import type { RepositoryQuestion, TreeRepositories } from './inputs/tree-repositories';
import { readChangedScripts, readTreeInputs } from './inputs/tree-inputs';
import type { TreeInputs } from './inputs/tree-inputs';

export interface CheckerOptions {
  readonly fs: FileSystem;
  /** Called once, when the first script is to be parsed. The checker does not dispose of the parser. */
  readonly parser: () => Promise<BashParser>;
  /** All rules unless given. */
  readonly rules?: readonly Rule[];
  /** What counts as a file of pi-gen's own; what pi-gen has shipped, unless given. */
  readonly upstream?: UpstreamFiles;
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
  /** Judge what is in files of pi-gen's own too; .pigen.yaml decides where this does not. */
  readonly includeUpstream?: boolean;
  /**
   * Where it is known: the files whose texts have changed since the last check of this tree that was not aborted, and nothing
   * else has. Then only what depends on them is read and run again. Without it, everything is read.
   */
  readonly changed?: ReadonlySet<string>;
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
  /** What is in files of pi-gen's own was judged too. */
  readonly includesUpstream: boolean;
  /** The repositories that apt of the image knows; undefined where too little is known. Worked out when asked for. */
  readonly repositories: () => Promise<TreeRepositories | undefined>;
}

/** Open files at a time: enough to keep a disk busy, far below any limit of open files. */
const parallelCalls = 16;

/** What is kept of a script between two checks. */
interface CheckedScript {
  readonly file: SlotScript;
  /** Of the rules that look at nothing else. */
  readonly own: readonly Finding[];
  /** Of each rule that looks at more. */
  readonly reaching: ReadonlyMap<Rule, readonly Finding[]>;
}

interface Memory {
  readonly inputs: TreeInputs;
  /** What the findings of every script may depend on. */
  readonly target: string;
  readonly scripts: ReadonlyMap<string, CheckedScript>;
  /** The options that decide what is read. */
  readonly asked: string;
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
  readonly #upstream: UpstreamFiles;
  readonly #syntax: LazySyntax;
  readonly #packages: PackageIndex | undefined;
  /** What scripts do to apt's sources, by what is kept of a script from check to check. */
  readonly #changes = new WeakMap<object, RepositoryChanges>();
  readonly #memories = new Map<string, Memory>();
  readonly #gitIndexes = new GitIndexCache();

  constructor(options: CheckerOptions) {
    this.#fs = options.fs;
    this.#syntax = new LazySyntax(options.parser);
    this.#packages = options.packages;
    this.#upstream = options.upstream ?? UpstreamFiles.ofPiGen();
    this.#rules = options.rules ?? allRules;
    this.#ruleNames = new Set([...allRules, ...this.#rules].map(({ name }) => name));
  }

  /**
   * Checks the tree at `root` (an absolute path with `/`, as findTree and discoverTrees answer it).
   * Rejects with the signal's reason when aborted, with a FileError where the root itself cannot be read, and where the
   * parser cannot be loaded. What is wrong with one file never keeps the others from being checked.
   */
  async checkTree(root: string, options: CheckOptions = {}): Promise<CheckResult> {
    const { signal } = options;
    this.#syntax.begin();
    const fs = new LimitedFileSystem(this.#fs, parallelCalls, signal);
    const before = this.#memories.get(root);
    const asked = JSON.stringify([options.settingsFile, options.release]);
    const again =
      options.changed !== undefined && before?.asked === asked
        ? await readChangedScripts(fs, before.inputs, options.changed, this.#upstream)
        : undefined;
    const inputs = again ?? (await this.#readAll(fs, root, options));
    const includesUpstream = options.includeUpstream ?? inputs.settings?.upstream ?? false;
    const changed = again?.slots.filter(({ path }) => options.changed?.has(path) === true);
    const placed = placeScripts(inputs, before?.scripts, this.#syntax.parser);
    const hasIndex = (await this.#packages?.isPresent()) === true;
    if (includesUpstream || hasIndex || hasOwnScripts(inputs)) await this.#syntax.load();
    signal?.throwIfAborted();
    const question: RepositoryQuestion = {
      ...{ ...inputs, ...placed },
      changesOf: (file) => this.#changesOf(file),
    };
    const packages = hasIndex ? await askIndex(this.#packages, fs, question, signal) : undefined;
    const judge = (): Judged =>
      this.#judge(inputs, { ...placed, before, changed, includesUpstream, packages });
    const { context, scripts, target, findings } = await this.#withSyntax(judge, signal);
    // What silences a finding asks where the statements of its script begin.
    if (findings.some(({ file }) => scripts.has(file))) await this.#syntax.load();
    this.#memories.set(root, { inputs, target, scripts, asked });
    const { tree, control } = context;
    const told = applyControl(findings.sort(compareFindings), control, options.levels);
    const repositories = async (): Promise<TreeRepositories | undefined> => {
      await this.#syntax.load();
      return treeRepositories(this.#fs, question);
    };
    return { root, tree, scripts: context.scripts, control, findings: told, includesUpstream, repositories };
  }

  /** Drops what is remembered of a tree. */
  forget(root: string): void {
    this.#memories.delete(root);
  }

  dispose(): void {
    this.#memories.clear();
    this.#gitIndexes.clear();
  }

  async #readAll(
    fs: FileSystem,
    root: string,
    { settingsFile, release, signal }: CheckOptions,
  ): Promise<TreeInputs> {
    return readTreeInputs(fs, root, {
      readAssignments: async (text) => readAssignments(text, await this.#syntax.load()),
      analyse: (text) => analyseScript(this.#syntax.parser(), text, 'host'),
      upstream: this.#upstream,
      onOwnScript: () => {
        // Its WebAssembly is compiled while the other files are read; a failure comes up where it is waited for.
        this.#syntax.load().catch(() => undefined);
      },
      gitIndex: await this.#gitIndexes.read(fs, root),
      dataFiles: this.#memories.get(root)?.inputs.dataFiles,
      ...{ settingsFile, release, signal },
    });
  }

  /** Most checks have the parser by now; one of nothing but pi-gen's own files needs it only where a rule asks for it. */
  async #withSyntax(judge: () => Judged, signal: AbortSignal | undefined): Promise<Judged> {
    try {
      return judge();
    } catch (error) {
      if (!(error instanceof ParserNotLoaded)) throw error;
      await this.#syntax.load();
      signal?.throwIfAborted();
      return judge();
    }
  }

  #changesOf(file: ScriptFile): RepositoryChanges {
    // A file that is put in its place anew for each check keeps its source as long as its text.
    const source = file instanceof SlotScript ? file.source : file;
    const known = this.#changes.get(source) ?? repositoryChanges(file);
    this.#changes.set(source, known);
    return known;
  }

  #judge(inputs: TreeInputs, circumstances: Circumstances): Judged {
    const { tree, release, gitIndex, sourcedFiles } = inputs;
    const { scripts, unreadable, before, changed, includesUpstream, packages } = circumstances;
    const context: TreeContext = {
      ...{ ...inputs, scripts, unreadable, includesUpstream, packages },
      control: readControl({ ...inputs, scripts }),
      ruleNames: this.#ruleNames,
      isTracked: (path) => gitIndex?.executable(path) !== undefined,
    };
    const target = targetText(tree, [release, includesUpstream, sourcedFiles.stamp]);
    const known = before?.target === target ? before.scripts : undefined;
    const work = new ScriptWork(this.#rules, context, { before: known, changed });
    const checked = new Map<string, CheckedScript>();
    const findings: Finding[] = [];
    for (const file of scripts.values()) {
      const done = work.check(file);
      checked.set(file.path, done);
      for (const finding of done.own) findings.push(finding);
      for (const found of done.reaching.values()) for (const finding of found) findings.push(finding);
    }
    for (const rule of this.#rules) for (const finding of runTreeRule(rule, context)) findings.push(finding);
    return { context, scripts: checked, target, findings };
  }
}

interface PlacedScripts {
  readonly scripts: ReadonlyMap<string, SlotScript>;
  /** Those that could not be read, or are none. */
  readonly unreadable: ReadonlyMap<string, UnreadableReason>;
}

/** What a check knows besides what it reads. */
interface Circumstances extends PlacedScripts {
  readonly before: Memory | undefined;
  /** The scripts whose texts alone have changed since; undefined where files and folders may have, too. */
  readonly changed: readonly ScriptSlot[] | undefined;
  readonly includesUpstream: boolean;
  readonly packages: PackageKnowledge | undefined;
}

interface Judged extends Pick<Memory, 'scripts' | 'target'> {
  readonly context: TreeContext;
  readonly findings: Finding[];
}

function hasOwnScripts({ read }: TreeInputs): boolean {
  for (const script of read.values()) if (script.text !== undefined && !script.upstream) return true;
  return false;
}

/** The scripts that were read, each as it was before where neither its text nor its place has changed. */
function placeScripts(
  { slots, read }: TreeInputs,
  before: ReadonlyMap<string, CheckedScript> | undefined,
  parser: () => BashParser,
): PlacedScripts {
  const scripts = new Map<string, SlotScript>();
  const unreadable = new Map<string, UnreadableReason>();
  for (const slot of slots) {
    const found = read.get(slot.path);
    if (found === undefined) continue;
    if (found.text === undefined) {
      if (found.reason !== 'not-found') unreadable.set(slot.path, found.reason);
      continue;
    }
    const known = before?.get(slot.path)?.file;
    const isSame = known?.text === found.text && known.place === slot.place;
    if (isSame && known.slot === slot) scripts.set(slot.path, known);
    else {
      const source = isSame ? known.source : new ScriptSource(found, slot.place, parser);
      scripts.set(slot.path, new SlotScript(slot, source));
    }
  }
  return { scripts, unreadable };
}

/** Branch, configs and workflows, and what else a rule may ask for on any script. */
function targetText(tree: StageTree, others: readonly unknown[]): string {
  const { branch, configs, workflows, buildScripts } = tree;
  const files = [...configs, ...workflows].map(({ path, text }) => [path, text]);
  return JSON.stringify([branch, buildScripts, files, others]);
}

interface Known {
  /** The scripts as they were checked last, where nothing that all of them depend on has changed since. */
  readonly before: ReadonlyMap<string, CheckedScript> | undefined;
  /** The scripts whose texts alone have changed since; undefined where files and folders may have, too. */
  readonly changed: readonly ScriptSlot[] | undefined;
}

/** Runs the rules on scripts, as far as their findings are not known. */
class ScriptWork {
  readonly #own: readonly Rule[];
  readonly #reaching: readonly Rule[];

  constructor(
    rules: readonly Rule[],
    private readonly context: TreeContext,
    private readonly known: Known,
  ) {
    this.#own = rules.filter((rule) => rule.checkScript !== undefined && rule.reach === undefined);
    this.#reaching = rules.filter((rule) => rule.checkScript !== undefined && rule.reach !== undefined);
  }

  check(file: SlotScript): CheckedScript {
    const known = this.known.before?.get(file.path);
    const before = known?.file.source === file.source ? known : undefined;
    const stale =
      before === undefined ? this.#reaching : this.#reaching.filter((rule) => this.#isStale(rule, file));
    if (before !== undefined && stale.length === 0 && before.file === file) return before;
    const reaching = new Map(before?.reaching);
    for (const rule of stale) {
      const found = runScriptRule(rule, file, this.context);
      if (found.length > 0) reaching.set(rule, found);
      else reaching.delete(rule);
    }
    const own = before?.own ?? this.#own.flatMap((rule) => runScriptRule(rule, file, this.context));
    return { file, own, reaching };
  }

  #isStale({ reach }: Rule, { stage, subStage }: ScriptFile): boolean {
    const { changed } = this.known;
    if (changed === undefined) return true;
    if (reach === 'tree') return changed.length > 0;
    if (reach === 'stage') return changed.some((other) => other.stage === stage);
    return (
      reach === 'sub-stage' && changed.some((other) => other.stage === stage && other.subStage === subStage)
    );
  }
}
