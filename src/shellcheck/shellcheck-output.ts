import type { ShellCheckRange } from './shellcheck-view';

export type ShellCheckLevel = 'error' | 'warning' | 'info' | 'style';

/** A change that ShellCheck proposes: the stretch becomes the text. */
export interface ShellCheckReplacement extends ShellCheckRange {
  readonly replacement: string;
  /** The highest is carried out first. */
  readonly precedence: number;
  /** On which side of a text put in at the same place a later one goes. */
  readonly insertionPoint: 'beforeStart' | 'afterEnd';
}

/** What ShellCheck says of a place. */
export interface ShellCheckComment extends ShellCheckRange {
  readonly level: ShellCheckLevel;
  readonly code: number;
  readonly message: string;
  readonly replacements: readonly ShellCheckReplacement[];
}

const levels: readonly ShellCheckLevel[] = ['error', 'warning', 'info', 'style'];

/** Reads what `--format json1` writes, by file as it was named. Throws an Error for anything else. */
export function readShellCheckOutput(text: string): ReadonlyMap<string, readonly ShellCheckComment[]> {
  const read: unknown = JSON.parse(text);
  const comments = isRecord(read) ? read['comments'] : undefined;
  if (!Array.isArray(comments)) throw new Error('ShellCheck wrote no list of comments.');
  const byFile = new Map<string, ShellCheckComment[]>();
  for (const one of comments as readonly unknown[]) {
    if (!isRecord(one) || typeof one['file'] !== 'string') throw new Error('ShellCheck named no file.');
    const others = byFile.get(one['file']);
    if (others === undefined) byFile.set(one['file'], [commentOf(one)]);
    else others.push(commentOf(one));
  }
  return byFile;
}

function commentOf(read: Readonly<Record<string, unknown>>): ShellCheckComment {
  const { level, code, message, fix } = read;
  const known = levels.find((one) => one === level);
  if (known === undefined || typeof code !== 'number' || typeof message !== 'string')
    throw new Error('ShellCheck wrote a comment of an unknown form.');
  const replacements = isRecord(fix) && Array.isArray(fix['replacements']) ? fix['replacements'] : [];
  return {
    ...rangeOf(read),
    level: known,
    code,
    message,
    replacements: (replacements as readonly unknown[]).map(replacementOf),
  };
}

function replacementOf(read: unknown): ShellCheckReplacement {
  if (!isRecord(read) || typeof read['replacement'] !== 'string')
    throw new Error('ShellCheck wrote a fix of an unknown form.');
  return {
    ...rangeOf(read),
    replacement: read['replacement'],
    precedence: typeof read['precedence'] === 'number' ? read['precedence'] : 0,
    insertionPoint: read['insertionPoint'] === 'afterEnd' ? 'afterEnd' : 'beforeStart',
  };
}

function rangeOf({ line, column, endLine, endColumn }: Readonly<Record<string, unknown>>): ShellCheckRange {
  if (typeof line !== 'number' || typeof column !== 'number')
    throw new Error('ShellCheck wrote a place of an unknown form.');
  return {
    line,
    column,
    endLine: typeof endLine === 'number' ? endLine : line,
    endColumn: typeof endColumn === 'number' ? endColumn : column,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
