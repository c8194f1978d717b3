import type { Span } from '../pigen/text';
import type { ScannedText } from './heredoc-scanner';

/**
 * The text in the form that tree-sitter-bash reads right, every offset unchanged. Its grammar gets several heredoc forms
 * wrong (an indented terminator, two on a line, `<< EOF; command`), so each operator with its delimiter becomes an input
 * redirect of the same length, and body and terminator become blanks. A partly quoted pattern inside `[[ ]]` becomes a
 * plain word, because `[[ $x = *" "* ]]` turns the rest of the file into one ERROR node.
 */
export function maskedText(text: string, { heredocs, quotedPatterns }: ScannedText): string {
  const masks: { readonly span: Span; readonly mask: string }[] = [];
  for (const { operator, body, terminator } of heredocs) {
    masks.push({ span: operator, mask: '<'.padEnd(operator.end - operator.start, 'h') });
    const span = { start: body.start, end: terminator?.end ?? body.end };
    masks.push({ span, mask: blank(text.slice(span.start, span.end)) });
  }
  for (const span of quotedPatterns) masks.push({ span, mask: 'h'.repeat(span.end - span.start) });
  masks.sort((a, b) => a.span.start - b.span.start);

  let masked = '';
  let done = 0;
  for (const { span, mask } of masks) {
    // A mask inside another one: a heredoc inside what was blanked already.
    if (span.start < done) continue;
    masked += text.slice(done, span.start) + mask;
    done = span.end;
  }
  return masked + text.slice(done);
}

function blank(text: string): string {
  let blanks = '';
  let line = 0;
  for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', line)) {
    blanks += `${' '.repeat(newline - line)}\n`;
    line = newline + 1;
  }
  return blanks + ' '.repeat(text.length - line);
}
