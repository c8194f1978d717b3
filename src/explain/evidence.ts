import type { Clue, FailureClass } from './failure-class';
import type { Fit, LineMeaning } from './line-classifier';
import { judgeLine } from './line-classifier';
import type { LogEvent, SkipEvent } from './log-reader';
import { StepStack } from './step-stack';
import type { Frame } from './step-stack';

/** A line that one or more classes recognise, in the order in which they are to be asked. */
export interface ClassifiedClue {
  readonly line: number;
  readonly order: number;
  readonly candidates: readonly { readonly clue: Clue; readonly failureClass: FailureClass }[];
}

export interface OutputLine {
  readonly text: string;
  /** 0-based line of the log. */
  readonly line: number;
}

/** How much is kept of what one step says: its first complaints and its last. */
const firstClues = 20;
const lastClues = 80;
const lastLines = 40;
const skipLimit = 20;
const stageLimit = 200;
/** Of lines that count beyond their step, as many as any build can use. */
const lastingLimit = 20;
/**
 * So many lines behind `Build failed` may still be the failed step's: an engine hands on standard error and standard output
 * in no sure order.
 */
const lateLines = 10;
/** What decides between causes, as GitHub's runner prints the inputs of a step: `  release: trixie`. */
const actionInput = /^ {2,}(release|pi-gen-version|increase-runner-disk-size|verbose-output): (\S+)$/;
/** The longest text that the classes look at: a message is a line, what is longer is data. */
const longestMessage = 4096;

/**
 * Gathers from a log what can explain a failure, while it is read and in bounded memory: the open steps, and of the
 * innermost one the lines that a class recognises and the last ones that it does not.
 */
export class Evidence {
  stack = new StepStack();
  clues: ClassifiedClue[] = [];
  /** What steps said that have ended since, and what is of consequence all the same. */
  lasting: ClassifiedClue[] = [];
  /** The first and the strongest line that says that the rootfs does not exist. */
  rootfsClue: Clue | undefined;
  lines: OutputLine[] = [];
  /** Lines of classes that are remarks. */
  remarks: ClassifiedClue[] = [];
  /** The log has the build's very beginning. */
  treeBegan = false;
  /** The open step was announced by pi-gen-action, which leaves out what programs print to standard output. */
  isRewritten = false;
  /** Whether an image was made, or begun. */
  exportBegan = false;
  /** Scripts that pi-gen passed over. */
  skips: SkipEvent[] = [];
  result: 'failed' | 'finished' | undefined;
  /** 0-based line of `Build failed`. */
  resultLine: number | undefined;
  /** How many lines of output there were, noise left out. */
  lineCount = 0;
  /** What the log says that pi-gen-action was given, its defaults among them: GitHub prints it before the action runs. */
  readonly inputs = new Map<string, string>();
  /** The stages that began, in their order, without the export. */
  stages: string[] = [];
  /** What was said between two steps, where nothing runs: a stream that came early, or late. */
  #betweenSteps: readonly OutputLine[] = [];
  /** How many lines came behind `Build failed`. */
  #late = 0;

  take(event: LogEvent): void {
    if (event.kind === 'line') {
      if (this.result !== 'failed' || this.#late++ < lateLines) this.#takeLine(event.text, event.line);
      return;
    }
    if (event.kind === 'skip' && this.skips.length < skipLimit) this.skips.push(event);
    if (event.kind === 'begin' && this.#isNewRun(event.path)) this.#startAnew();
    if (event.kind === 'begin') this.#betweenSteps = this.#isBetweenSteps() ? this.lines : [];
    this.stack.push(event);
    if (event.kind === 'begin') this.isRewritten = event.marker === 'group';
    if (this.stack.innermost?.kind === 'tree') this.treeBegan = true;
    if (event.kind === 'begin') this.#noteStage(event.path);
    if (event.kind === 'build-failed' || event.kind === 'build-finished') {
      this.result = event.kind === 'build-failed' ? 'failed' : 'finished';
      this.resultLine = event.line;
      if (event.kind === 'build-finished') this.#forgetStep();
    } else if (event.kind === 'begin' || (event.kind === 'end' && event.marker === 'stamp')) {
      this.#forgetStep();
    }
  }

  #noteStage(path: string): void {
    if (/(?:^|\/)export-[^/]*$/.test(path)) this.exportBegan = true;
    else if (this.stack.innermost?.kind === 'stage' && this.stages.length < stageLimit)
      this.stages.push(path);
  }

  /** The log is over. Where the open step said nothing, what stood right before its beginning may be of it. */
  end(): void {
    const early = this.lines.length === 0 && !this.#isBetweenSteps() ? this.#betweenSteps : [];
    this.#betweenSteps = [];
    const { result } = this;
    if (early.length === 0 || result === 'finished') return;
    this.result = undefined;
    for (const { text, line } of early) this.#takeLine(text, line);
    this.result = result;
  }

  #isBetweenSteps(): boolean {
    const kind = this.stack.innermost?.kind;
    return kind === 'stage' || kind === 'sub-stage';
  }

