import type { Entry, FileSystem } from '../pigen/file-system';
import { FileError } from '../pigen/file-system';
import type { Finding } from '../pigen/finding';
import { LimitedFileSystem } from '../pigen/limited-file-system';
import { loadStageTree } from '../pigen/load-stage-tree';
import type { StageTree } from '../pigen/stage-tree';
import { LineIndex } from '../pigen/text';
import { analyseScript } from '../shell/analyse-script';
import type { BashParser } from '../shell/bash-parser';
import { readAssignments } from '../shell/config-assignments';
import type { Script } from '../shell/script';
import { GitIndexCache } from './git-index-cache';
import { rules as allRules } from './index';
import { readScript } from './read-script';
import type { ReadScript } from './read-script';
import type { Rule, ScriptFile, TreeContext, UnreadableReason } from './rule';
import { compareFindings, internalError, runScriptRule, runTreeRule } from './runner';
import { scriptSlots } from './script-slots';
import type { ScriptSlot } from './script-slots';

export interface CheckerOptions {
  readonly fs: FileSystem;
  /** Called once, when the first script is to be parsed. The checker does not dispose of the parser. */
  readonly parser: () => Promise<BashParser>;
  /** All rules unless given. */
  readonly rules?: readonly Rule[];
}

export interface CheckOptions {
  readonly signal?: AbortSignal;
}

export interface CheckResult {
  /** Root of the tree, as given. */
  readonly root: string;
  readonly tree: StageTree;
  /** The scripts that pi-gen would run, by absolute path: only those that could be read. */
  readonly scripts: ReadonlyMap<string, ScriptFile>;
  /** By file, then by position, then by rule: the same for the same tree. */
  readonly findings: readonly Finding[];
}

/** Open files at a time: enough to keep a disk busy, far below any limit of open files. */
const parallelCalls = 16;

/** What is kept of a script between two checks. */
interface Remembered {
  readonly text: string;
  readonly place: ScriptSlot['place'];
  readonly lines: LineIndex;
  readonly script: Script;
  /** By rule. Only of rules that look at nothing but the script. */
  readonly findings: ReadonlyMap<Rule, readonly Finding[]>;
}

type Memory = ReadonlyMap<string, Remembered>;

/**
 * Checks stage trees with the rules: what the editor and the command line share. It remembers each script's syntax and
 * findings by its text, so that a check after an edit parses and judges only what changed. Unsaved texts come in through
 * the file system (see OverlayFileSystem).
 */
export class Checker {
  readonly #fs: FileSystem;
  readonly #rules: readonly Rule[];
  readonly #loadParser: () => Promise<BashParser>;
  readonly #memories = new Map<string, Memory>();
  readonly #gitIndexes = new GitIndexCache();
  #parser: Promise<BashParser> | undefined;

  constructor(options: CheckerOptions) {
    this.#fs = options.fs;
    this.#loadParser = options.parser;
    this.#rules = options.rules ?? allRules;
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
    const tree = await loadStageTree(fs, root, {
      readAssignments: (text) => readAssignments(text, parser),
      gitIndex,
      signal,
    });
    const slots = scriptSlots(tree);
    const [read, filesFolders] = await Promise.all([readScripts(fs, slots), listFilesFolders(fs, tree)]);
    signal?.throwIfAborted();

    const memory = this.#memories.get(root) ?? new Map<string, Remembered>();
    const findings: Finding[] = [];
    const scripts = new Map<string, ScriptFile>();
    const unreadable = new Map<string, UnreadableReason>();
    for (const slot of slots) {
      const found = read.get(slot.path);
      if (found === undefined) continue;
      if (found.text === undefined) {
        if (found.reason !== 'not-found') unreadable.set(slot.path, found.reason);
        continue;
      }
      try {
        scripts.set(slot.path, scriptFile(slot, found.text, memory.get(slot.path), parser));
      } catch (error) {
        findings.push(internalError('syntax', slot.path, error));
      }
    }

    const context: TreeContext = { tree, scripts, unreadable, filesFolders };
    const next = new Map<string, Remembered>();
    for (const file of scripts.values()) {
      const before = memory.get(file.path);
      const kept = this.#checkScript(file, context, before?.script === file.script ? before : undefined);
      findings.push(...kept.all);
      next.set(file.path, kept.remembered);
    }
    for (const rule of this.#rules) findings.push(...runTreeRule(rule, context));
    this.#memories.set(root, next);
    return { root, tree, scripts, findings: findings.sort(compareFindings) };
  }

  /** Drops what is remembered of a tree. */
  forget(root: string): void {
    this.#memories.delete(root);
  }

  dispose(): void {
    this.#memories.clear();
    this.#gitIndexes.clear();
  }

  #checkScript(
    file: ScriptFile,
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
    const { text, lines, script } = file;
    return { all, remembered: { text, place: script.place, lines, script, findings } };
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

function scriptFile(
  slot: ScriptSlot,
  text: string,
  before: Remembered | undefined,
  parser: BashParser,
): ScriptFile {
  const same = before?.text === text && before.place === slot.place ? before : undefined;
  return {
    path: slot.path,
    text,
    lines: same?.lines ?? new LineIndex(text),
    script: same?.script ?? analyseScript(parser, text, slot.place),
    stage: slot.stage,
    subStage: slot.subStage,
    step: slot.step,
    isPrerun: slot.subStage === undefined,
  };
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
