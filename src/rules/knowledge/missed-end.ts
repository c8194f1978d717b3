import type { Span } from '../../pigen/text';
import type { Heredoc, Script } from '../../shell/script';
import { enclosing, lineAround, textOf } from './programs';

/** A line that was meant to end a heredoc and does not. */
export interface MissedEnd {
  readonly heredoc: Heredoc;
  /** Without its line ending. */
  readonly line: Span;
  readonly indent: string;
  readonly after: string;
}

/** The line that was surely meant to end a heredoc; undefined where none was, or where there is no telling. */
export function missedEnd(program: Script, heredoc: Heredoc): MissedEnd | undefined {
  const { body, delimiter, terminator } = heredoc;
  if (!/^\w+$/.test(delimiter)) return undefined;
  const near = new RegExp(`^([ \\t]*)${delimiter}([ \\t]*(?:[;)&|#].*)?)$`);
  const opens = new RegExp(`<<-?[ \\t]*["'\\\\]?${delimiter}\\b`);
  let found: MissedEnd | undefined;
  for (let at = body.start; at < body.end;) {
    const whole = lineAround(program.text, at);
    const line = { start: whole.start, end: Math.min(whole.end, body.end) };
    const text = textOf(program, line).replace(/\n$/, '');
    // A heredoc of the text itself may end in a line of that kind.
    if (found === undefined && opens.test(text)) return undefined;
    if (found !== undefined && terminator !== undefined && opens.test(text)) return found;
    const [, indent, after] = near.exec(text) ?? [];
    if (found === undefined && indent !== undefined && after !== undefined) {
      found = { heredoc, line: { start: line.start, end: line.start + text.length }, indent, after };
    }
    at = whole.end;
  }
  return terminator === undefined ? found : undefined;
}

/**
 * Whether a program holds code that a heredoc without its end has swallowed, so that its place is not where the author meant
 * it to run: heredoc-terminator says so, and nothing else can be said of it.
 */
export function isSwallowed(program: Script): boolean {
  for (const { heredoc, parent } of enclosing(program)) {
    if (heredoc !== undefined && parent !== undefined && missedEnd(parent, heredoc) !== undefined)
      return true;
  }
  return false;
}
