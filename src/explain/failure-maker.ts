import { pageOf } from '../pigen/finding';
import type { Finding } from '../pigen/finding';
import type { Certainty, FailedStep, Failure } from './explanation';
import type { Place } from './failure-class';

export interface FailureParts {
  readonly name: string;
  readonly certainty: Certainty;
  readonly cause: string;
  readonly fix: string;
  readonly place: Place | undefined;
  readonly logLine: number | undefined;
}

/** Makes the failures of one log. */
export class FailureMaker {
  constructor(
    private readonly step: FailedStep | undefined,
    private readonly knownRules: ReadonlySet<string>,
  ) {}

  failure({ name, certainty, cause, fix, place, logLine }: FailureParts): Failure {
    const finding: Finding | undefined = place && {
      rule: name,
      severity: 'error',
      message: `${cause} ${fix}`,
      file: place.file,
      range: place.range,
      ...(this.knownRules.has(name) && { docs: pageOf(name) }),
    };
    return { class: name, cause, fix, certainty, step: this.step, finding, logLine };
  }
}

/** A line of the log inside a sentence. */
export function quoted(text: string): string {
  const short = text.length > 300 ? `${text.slice(0, 299)}…` : text;
  return `“${short.trim()}”`;
}
