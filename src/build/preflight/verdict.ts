import type { PreflightFacts } from './facts';

/** `fail`: the build will not come to its end. `unknown`: it could not be looked at. */
export type VerdictState = 'fine' | 'warning' | 'fail' | 'unknown';

/** What a check came to. */
export interface Verdict {
  readonly state: VerdictState;
  /** What is so, and what it means for the build: one or two sentences. */
  readonly message: string;
  /** What to do about it; set for `warning` and `fail`. */
  readonly fix?: string;
}

/** A check, as a function of facts. Undefined where it has nothing to say: there is nothing to build, or no such need. */
export interface Check {
  /** Stable: shown in JSON. */
  readonly name: string;
  readonly title: string;
  readonly judge: (facts: PreflightFacts) => Verdict | undefined;
}

export interface CheckVerdict extends Verdict {
  readonly check: string;
  readonly title: string;
}

export function fine(message: string): Verdict {
  return { state: 'fine', message };
}

export function warning(message: string, fix: string): Verdict {
  return { state: 'warning', message, fix };
}

export function fail(message: string, fix: string): Verdict {
  return { state: 'fail', message, fix };
}

export function unknown(message: string, fix?: string): Verdict {
  return { state: 'unknown', message, ...(fix === undefined ? {} : { fix }) };
}
