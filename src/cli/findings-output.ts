import type { Finding, Severity } from '../pigen/finding';
import { shownPath } from '../pigen/files/path';

/** A finding in the stable JSON of `check`, `explain` and `build`: lines and columns 1-based, columns in UTF-16 units. */
export interface FindingJson {
  readonly rule: string;
  /** Of a finding that ShellCheck made: `SC2086`. Not there for others. */
  readonly code?: string;
  readonly severity: Severity;
  readonly message: string;
  /** Relative to the working directory with `/`; absolute where it lies outside. */
  readonly file: string;
  readonly range: { readonly start: PositionJson; readonly end: PositionJson };
  readonly fixes: readonly { readonly title: string }[];
  /** The rule's page, relative to this package; null where there is none. */
  readonly docs: string | null;
}

interface PositionJson {
  readonly line: number;
  readonly column: number;
}

export function findingJson(finding: Finding, workingFolder: string): FindingJson {
  const { start, end } = finding.range;
  return {
    rule: finding.rule,
    ...(finding.code !== undefined && { code: finding.code.name }),
    severity: finding.severity,
    message: finding.message,
    file: shownPath(finding.file, workingFolder),
    range: {
      start: { line: start.line + 1, column: start.column + 1 },
      end: { line: end.line + 1, column: end.column + 1 },
    },
    fixes: (finding.fixes ?? []).map(({ title }) => ({ title })),
    docs: finding.docs ?? null,
  };
}
