import type { Finding } from '../pigen/finding';

/** What a failed build said of a file, with what it needs to be found again when the file changes. */
export interface StandingFinding {
  readonly finding: Finding;
  /** The text of the line that it is about; undefined where it is about the file as a whole. */
  readonly anchor: string | undefined;
}

/** @param text the file as it is now; undefined where there is none */
export function standing(finding: Finding, text: string | undefined): StandingFinding {
  const { start, end } = finding.range;
  const isWhole = start.line === end.line && start.column === end.column;
  const anchor = isWhole || text === undefined ? undefined : linesOf(text)[start.line]?.trim();
  return { finding, anchor: anchor === '' ? undefined : anchor };
}

/**
 * The finding as it stands in a changed file: on the nearest line with the text that it was about. Undefined where that
 * line is gone, or the file is another and the finding is about all of it: then it is taken as mended.
 * @param text the file as it is now; undefined where there is none any more
 */
export function afterChange(
  { finding, anchor }: StandingFinding,
  text: string | undefined,
): StandingFinding | undefined {
  if (anchor === undefined || text === undefined) return undefined;
  const { start, end } = finding.range;
  const lines = linesOf(text);
  let nearest: number | undefined;
  for (const [line, content] of lines.entries()) {
    if (content.trim() !== anchor) continue;
    if (nearest === undefined || Math.abs(line - start.line) < Math.abs(nearest - start.line)) nearest = line;
  }
  if (nearest === undefined) return undefined;
  const moved = nearest - start.line;
  if (moved === 0) return { finding, anchor };
  const range = {
    start: { ...start, line: nearest },
    end: { ...end, line: end.line + moved },
  };
  return { finding: { ...finding, range }, anchor };
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}
