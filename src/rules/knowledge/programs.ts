import type { Span } from '../../pigen/text';
import type { Command, Script } from '../../shell/script';

/** A script and the programs around it, innermost first. */
export function* enclosing(script: Script): Generator<Script> {
  for (let current: Script | undefined = script; current !== undefined; current = current.parent)
    yield current;
}

/** Whether the script, or a program around it, defines a function of this name, which then runs in place of pi-gen's. */
export function definesFunction(program: Script, name: string): boolean {
  for (const script of enclosing(program)) if (script.functions.has(name)) return true;
  return false;
}

export function textOf(program: Script, span: Span): string {
  return program.text.slice(span.start, span.end);
}

/** Whether a command stands on its own at the outermost level: in no function, condition, loop, list, pipe or substitution. */
export function isTopLevel(command: Command): boolean {
  return command.ancestors.every(({ type }) => type === 'program' || type === 'redirected_statement');
}

/** The literal name of a command; undefined where it has none or it cannot be known. */
export function nameOf(command: Command): string | undefined {
  return command.name?.literal;
}

/** The line that holds an offset, its line ending included. */
export function lineAround(text: string, offset: number): Span {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  return { start, end: newline < 0 ? text.length : newline + 1 };
}

export function holds(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/**
 * Where in the file a stretch of a program is to be changed. In an unquoted heredoc the backslash before its first
 * character, which the shell around takes away, goes with it.
 */
export function fileSpanToEdit(fileText: string, program: Script, span: Span): Span {
  const { start, end } = program.toFileSpan(span);
  if (program.heredoc?.quoted !== false) return { start, end };
  const before = span.start === 0 ? -1 : program.toFile(span.start - 1);
  let from = start;
  while (from - 1 > before && fileText[from - 1] === '\\') from--;
  return { start: from, end };
}
