import { actionInputs } from '../pigen/workflow/action-inputs';
import { joinPath } from '../pigen/files/path';
import { stepForms } from '../pigen/tree/step-names';
import type { Place as RunPlace, StageTree } from '../pigen/tree/stage-tree';
import { fileStart, LineIndex } from '../pigen/text';
import type { Span } from '../pigen/text';
import type { Script } from '../shell/script';
import type { OutputLine } from './evidence';
import type { Clue, Place } from './failure-class';
import type { LocalPaths, LocalPlace } from './local-paths';
import type { Frame, StepStack } from './step-stack';

/** Parses a script as bash would, for where it runs. May reject: the log is then explained without it. */
export type Analyse = (text: string, place: RunPlace) => Script | Promise<Script>;

/** A script of the tree with its syntax; `script` is undefined without a parser. */
export interface ReadScript {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly script: Script | undefined;
}

export interface SceneOptions {
  /** The step that was open; undefined where the build stopped outside any frame. */
  readonly stack: StepStack;
  readonly paths: LocalPaths;
  readonly tree: StageTree | undefined;
  readonly readText: (path: string) => Promise<string | undefined>;
  readonly analyse: Analyse | undefined;
  /** The last lines of output of the open step, the newest last. */
  readonly lines: readonly OutputLine[];
  /** How many lines of output the log has, as Clue.order counts them. */
  readonly lineCount: number;
  /** Of the log's lines, where they are dated: seconds from first to last. */
  readonly elapsed: number;
  /** The log is one of pi-gen-action. */
  readonly isOfAction: boolean;
  /** What it says that pi-gen-action was given. */
  readonly inputs: ReadonlyMap<string, string>;
}

/** Where a build stopped, and what the local tree holds there: what the failure classes look at. */
export class Scene {
  readonly #scripts = new Map<string, Promise<ReadScript | undefined>>();
  /** The open step in the local tree. */
  readonly local: LocalPlace | undefined;
  /** The open stage in the local tree. */
  readonly stage: LocalPlace | undefined;

  /** @param frame what is looked at: what was open at the end, or what ended before it */
  constructor(
    private readonly options: SceneOptions,
    readonly frame: Frame | undefined = options.stack.innermost,
  ) {
    const { stack, paths } = options;
    this.local = frame && paths.find(frame.path);
    const isOpen = frame === stack.innermost;
    this.stage = isOpen ? stack.stage && paths.find(stack.stage.path) : stageOf(this.local);
  }

  /** The same build as it was in another step, which has ended; its lines are gone. */
  at(frame: Frame | undefined): Scene {
    if (frame === undefined || frame.path === this.frame?.path) return this;
    return new Scene({ ...this.options, lines: [] }, frame);
  }

  get stack(): StepStack {
    return this.options.stack;
  }

  get tree(): StageTree | undefined {
    return this.options.tree;
  }

  get paths(): LocalPaths {
    return this.options.paths;
  }

  get lines(): readonly OutputLine[] {
    return this.options.lines;
  }

  /** Seconds from the log's first to its last line, where its lines are dated; else 0. */
  get elapsed(): number {
    return this.options.elapsed;
  }

  get isOfAction(): boolean {
    return this.options.isOfAction;
  }

  /** What pi-gen-action was given: as the log says, else as the workflow of the tree does; its default where that is silent. */
  actionInput(name: string): string | undefined {
    const told = this.options.inputs.get(name);
    if (told !== undefined) return told;
    const step = this.tree?.workflows.flatMap(({ steps }) => steps)[0];
    if (step === undefined) return undefined;
    const input = step.inputs.find((one) => one.name === name);
    return input === undefined ? actionInputs.find((one) => one.name === name)?.default : input.value;
  }

  /** How many lines of output came after this one. */
  linesAfter(clue: Clue): number {
    return this.options.lineCount - 1 - clue.order;
  }

  /** The file or folder of the open step as a whole. */
  stepPlace(): Place | undefined {
    return this.local && { file: this.local.path, range: fileStart };
  }

  readText(path: string): Promise<string | undefined> {
    return this.options.readText(path);
  }

  /** The open step's script, where it is one and can be read. */
  script(): Promise<ReadScript | undefined> {
    const kind = this.frame?.kind;
    const isScript = kind === 'run' || kind === 'run-chroot' || kind === 'prerun' || kind === 'postrun';
    if (this.local === undefined || !isScript) return Promise.resolve(undefined);
    const place = stepForms.find((form) => form.kind === kind)?.place ?? 'host';
    return this.readScript(this.local.path, place);
  }

  readScript(path: string, place: RunPlace): Promise<ReadScript | undefined> {
    const known = this.#scripts.get(path);
    if (known !== undefined) return known;
    const reading = this.#read(path, place);
    this.#scripts.set(path, reading);
    return reading;
  }

  async #read(path: string, place: RunPlace): Promise<ReadScript | undefined> {
    const text = await this.options.readText(path);
    if (text === undefined) return undefined;
    let script: Script | undefined;
    try {
      script = await this.options.analyse?.(text, place);
    } catch {
      // Without syntax the step is still named; a broken parser must not hide the failure.
      script = undefined;
    }
    return { path, text, lines: new LineIndex(text), script };
  }

  /** The first line of a step's file that holds one of `tokens` as a whole word. */
  async lineWith(tokens: readonly string[]): Promise<Place | undefined> {
    const path = this.local?.path;
    const text = path === undefined ? undefined : await this.options.readText(path);
    if (path === undefined || text === undefined) return this.stepPlace();
    const lines = new LineIndex(text);
    for (const token of tokens) {
      const offset = findWord(text, token);
      if (offset !== undefined) {
        return { file: path, range: lines.range({ start: offset, end: offset + token.length }) };
      }
    }
    return this.stepPlace();
  }

  /** A file of the open sub-stage (`files/x`), whether it exists or not. */
  inSubStage(relative: string): string | undefined {
    const folder = this.local?.subStage?.path;
    return folder === undefined ? undefined : joinPath(folder, relative);
  }
}

function stageOf(local: LocalPlace | undefined): LocalPlace | undefined {
  return local?.stage && { path: local.stage.path, stage: local.stage };
}

/** The whole of a line without its indentation; an empty line's start. */
export function lineRange(lines: LineIndex, text: string, line: number): Place['range'] {
  const start = lines.lineStart(line);
  const end = lines.lineEnd(line);
  const indent = /^[ \t]*/.exec(text.slice(start, end))?.[0].length ?? 0;
  return lines.range(trimmed({ start: start + indent, end }, text));
}

function trimmed({ start, end }: Span, text: string): Span {
  let last = end;
  while (last > start && /\s/.test(text.charAt(last - 1))) last--;
  return { start, end: last };
}

/** Offset of a word that no letter, digit, `_`, `-`, `.` or `+` continues on either side. */
export function findWord(text: string, word: string): number | undefined {
  if (word === '') return undefined;
  const continues = (unit: string): boolean => /[\w+.-]/.test(unit);
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = at === 0 ? ' ' : text.charAt(at - 1);
    const after = text.charAt(at + word.length) || ' ';
    if (!continues(before) && !continues(after)) return at;
  }
  return undefined;
}
