import type { LineIndex } from '../pigen/text';
import { programsOf, walk } from '../shell/queries';
import type { Script } from '../shell/script';
import type { TreeFile } from './tree-file';

/** Lines that can be folded away, 0-based; the first stays. */
export interface Fold {
  readonly start: number;
  readonly end: number;
  readonly kind: 'comment' | 'region' | undefined;
}

/** Statements whose last line closes them and stays visible. */
const closed = new Set([
  'function_definition',
  'if_statement',
  'while_statement',
  'for_statement',
  'c_style_for_statement',
  'case_statement',
  'compound_statement',
  'subshell',
  'array',
]);

/** Statements that end with their last line. */
const open = new Set(['command', 'pipeline', 'list', 'case_item']);

/** Parts of an `if`, which end where the next begins. */
const branches = new Set(['elif_clause', 'else_clause']);

/**
 * The folds of a script: functions, blocks, commands over several lines, heredocs, comments and `#region`. An editor that is told
 * of folds goes by nothing else, so they are all here. Sorted by their first line, at most one for a line.
 */
export function foldsOf({ script, text, lines }: TreeFile): readonly Fold[] {
  if (script === undefined) return [];
  const found: Fold[] = [];
  for (const program of programsOf(script)) {
    addStatements(program, lines, found);
    addHeredocs(program, lines, found);
    addComments(program, text, lines, found);
  }
  return oneForALine(found, lines.lineCount);
}

function addStatements(program: Script, lines: LineIndex, found: Fold[]): void {
  for (const node of walk(program.root)) {
    const isClosed = closed.has(node.type) || (node.type === 'do_group' && node.children.length > 0);
    if (!isClosed && !open.has(node.type) && !branches.has(node.type)) continue;
    const span = program.toFileSpan(node);
    const start = lines.position(span.start).line;
    const last = lines.position(Math.max(span.start, span.end - 1)).line;
    if (branches.has(node.type)) {
      found.push({ start, end: last, kind: undefined });
      continue;
    }
    const clause =
      node.type === 'if_statement' ? node.children.find(({ type }) => branches.has(type)) : undefined;
    const end =
      clause === undefined
        ? last - (isClosed ? 1 : 0)
        : lines.position(program.toFile(clause.start)).line - 1;
    found.push({ start, end, kind: undefined });
  }
}

function addHeredocs(program: Script, lines: LineIndex, found: Fold[]): void {
  for (const { operator, body } of program.heredocs) {
    const { start, end } = program.toFileSpan(body);
    if (end <= start) continue;
    found.push({
      start: lines.position(program.toFile(operator.start)).line,
      end: lines.position(end - 1).line,
      kind: undefined,
    });
  }
}

/** Runs of lines that are nothing but comments, and what stands between `#region` and `#endregion`. */
function addComments(program: Script, text: string, lines: LineIndex, found: Fold[]): void {
  const regions: number[] = [];
  let first: number | undefined;
  let last = -1;
  const close = (): void => {
    if (first !== undefined && last > first) found.push({ start: first, end: last, kind: 'comment' });
    first = undefined;
  };
  for (const comment of program.comments) {
    const { start, end } = program.toFileSpan(comment);
    const { line, column } = lines.position(start);
    const marker = /^#\s*(?:pragma\s+)?(end)?region\b/.exec(text.slice(start, end));
    if (marker !== null) {
      close();
      const opened = marker[1] === undefined ? undefined : regions.pop();
      if (marker[1] === undefined) regions.push(line);
      else if (opened !== undefined) found.push({ start: opened, end: line, kind: 'region' });
      continue;
    }
    const alone = text.slice(start - column, start).trim() === '' && !text.startsWith('#!', start);
    if (!alone) continue;
    if (first === undefined || line !== last + 1) {
      close();
      first = line;
    }
    last = line;
  }
  close();
}

function oneForALine(folds: readonly Fold[], lineCount: number): readonly Fold[] {
  const byLine = new Map<number, Fold>();
  for (const fold of folds) {
    if (fold.end <= fold.start || fold.end >= lineCount) continue;
    const other = byLine.get(fold.start);
    if (other === undefined || other.end < fold.end) byLine.set(fold.start, fold);
  }
  return [...byLine.values()].sort((a, b) => a.start - b.start);
}