  /** build.log of a work folder that is built again and again holds one run after the other. */
  #isNewRun(path: string): boolean {
    const outermost = this.stack.open[0];
    const again = outermost?.kind === 'tree' && outermost.path === path && outermost.line !== undefined;
    return this.result !== undefined || again;
  }

  #startAnew(): void {
    this.stack = new StepStack();
    this.result = undefined;
    this.resultLine = undefined;
    this.#late = 0;
    this.lasting = [];
    this.remarks = [];
    this.skips = [];
    this.exportBegan = false;
    this.treeBegan = false;
    this.stages = [];
  }

  /** What a step said that has ended is seldom why the build stopped later. */
  #forgetStep(): void {
    for (const clue of this.clues) {
      const lasts = clue.candidates.some(({ failureClass }) => failureClass.lasting === true);
      if (lasts && this.lasting.length < lastingLimit) this.lasting.push(clue);
    }
    this.clues = [];
    this.lines = [];
    this.rootfsClue = undefined;
  }

  #takeLine(whole: string, line: number): void {
    const text = whole.length > longestMessage ? whole.slice(0, longestMessage) : whole;
    const moment = this.result === 'finished' ? 'after' : (this.stack.innermost?.kind ?? 'outside');
    const meaning = judgeLine(text, moment);
    if (meaning.kind === 'noise') return;
    // What comes after `Build failed` follows from it, unless it can be nothing but a cause.
    if (this.result === 'failed' && !isCertain(meaning)) return;
    const order = this.lineCount++;
    this.lines.push({ text, line });
    // Trimmed seldom: a step has many lines.
    if (this.lines.length > 2 * lastLines) this.lines = this.lines.slice(-lastLines);
    if (meaning.kind === 'missing-rootfs') {
      const strong = !text.startsWith('realpath:');
      if (strong || this.rootfsClue === undefined)
        this.rootfsClue = { text, match: meaning.match, line, order, frame: this.stack.innermost };
    } else if (meaning.kind === 'fits') {
      this.#keep(classified(meaning.fits, { text, line, order, frame: this.stack.innermost }));
    } else if (moment === 'outside') {
      this.#noteInput(text);
    }
  }

  #noteInput(text: string): void {
    const [, name, value] = actionInput.exec(text) ?? [];
    if (name !== undefined && value !== undefined) this.inputs.set(name, value);
  }

  #keep(clue: ClassifiedClue): void {
    if (clue.candidates.some(({ failureClass }) => failureClass.remark === true)) {
      if (this.remarks.length < lastingLimit) this.remarks.push(clue);
    } else {
      this.clues.push(clue);
      if (this.clues.length > firstClues + lastClues) this.clues.splice(firstClues, 1);
    }
  }
}

function isCertain(meaning: LineMeaning): boolean {
  if (meaning.kind === 'missing-rootfs') return true;
  return (
    meaning.kind === 'fits' && meaning.fits.some(({ failureClass }) => failureClass.certainty === 'certain')
  );
}

function classified(
  fits: readonly Fit[],
  seen: { text: string; line: number; order: number; frame: Frame | undefined },
): ClassifiedClue {
  const candidates = fits.map(({ failureClass, match }) => ({ failureClass, clue: { ...seen, match } }));
  return { line: seen.line, order: seen.order, candidates };
}
