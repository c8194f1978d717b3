import type { Span } from '../pigen/text';
import type { StatementLine } from './shell-lexer';

/** Words that go on with a block, and can begin no statement of their own. */
const continuing = /^(?:fi|done|esac|then|do|else|elif|in|[)};&|#])(?![\w-])|^;;/;

/** UTF-16 units. Each call of the parser has its price, so short statements of a paragraph go together. */
const enough = 512;

/**
 * Cuts a text into stretches that can be parsed one by one, each whole statements of the outermost level. After an edit
 * only one of them has to be parsed again, and an error in one does not reach the others. Where a block is never closed,
 * the lines behind its opening are cut wherever one begins in the first column. Where to cut is decided within a paragraph, so
 * that an edit moves no cut outside of its own; the same text always gives the same cuts.
 */
export function statementGroups(text: string, lines: readonly StatementLine[]): readonly Span[] {
  const groups: Span[] = [];
  const lastOutermost = lines.findLastIndex(({ outermost }) => outermost);
  let start = 0;
  for (const [index, { offset, outermost }] of lines.entries()) {
    if (offset >= text.length || offset <= start) continue;
    if (!outermost && (index < lastOutermost || !beginsStatement(text, offset))) continue;
    if (offset - start < enough && !followsBlankLine(text, offset)) continue;
    groups.push({ start, end: offset });
    start = offset;
  }
  if (start < text.length || groups.length === 0) groups.push({ start, end: text.length });
  return groups;
}

function beginsStatement(text: string, offset: number): boolean {
  const first = text.charAt(offset);
  return first !== ' ' && first !== '\t' && !continuing.test(text.slice(offset, offset + 8));
}

/** Masked heredoc bodies are blank too. */
function followsBlankLine(text: string, offset: number): boolean {
  let at = offset - 2;
  while (at >= 0 && (text[at] === ' ' || text[at] === '\t')) at--;
  return at < 0 || text[at] === '\n';
}
