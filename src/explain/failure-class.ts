import type { TextRange } from '../pigen/text';
import type { Certainty, FrameKind } from './explanation';
import type { Scene } from './scene';
import type { Frame } from './step-stack';

/** A line of output that a class recognised. */
export interface Clue {
  /** The whole line. */
  readonly text: string;
  readonly match: RegExpExecArray;
  /** 0-based line of the log. */
  readonly line: number;
  /** Its number among the lines of output of the whole log, noise left out. */
  readonly order: number;
  /** What was open then; undefined outside any frame. */
  readonly frame: Frame | undefined;
}

/** A local place to mend. */
export interface Place {
  /** Absolute, with `/`. */
  readonly file: string;
  readonly range: TextRange;
}

/** A kind of failure, as data: what it looks like in a log, what it means, and where to mend it. */
export interface FailureClass {
  /** Kebab-case, stable; a rule's name where a rule sees the same cause. Several forms of one class share it. */
  readonly name: string;
  /** Of each line that `match` fits, one of these is a part: lines are searched for them first. ASCII. */
  readonly signs: readonly string[];
  readonly match: RegExp;
  /** A line as a log has it, for the page of the classes. */
  readonly says: string;
  readonly certainty: Certainty;
  /** Only while something of these kinds is open; undefined: always, before the first frame too. */
  readonly during?: readonly Moment[];
  /** Decides between classes of one line, once the log is read: the first one counts whose answer is yes. */
  readonly when?: (clue: Clue, scene: Scene) => boolean | Promise<boolean>;
  /** Where this class fits, those behind it that fit too are told as well. */
  readonly sharesLine?: true;
  /** `{name}` stands for what the group of that name in `match` caught. */
  readonly cause: string;
  readonly fix: string;
  /** Classes of which it may be a consequence: where one of them was seen before, it is told after them. */
  readonly follows?: readonly string[];
  /** Counts after its step has ended, too: pi-gen goes on after it, and fails later because of it. */
  readonly lasting?: true;
  /** No build goes on after it: where the log breaks off without saying that it failed, this says it. */
  readonly stops?: true;
  /** Stops no build, and may yet be why the image is not as it was meant. */
  readonly remark?: true;
  /**
   * Where to mend it. Without it: the line that the output names (`./00-run.sh: line 3:`), else the open step.
   * Undefined where no file of the user is at fault.
   */
  readonly locate?: (clue: Clue, scene: Scene) => Promise<Place | undefined>;
}

/** What is open; `outside`: nothing yet; `after`: pi-gen has said that the build is finished. */
export type Moment = FrameKind | 'outside' | 'after';

/** The words of a class, with what its line names: in the place of `{name}` whatever it names first, of others that group. */
export function fillIn(words: string, groups: Readonly<Record<string, string | undefined>>): string {
  // `${ROOTFS_DIR}` is bash's, and stays.
  return words.replaceAll(/(?<!\$)\{(\w+)\}/g, (_, name: string) => {
    const named = groups[name] ?? (name === 'name' ? Object.values(groups).find(Boolean) : undefined);
    return named?.trim() ?? '…';
  });
}
