import { compareBytes } from '../pigen/files/byte-order';
import { fileStart } from '../pigen/text';
import type { TextRange } from '../pigen/text';
import { pageOf } from '../pigen/finding';
import type { Finding, FixEdit } from '../pigen/finding';
import { ParserNotLoaded } from './inputs/lazy-syntax';
import type { Report, Rule, ScriptFile, TreeContext } from './rule';

/** Runs one rule on one script. A rule that fails becomes a finding, so that the others are not lost. */
export function runScriptRule(rule: Rule, file: ScriptFile, context: TreeContext): readonly Finding[] {
  if (rule.checkScript === undefined || isOthersBusiness(rule, file, context)) return [];
  try {
    return Array.from(rule.checkScript(file, context), (report) => findingOf(rule, report, context));
  } catch (error) {
    if (error instanceof ParserNotLoaded) throw error;
    return [internalError(rule.name, file.path, error)];
  }
}

/** Runs one rule on the tree as a whole. A rule that fails becomes a finding, so that the others are not lost. */
export function runTreeRule(rule: Rule, context: TreeContext): readonly Finding[] {
  if (rule.checkTree === undefined) return [];
  try {
    const told = Array.from(rule.checkTree(context)).filter(({ file }) => {
      const known = context.dataFiles.get(file) ?? context.scripts.get(file);
      return known === undefined || !isOthersBusiness(rule, known, context);
    });
    return told.map((report) => findingOf(rule, report, context));
  } catch (error) {
    if (error instanceof ParserNotLoaded) throw error;
    return [internalError(rule.name, context.tree.root, error)];
  }
}

/** What is in a file of pi-gen's own is the business of pi-gen's authors. */
function isOthersBusiness(
  rule: Rule,
  { upstream }: { readonly upstream: boolean },
  { includesUpstream }: TreeContext,
): boolean {
  return upstream && !includesUpstream && rule.aboutSurroundings !== true;
}

function findingOf(rule: Rule, report: Report, context: TreeContext): Finding {
  const { message, file, related } = report;
  const fixes = report.fixes?.filter((fix) => fix.edits.every((edit) => fitsLineEndings(edit, context)));
  return {
    rule: rule.name,
    severity: report.severity ?? rule.severity,
    message,
    file,
    range: rangeOf(report, context),
    ...(fixes === undefined || fixes.length === 0 ? {} : { fixes }),
    ...(related === undefined || related.length === 0 ? {} : { related }),
    docs: pageOf(rule.name),
  };
}

/**
 * Lines that end in LF among lines that end in CR LF are not what bash would make of either: such a script has its line
 * endings mended first.
 */
function fitsLineEndings(edit: FixEdit, { scripts }: TreeContext): boolean {
  if (edit.kind !== 'replace' || edit.lineEnding !== undefined || !edit.text.includes('\n')) return true;
  return scripts.get(edit.file)?.text.includes('\r\n') !== true;
}

function rangeOf({ file, span, range }: Report, context: TreeContext): TextRange {
  if (range !== undefined) return range;
  const script = context.scripts.get(file);
  return span === undefined || script === undefined ? fileStart : script.lines.range(span);
}

/** The name under which a failure of the checker itself is reported. It has no page: there is nothing to put right. */
export const internalErrorName = 'internal-error';

/** A failure of the checker itself. `part` is a rule's name, or `syntax` for reading the script. */
export function internalError(part: string, file: string, error: unknown): Finding {
  const cause = error instanceof Error ? error.message : String(error);
  return {
    rule: internalErrorName,
    severity: 'warning',
    message: `The check "${part}" failed here (${cause}), so this place is not fully checked. This is a mistake in the checker, not in the stage: please report it.`,
    file,
    range: fileStart,
  };
}

/** By file, position, rule and message. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareBytes(a.file, b.file) ||
    a.range.start.line - b.range.start.line ||
    a.range.start.column - b.range.start.column ||
    compareBytes(a.rule, b.rule) ||
    compareBytes(a.message, b.message)
  );
}
