import type { Span } from '../../pigen/text';
import type { Command, Heredoc, Script } from '../../shell/script';
import { isTopLevel, lineAround } from './programs';

/** `on_chroot << WORD` alone on its line, its body and its terminator. Spans are in the text of the program that holds it. */
export interface OnChrootBlock {
  readonly command: Command;
  readonly heredoc: Heredoc;
  /** The line of `on_chroot`, its line ending included. */
  readonly firstLine: Span;
  /** The terminating line, its line ending included. */
  readonly lastLine: Span;
  /** What the inner bash gets. */
  readonly inner: Script;
}

/** The block that a call of on_chroot begins; undefined where more than the block stands on its lines. */
export function onChrootBlock(program: Script, command: Command): OnChrootBlock | undefined {
  const heredoc = command.redirects[0]?.heredoc;
  const inner = program.embedded.find(({ runBy, source }) => runBy === command && source === 'heredoc');
  if (heredoc?.terminator === undefined || command.name === undefined || inner === undefined)
    return undefined;
  if (command.redirects.length !== 1 || command.arguments.length > 0 || command.assignments.length > 0) {
    return undefined;
  }
  if (!isStatement(command)) return undefined;
  const firstLine = lineAround(program.text, command.name.span.start);
  const before = program.text.slice(firstLine.start, command.name.span.start);
  const after = program.text.slice(heredoc.word.end, firstLine.end);
  if (before.trim() !== '' || after.trim() !== '' || heredoc.body.start !== firstLine.end) return undefined;
  return { command, heredoc, firstLine, lastLine: lineAround(program.text, heredoc.terminator.start), inner };
}

const bodies = new Set([
  'program',
  'compound_statement',
  'do_group',
  'if_statement',
  'elif_clause',
  'else_clause',
  'case_item',
  'subshell',
]);

/** Whether a command is a statement whose result nothing asks for. */
function isStatement(command: Command): boolean {
  let statement = command.node;
  for (const ancestor of command.ancestors) {
    if (ancestor.type === 'redirected_statement') {
      statement = ancestor;
      continue;
    }
    return bodies.has(ancestor.type) && statement.field !== 'condition';
  }
  return true;
}

/** Commands by which a body acts on the shell that runs it, beyond variables. */
const shellChangers = new Set(['exit', 'return', 'exec', 'set', 'trap', 'shopt', 'umask']);

/**
 * Whether a body may run in the shell around it: nothing in it ends that shell or changes its ways, or nothing follows.
 */
export function mayRunInPlace(program: Script, block: OnChrootBlock): boolean {
  const changes = block.inner.commands.some(({ name }) => shellChangers.has(name?.literal ?? ''));
  if (!changes) return true;
  const follows = program.commands.some(({ span }) => span.start >= block.lastLine.end);
  return isTopLevel(block.command) && !follows;
}

/** Where the body of an unquoted heredoc holds a backslash that bash takes away: before `$`, a backtick and a backslash. */
export function escapesIn(text: string, body: Span): readonly Span[] {
  const escapes: Span[] = [];
  for (let i = body.start; i + 1 < body.end; i++) {
    if (text[i] !== '\\') continue;
    if ('$`\\'.includes(text.charAt(i + 1))) escapes.push({ start: i, end: i + 1 });
    i++;
  }
  return escapes;
}

/** A text without some of its spans, which are in order and do not overlap. */
export function without(text: string, within: Span, spans: readonly Span[]): string {
  let result = '';
  let done = within.start;
  for (const span of spans) {
    result += text.slice(done, span.start);
    done = span.end;
  }
  return result + text.slice(done, within.end);
}
