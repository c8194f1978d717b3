import type { Fix, FixEdit } from '../pigen/finding';
import type { LineIndex, Span } from '../pigen/text';
import type { Script } from '../shell/script';
import type { ShellCheckComment, ShellCheckReplacement } from './shellcheck-output';
import type { ShellCheckView } from './shellcheck-view';

/** The file that a fix is to change. */
export interface FileToFix {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
}

/**
 * Codes whose fix keeps what the script does: backticks become `$(…)`, needless `$` and `!` go, and `cd` ends the script
 * where it fails. Others, such as the quotes of SC2086, ask for a look: an unquoted word may be meant to be several.
 */
const mechanical: ReadonlySet<number> = new Set([2004, 2006, 2164, 2236, 2237]);

/**
 * ShellCheck's own fix of a comment, in its file: all of its replacements, in an unquoted heredoc with the backslashes that
 * keep the build host from expanding what is put in. Undefined where it has none, or where it cannot stand there as it is.
 */
export function shellCheckFix(
  { code, replacements }: ShellCheckComment,
  view: ShellCheckView,
  file: FileToFix,
): Fix | undefined {
  if (replacements.length === 0 || !isOfLines(view.program)) return undefined;
  if (code === 2006 && hasNestedBackticks(replacements, view)) return undefined;
  const edits: FixEdit[] = [];
  for (const replacement of inOrder(replacements)) {
    const edit = editOf(replacement, view, file);
    if (edit === undefined) return undefined;
    edits.push(edit);
  }
  return {
    title: `Apply ShellCheck’s fix for SC${code}`,
    edits,
    ...(mechanical.has(code) && { preferred: true }),
  };
}

/**
 * Backticks in backticks: ShellCheck's places in there are wrong by the backslashes, and with the outer ones alone made `$(…)`
 * the inner ones would be texts.
 */
function hasNestedBackticks(replacements: readonly ShellCheckReplacement[], view: ShellCheckView): boolean {
  const { text } = view.program;
  const spans = replacements.map((one) => view.toProgramSpan(one));
  if (spans.some((span) => span === undefined || text.slice(span.start, span.end) !== '`')) return true;
  const starts = spans.flatMap((span) => span?.start ?? []);
  return text.slice(Math.min(...starts) - 1, Math.max(...starts) + 1).includes('\\`');
}

/** Whether the program stands in its file line by line: the file itself, or a heredoc. A word has quotes of its own around. */
function isOfLines(program: Script): boolean {
  for (let one: Script | undefined = program; one !== undefined; one = one.parent) {
    if (one.source !== 'file' && (one.heredoc === undefined || one.source === 'substitution')) return false;
  }
  return true;
}

/**
 * As ShellCheck carries them out: the highest precedence first; at one place, a later one goes behind what was put in
 * before the place and before what was put in behind it.
 */
function inOrder(replacements: readonly ShellCheckReplacement[]): readonly ShellCheckReplacement[] {
  const carriedOut = replacements.toSorted((a, b) => b.precedence - a.precedence);
  const before = carriedOut.filter(({ insertionPoint }) => insertionPoint === 'beforeStart');
  const behind = carriedOut.filter(({ insertionPoint }) => insertionPoint === 'afterEnd');
  return [...before, ...behind.toReversed()];
}

function editOf(
  replacement: ShellCheckReplacement,
  view: ShellCheckView,
  { path, text, lines }: FileToFix,
): FixEdit | undefined {
  const { program } = view;
  const span = view.toProgramSpan(replacement);
  if (span === undefined) return undefined;
  if (view.hostExpansions.some((one) => span.start < one.span.end && one.span.start < span.end))
    return undefined;
  // A new line would need the tabs of `<<-`, and a script with CR LF its own line ending.
  if (replacement.replacement.includes('\n')) return undefined;
  const place = fileSpanToChange(text, program, span);
  return (
    place && {
      kind: 'replace',
      file: path,
      range: lines.range(place),
      text: escaped(replacement.replacement, program),
    }
  );
}

/**
 * Where in the file a stretch of a program is to be changed: backslashes before it, which the shell around takes away, go
 * with what they protect. Undefined where something else was left out in the middle.
 */
function fileSpanToChange(fileText: string, program: Script, { start, end }: Span): Span | undefined {
  const before = start === 0 ? -1 : program.toFile(start - 1);
  let from = program.toFile(start);
  while (from - 1 > before && fileText[from - 1] === '\\') from--;
  if (start === end) {
    // The end of a program has no character of its own; behind the last one of a line stands what was put in.
    if (start > 0 && program.text[start - 1] !== '\n' && program.text[start] === '\n') from = before + 1;
    return { start: from, end: from };
  }
  const to = program.toFile(end - 1) + 1;
  return fileText.slice(from, to).replaceAll('\\', '') === program.text.slice(start, end).replaceAll('\\', '')
    ? { start: from, end: to }
    : undefined;
}

/** In each unquoted heredoc around it, a text is expanded once more. */
function escaped(text: string, program: Script): string {
  let written = text;
  for (let one: Script | undefined = program; one !== undefined; one = one.parent) {
    if (one.heredoc?.quoted === false) written = written.replaceAll(/[$`\\]/g, '\\$&');
  }
  return written;
}
