import type { Span } from '../pigen/text';
import type { Heredoc, HostExpansion } from './script';
import { ShellLexer } from './shell-lexer';
import type { StatementLine } from './shell-lexer';

export interface ScannedText {
  /** In the order of their operators. Those inside heredoc bodies belong to the program that reads the body. */
  readonly heredocs: readonly Heredoc[];
  /** From `#` to the end of the line, in source order. */
  readonly comments: readonly Span[];
  /** Patterns inside `[[ ]]` that are partly quoted and hold no expansion, such as `*" "*`. */
  readonly quotedPatterns: readonly Span[];
  /** Where a line begins a statement, heredoc bodies passed over. */
  readonly statementLines: readonly StatementLine[];
}

/**
 * Finds the heredocs of a bash text by bash's own rules, in time proportional to its length. Never throws: what bash
 * would refuse is passed over, and a body without terminator runs to the end of the text.
 */
export function scanShell(text: string): ScannedText {
  const lexer = new ShellLexer(text, 0, text.length);
  lexer.program();
  const byStart = (a: Span, b: Span): number => a.start - b.start;
  return {
    heredocs: lexer.heredocs.sort((a, b) => byStart(a.operator, b.operator)),
    comments: lexer.comments.sort(byStart),
    quotedPatterns: lexer.quotedPatterns.sort(byStart),
    statementLines: lexer.statementLines,
  };
}

/**
 * The parts of an unquoted heredoc body, or of the inside of double quotes, that the shell which reads it replaces.
 * A backslash before `$` or a backtick protects it; single quotes do not. Outermost expansions only, in source order.
 */
export function findHostExpansions(text: string, { start, end }: Span): readonly HostExpansion[] {
  return new ShellLexer(text, start, end).expansions();
}

/** The expansion that begins at `start`, with a `$` or a backtick; undefined where none does. */
export function expansionAt(text: string, { start, end }: Span): HostExpansion | undefined {
  return new ShellLexer(text, start, end).expansion();
}

/** Offset of the quote that closes the one at `start`; `end` where none does. */
export function closingDoubleQuote(text: string, { start, end }: Span): number {
  return new ShellLexer(text, start, end).closingQuote();
}

/**
 * Whether all quotes, brackets, expansions and blocks of a bash text have both their ends. True for every text that bash
 * accepts, but for oddities such as an index over two lines; many that it refuses for something else are balanced too.
 */
export function isBalanced(text: string): boolean {
  const lexer = new ShellLexer(text, 0, text.length);
  lexer.program();
  return lexer.balanced;
}
