import type { Finding, Fix, FixEdit } from '../pigen/finding';
import { LineIndex } from '../pigen/text';
import type { Span } from '../pigen/text';

type Replacement = Extract<FixEdit, { kind: 'replace' }>;

/**
 * Applies `replace` edits of one file to its text. The order in which they are given does not matter, but for insertions
 * at the same place. Undefined where two of them overlap: then none is to be applied.
 */
export function applyReplacements(text: string, edits: readonly Replacement[]): string | undefined {
  const lines = new LineIndex(text);
  const changes = edits
    .map((edit) => ({ ...spanOf(lines, edit), text: edit.text }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let done = 0;
  for (const change of changes) {
    if (change.start < done) return undefined;
    result += text.slice(done, change.start) + change.text;
    done = change.end;
  }
  return result + text.slice(done);
}

function spanOf(lines: LineIndex, { range }: Replacement): Span {
  return { start: lines.offset(range.start), end: lines.offset(range.end) };
}

/**
 * The fixes to be applied together, of those that `choose` picks from each finding: the first of any that touch the same
 * place or the same file as a whole is taken, the rest waits for the next check. Fixes that say the same are taken once.
 */
export function compatibleFixes(
  findings: readonly Finding[],
  choose: (finding: Finding) => Fix | undefined = preferredFix,
): readonly Fix[] {
  const taken: Fix[] = [];
  for (const finding of findings) {
    const fix = choose(finding);
    if (fix === undefined) continue;
    if (taken.every((other) => !collide(fix, other))) taken.push(fix);
  }
  return taken;
}

/** The fix that is right nearly always, where there is one. */
export function preferredFix(finding: Finding): Fix | undefined {
  return finding.fixes?.find((fix) => fix.preferred === true);
}

function collide(a: Fix, b: Fix): boolean {
  return a.edits.some((one) => b.edits.some((other) => editsCollide(one, other)));
}

function editsCollide(a: FixEdit, b: FixEdit): boolean {
  if (a.kind === 'replace' && b.kind === 'replace') return a.file === b.file && rangesTouch(a, b);
  const files = filesOf(b);
  return filesOf(a).some((file) => files.includes(file));
}

function filesOf(edit: FixEdit): readonly string[] {
  return edit.kind === 'rename' ? [edit.from, edit.to] : [edit.file];
}

function rangesTouch(a: Replacement, b: Replacement): boolean {
  return isBefore(a.range.start, b.range.end) && isBefore(b.range.start, a.range.end);
}

/** Before or at: edits that meet in one point would depend on their order. */
function isBefore(a: Replacement['range']['start'], b: Replacement['range']['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.column <= b.column);
}
