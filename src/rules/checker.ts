import type { Entry, FileSystem } from '../pigen/file-system';
import { FileError } from '../pigen/file-system';
import type { Finding } from '../pigen/finding';
import { LimitedFileSystem } from '../pigen/limited-file-system';
import { loadStageTree } from '../pigen/load-stage-tree';
import { joinPath } from '../pigen/path';
import { readText } from '../pigen/read-text';
import type { Place, Prerun, Stage, StageTree, Step, SubStage } from '../pigen/stage-tree';
import { LineIndex } from '../pigen/text';
import { UpstreamFiles } from '../pigen/upstream-files';
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
import { readScript } from './read-script';
import type { ReadScript } from './read-script';
import type { Rule, ScriptFile, TreeContext, UnreadableReason } from './rule';
import { compareFindings, runScriptRule, runTreeRule } from './runner';
import { scriptSlots } from './script-slots';
import type { ScriptSlot } from './script-slots';
import { readSourcedFiles } from './sourced-files';
import { findSubStageFiles } from './sub-stage-files';

export interface CheckerOptions {
  readonly fs: FileSystem;
  /** Called once, when the first script is to be parsed. The checker does not dispose of the parser. */
  readonly parser: () => Promise<BashParser>;
  /** All rules unless given. */
  readonly rules?: readonly Rule[];
  /** What counts as a file of pi-gen's own; what pi-gen has shipped, unless given. */
  readonly upstream?: UpstreamFiles;
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

/** Bytes of a .gitattributes. */
const attributesLimit = 256 * 1024;

/** What is kept of a script between two checks. */
interface Remembered {
  readonly source: ScriptSource;
  /** By rule. Only of rules that look at nothing but the script. */
  readonly findings: ReadonlyMap<Rule, readonly Finding[]>;
}

interface Memory {
  /** Branch, release and the like, on which the findings of any script may depend. */
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
  readonly #upstream: UpstreamFiles;
  readonly #loadParser: () => Promise<BashParser>;
  readonly #memories = new Map<string, Memory>();
  readonly #dataFiles = new Map<string, ReadonlyMap<string, DataFile>>();
  readonly #gitIndexes = new GitIndexCache();
  #parser: Promise<BashParser> | undefined;

  constructor(options: CheckerOptions) {
    this.#fs = options.fs;
    this.#loadParser = options.parser;
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
    const { branch, release } = targetOf(loaded, settings, options.release);
    const tree = { ...loaded, branch };
    const slots = scriptSlots(tree);
    const [read, filesFolders, data] = await Promise.all([
      readScripts(fs, slots, this.#upstream),
      listFilesFolders(fs, tree),
      readDataFiles(fs, tree, this.#dataFiles.get(root), this.#upstream),
    ]);
    const attributesPath = joinPath(gitIndex?.root ?? root, '.gitattributes');
    const [subStageFiles, sourcedFiles, attributes] = await Promise.all([
      findSubStageFiles(fs, tree, slots, read),
      readSourcedFiles(fs, tree, hostScripts(slots, read), (text) => analyseScript(parser, text, 'host')),
      readText(fs, attributesPath, attributesLimit),
    ]);
    signal?.throwIfAborted();

    const includesUpstream = options.includeUpstream ?? settings?.upstream ?? false;
    const target = `${branch ?? ''} ${release ?? ''} ${includesUpstream} ${sourcedFiles.stamp}`;
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
      scripts.set(slot.path, new SlotScript(slot, source ?? new ScriptSource(found, slot.place, parser)));
    }

    const control = readControl({ tree, scripts, dataFiles: data.dataFiles, settings });
    const context: TreeContext = {
      ...{
        tree,
        scripts,
        unreadable,
        filesFolders,
        release,
        control,
        subStageFiles,
        sourcedFiles,
        includesUpstream,
      },
      ...data,
      gitAttributes: {
        path: attributesPath,
        text: typeof attributes === 'string' ? attributes : undefined,
      },
      isTracked: (path) => gitIndex?.executable(path) !== undefined,
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
    return { root, tree, scripts, control, findings: told };
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

  readonly text: string;
  readonly upstream: boolean;

  constructor(
    { text, upstream }: { readonly text: string; readonly upstream: boolean },
    readonly place: Place,
    private readonly parser: BashParser,
  ) {
    this.text = text;
    this.upstream = upstream;
  }

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
  readonly upstream: boolean;
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
    this.upstream = source.upstream;
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
  upstream: UpstreamFiles,
): Promise<ReadonlyMap<string, ReadScript>> {
  const pairs = slots.map(async ({ path }) => [path, await readScript(fs, path, upstream)] as const);
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
