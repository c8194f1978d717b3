import { failureClasses } from './classes/index';
import type { Clue, FailureClass } from './failure-class';
import type { LogEvent } from './log-reader';
import { LogReader } from './log-reader';
import { missingRootfs } from './missing-rootfs';
import { isNoise } from './noise';
import { StepStack } from './step-stack';

export interface ClassifiedClue {
  readonly clue: Clue;
  readonly failureClass: FailureClass;
}

export interface OutputLine {
  readonly text: string;
  /** 0-based line of the log. */
  readonly line: number;
}

/** How much is kept of what one step says: its first complaints and its last. */
const firstClues = 20;
const lastClues = 80;
const lastLines = 20;
/** The longest text that the classes look at: a message is a line, what is longer is data. */
const longestMessage = 4096;

/**
 * Gathers from a log what can explain a failure, while it is read and in bounded memory: the open steps, and of the
 * innermost one the lines that a class recognises and the last ones that it does not.
 */
export class Evidence {
  readonly #reader = new LogReader();
  stack = new StepStack();
  clues: ClassifiedClue[] = [];
  /** The first and the strongest line that says that the rootfs does not exist. */
  rootfsClue: Clue | undefined;
  lines: OutputLine[] = [];
  result: 'failed' | 'finished' | undefined;
  /** 0-based line of `Build failed`. */
  resultLine: number | undefined;

  push(chunk: string): void {
    for (const event of this.#reader.push(chunk)) this.#take(event);
  }

  end(): void {
    for (const event of this.#reader.end()) this.#take(event);
  }

  #take(event: LogEvent): void {
    if (event.kind === 'line') {
      if (this.result === undefined) this.#takeLine({ text: event.text, line: event.line });
      return;
    }
    if (event.kind === 'begin' && this.result !== undefined) this.#startAnew();
    this.stack.push(event);
    if (event.kind === 'build-failed' || event.kind === 'build-finished') {
      this.result = event.kind === 'build-failed' ? 'failed' : 'finished';
      this.resultLine = event.line;
    } else if (event.kind === 'begin' || (event.kind === 'end' && event.marker === 'stamp')) {
      this.#forgetStep();
    }
  }

  /** build.log of a work folder that is built again and again holds one run after the other. */
  #startAnew(): void {
    this.stack = new StepStack();
    this.result = undefined;
    this.resultLine = undefined;
  }

  /** What a step said that has ended is not why the build stopped later. */
  #forgetStep(): void {
    this.clues = [];
    this.lines = [];
    this.rootfsClue = undefined;
  }

  #takeLine(output: OutputLine): void {
    // coreutils quote with ‘’ in a UTF-8 locale.
    const text = output.text.slice(0, longestMessage).replace(/[‘’]/g, "'");
    if (isNoise(text)) return;
    this.lines.push(output);
    if (this.lines.length > lastLines) this.lines.shift();
    const rootfs = missingRootfs.exec(text);
    if (rootfs !== null) {
      const strong = !text.startsWith('realpath:');
      if (strong || this.rootfsClue === undefined) {
        this.rootfsClue = { text, match: rootfs, line: output.line };
      }
      return;
    }
    const classified = this.#classify(text, output.line);
    if (classified === undefined) return;
    this.clues.push(classified);
    if (this.clues.length > firstClues + lastClues) this.clues.splice(firstClues, 1);
  }

  #classify(text: string, line: number): ClassifiedClue | undefined {
    const kind = this.stack.innermost?.kind ?? 'outside';
    for (const failureClass of failureClasses) {
      if (failureClass.during?.includes(kind) === false) continue;
      const match = failureClass.match.exec(text);
      if (match !== null) return { clue: { text, match, line }, failureClass };
    }
    return undefined;
  }
}
