import type { TextRange } from '../pigen/text';
import type { Certainty, FrameKind } from './explanation';
import type { Scene } from './scene';

/** A line of output that a class recognised. */
export interface Clue {
  /** The whole line. */
  readonly text: string;
  readonly match: RegExpExecArray;
  /** 0-based line of the log. */
  readonly line: number;
}

/** A local place to mend. */
export interface Place {
  /** Absolute, with `/`. */
  readonly file: string;
  readonly range: TextRange;
}

type Words = string | ((clue: Clue, scene: Scene) => string);

/** A kind of failure, as data: what it looks like in a log, what it means, and where to mend it. */
export interface FailureClass {
  /** Kebab-case, stable; a rule's name where a rule sees the same cause. */
  readonly name: string;
  /** Tried on every line of output, noise left out. */
  readonly match: RegExp;
  readonly certainty: Certainty;
  /** Only while something of these kinds is open; undefined: always, before the first frame too. */
  readonly during?: readonly (FrameKind | 'outside')[];
  readonly cause: Words;
  readonly fix: Words;
  /**
   * Where to mend it. Without it: the line that the output names (`./00-run.sh: line 3:`), else the open step.
   * Undefined where no file of the user is at fault.
   */
  readonly locate?: (clue: Clue, scene: Scene) => Promise<Place | undefined>;
}

/** For causes outside the stage tree: the machine, the network, the container. */
export function nowhere(): Promise<undefined> {
  return Promise.resolve(undefined);
}

/** What a class says of a clue. */
export function say(words: Words, clue: Clue, scene: Scene): string {
  return typeof words === 'string' ? words : words(clue, scene);
}
