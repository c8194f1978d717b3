import type { FileSystem } from '../pigen/file-system';
import type { Finding } from '../pigen/finding';
import { LimitedFileSystem } from '../pigen/limited-file-system';
import type { StageTree } from '../pigen/stage-tree';
import type { BashParser } from '../shell/bash-parser';
import { readAssignments } from '../shell/config-assignments';
import { applyControl, readControl } from './control/control';
import type { Control } from './control/control';
import type { RuleLevels } from './control/rule-level';
import { GitIndexCache } from './git-index-cache';
import { rules as allRules } from './index';
import type { Rule, ScriptFile, TreeContext, UnreadableReason } from './rule';
import { compareFindings, runScriptRule, runTreeRule } from './runner';
import type { ScriptSlot } from './script-slots';
import { ScriptSource, SlotScript } from './slot-script';
import { readChangedScripts, readTreeInputs } from './tree-inputs';
import type { TreeInputs } from './tree-inputs';

export interface CheckerOptions {
  readonly fs: FileSystem;
  /** Called once, when the first script is to be parsed. The checker does not dispose of the parser. */
  readonly parser: () => Promise<BashParser>;
  /** All rules unless given. */
  readonly rules?: readonly Rule[];
}

export interface CheckOptions {
  readonly signal?: AbortSignal;
  /** Of the editor or the command line: they go before those of .pigen.yaml. */
  readonly levels?: RuleLevels;
  /** A settings file to be read in the place of the tree's .pigen.yaml; absolute. */
  readonly settingsFile?: string;
  /** Debian release, in the place of what the tree says. */
  readonly release?: string;
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
  readonly #loadParser: () => Promise<BashParser>;
  readonly #memories = new Map<string, Memory>();
  readonly #gitIndexes = new GitIndexCache();
  #parser: Promise<BashParser> | undefined;

  constructor(options: CheckerOptions) {
    this.#fs = options.fs;
    this.#loadParser = options.parser;
    this.#rules = options.rules ?? allRules;
    this.#ruleNames = new Set([...allRules, ...this.#rules].map(({ name }) => name));
  }

  /**
   * Checks the tree at `root` (an absolute path with `/`, as findTree and discoverTrees answer it).
   * Rejects with the signal's reason when aborted, with a FileError where the root itself cannot be read, and where the
   * parser cannot be loaded. What is wrong with one file never keeps the others from being checked.
   */
  async checkTree(root: string, options: CheckOptions = {}): Promise<CheckResult> {
    const { signal, levels } = options;
    const fs = new LimitedFileSystem(this.#fs, parallelCalls, signal);
    // Its WebAssembly is compiled while the files are read.
    const loading = this.#getParser();
    loading.catch(() => undefined);
    const before = this.#memories.get(root);
    const asked = JSON.stringify([options.settingsFile, options.release]);
    const again =
      options.changed !== undefined && before?.asked === asked
        ? await readChangedScripts(fs, before.inputs, options.changed)
        : undefined;
    const inputs = again ?? (await this.#readAll(fs, root, options, loading));
    const parser = await loading;
    signal?.throwIfAborted();

    const { tree, release } = inputs;
    const { scripts, unreadable } = placeScripts(inputs, before?.scripts, parser);
    const control = readControl({ ...inputs, scripts });
    const context: TreeContext = { ...inputs, scripts, unreadable, control, ruleNames: this.#ruleNames };
    const target = targetText(tree, release);
    const work = new ScriptWork(this.#rules, context, {
      before: before?.target === target ? before.scripts : undefined,
      changed: again?.slots.filter(({ path }) => options.changed?.has(path) === true),
    });
    const checked = new Map<string, CheckedScript>();
    const findings: Finding[] = [];
    for (const file of scripts.values()) {
      const done = work.check(file);
      checked.set(file.path, done);
      for (const finding of done.own) findings.push(finding);
      for (const found of done.reaching.values()) for (const finding of found) findings.push(finding);
    }
    for (const rule of this.#rules) for (const finding of runTreeRule(rule, context)) findings.push(finding);
    this.#memories.set(root, { inputs, target, scripts: checked, asked });
    const told = applyControl(findings.sort(compareFindings), control, levels);
    return { root, tree, scripts, control, findings: told };
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
    parser: Promise<BashParser>,
  ): Promise<TreeInputs> {
    return readTreeInputs(fs, root, {
      readAssignments: async (text) => readAssignments(text, await parser),
      gitIndex: await this.#gitIndexes.read(fs, root),
      dataFiles: this.#memories.get(root)?.inputs.dataFiles,
      ...{ settingsFile, release, signal },
    });
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

/** The scripts that were read, each as it was before where neither its text nor its place has changed. */
function placeScripts(
  { slots, read }: TreeInputs,
  before: ReadonlyMap<string, CheckedScript> | undefined,
  parser: BashParser,
): {
  readonly scripts: ReadonlyMap<string, SlotScript>;
  readonly unreadable: ReadonlyMap<string, UnreadableReason>;
} {
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
      const source = isSame ? known.source : new ScriptSource(found.text, slot.place, parser);
      scripts.set(slot.path, new SlotScript(slot, source));
    }
  }
  return { scripts, unreadable };
}

/** Branch, release, configs and workflows: all that a rule may ask for on any script. */
function targetText({ branch, configs, workflows }: StageTree, release: string | undefined): string {
  const files = [...configs, ...workflows].map(({ path, text }) => [path, text]);
  return JSON.stringify([branch, release, files]);
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
