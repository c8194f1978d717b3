import type { Finding } from '../pigen/finding';
import type { StepKind } from '../pigen/tree/stage-tree';

/**
 * certain: the log's own words admit no other cause; likely: the usual cause of these words; guess: worth a look.
 */
export type Certainty = 'certain' | 'likely' | 'guess';

/** What a frame of the log stands for: the parts of a stage tree that pi-gen announces with `Begin` and `End`. */
export type FrameKind = 'tree' | 'stage' | 'prerun' | 'sub-stage' | StepKind | 'postrun';

/** The innermost thing that was running when the build stopped. */
export interface FailedStep {
  /** Absolute local path where the tree knows the step, else the path that the log gives. */
  readonly path: string;
  readonly kind: FrameKind;
}

/** One cause of a failed build, in words for the user. */
export interface Failure {
  /** Kebab-case, stable: the rule's name where a rule sees the same cause before the build. */
  readonly class: string;
  /** What went wrong, in one or two sentences. */
  readonly cause: string;
  /** What to do about it, in one or two sentences. */
  readonly fix: string;
  readonly certainty: Certainty;
  readonly step: FailedStep | undefined;
  /** Where to mend it; undefined where no file of the user is known to be at fault. */
  readonly finding: Finding | undefined;
  /** 0-based line of the log on which the cause rests, counted as LogReader counts. */
  readonly logLine: number | undefined;
}

/** Classes that name what happened, and not why. */
const withoutCause: ReadonlySet<string> = new Set(['unknown', 'command-failed', 'silent-exit']);

/** Whether a failure is explained: its class tells a cause, or its place is more than a guess. */
export function isCauseKnown({ class: name, certainty }: Failure): boolean {
  return !withoutCause.has(name) || (name === 'silent-exit' && certainty !== 'guess');
}

export interface Explanation {
  /** The likeliest first; empty where the build did not fail. */
  readonly failures: readonly Failure[];
  readonly failed: boolean;
  /** What stopped no build, and may be why the image is not as it was meant; told of builds that passed, too. */
  readonly remarks: readonly Failure[];
}
