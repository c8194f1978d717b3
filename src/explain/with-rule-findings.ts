import type { Finding } from '../pigen/finding';
import { isWithin } from '../pigen/files/path';
import type { Failure } from './explanation';

/**
 * The failures, each with the fixes of what the rule of its name finds there: so that a cause is told and mended after the
 * build as it would have been before.
 *
 * @param findings of the tree that was built, as a check of it gives them
 */
export function withRuleFindings(
  failures: readonly Failure[],
  findings: readonly Finding[],
): readonly Failure[] {
  return failures.map((failure) => {
    const { finding } = failure;
    const told = finding && nearestOfRule(finding, findings);
    if (finding === undefined || told === undefined) return failure;
    const sameFile = told.file === finding.file;
    const sameLine = sameFile && told.range.start.line === finding.range.start.line;
    return {
      ...failure,
      finding: {
        ...finding,
        // What the rule underlines is exactly what is to be mended.
        ...(sameLine && { range: told.range }),
        ...(told.fixes !== undefined && { fixes: told.fixes }),
        ...(told.related !== undefined && { related: told.related }),
      },
    };
  });
}

/** What the rule of a finding's name says closest to it: in its file, else of a folder around it or a file that it mentions. */
export function nearestOfRule<Told extends Finding>(
  finding: Finding,
  findings: readonly Told[],
): Told | undefined {
  const distance = (other: Finding): number | undefined => {
    if (other.rule !== finding.rule) return undefined;
    if (other.file === finding.file) return Math.abs(other.range.start.line - finding.range.start.line);
    const isNear =
      isWithin(other.file, finding.file) ||
      isWithin(finding.file, other.file) ||
      other.related?.some(({ file }) => file === finding.file) === true;
    // Behind all of the same file.
    return isNear ? 1_000_000 : undefined;
  };
  return findings
    .map((other) => ({ other, far: distance(other) }))
    .filter((candidate): candidate is { other: Told; far: number } => candidate.far !== undefined)
    .sort((a, b) => a.far - b.far)[0]?.other;
}
