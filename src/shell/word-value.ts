import type { ValuePart } from '../pigen/config/config-assignment';
import type { Span } from '../pigen/text';
import { closingDoubleQuote } from './heredoc-scanner';
import { ProgramTextBuilder, addWord } from './program-text';
import type { ProgramText } from './program-text';

/** A word as the command gets it, with its expansions marked. */
export function wordText(outer: string, span: Span): ProgramText {
  const builder = new ProgramTextBuilder(outer);
  addWord(builder, outer, span);
  return builder.finish(span.end);
}

const plainWord = /^[\w./:@%+,=-]+$/;

/**
 * The value of a word where no expansion takes part in it, quotes removed. Undefined for `$x`, `$(…)`, `<(…)`, unquoted
 * patterns (`*`, `?`, `[…]`), braces (`{a,b}`) and a leading `~`.
 */
export function literalOf(outer: string, span: Span): string | undefined {
  const raw = outer.slice(span.start, span.end);
  if (plainWord.test(raw)) return raw;
  if (raw.startsWith('~') || raw.startsWith('<(') || raw.startsWith('>(') || hasPattern(raw))
    return undefined;
  const { text, hostExpansions } = wordText(outer, span);
  return hostExpansions.length === 0 ? text : undefined;
}

/** The value of an assignment, which undergoes no pattern expansion. */
export function assignedLiteral(outer: string, span: Span): string | undefined {
  const raw = outer.slice(span.start, span.end);
  if (plainWord.test(raw)) return raw;
  if (/^(?:[~(]|[<>]\()/.test(raw)) return undefined;
  const { text, hostExpansions } = wordText(outer, span);
  return hostExpansions.length === 0 ? text : undefined;
}

/** The value of an assignment in pieces; undefined where it holds more than text and simple parameters. */
export function assignedParts(outer: string, span: Span): readonly ValuePart[] | undefined {
  if (/^(?:[~(]|[<>]\()/.test(outer.slice(span.start, span.start + 2))) return undefined;
  const { text, map, hostExpansions } = wordText(outer, span);
  const parts: ValuePart[] = [];
  let done = 0;
  const addText = (end: number): void => {
    if (end <= done) return;
    const piece = { start: done, end };
    parts.push({ kind: 'text', text: text.slice(done, end), span: map.toOuterSpan(piece) });
  };
  for (const expansion of hostExpansions) {
    if (expansion.kind !== 'parameter' || expansion.name === undefined) return undefined;
    addText(expansion.span.start);
    parts.push({ kind: 'parameter', name: expansion.name, span: map.toOuterSpan(expansion.span) });
    done = expansion.span.end;
  }
  addText(text.length);
  return parts;
}

/** Whether an unquoted part of a word is a pattern or a brace expansion. */
function hasPattern(raw: string): boolean {
  if (raw === '[' || raw === '[[' || raw === '{') return false;
  let bracket = false;
  let brace = false;
  let choice = false;
  for (let at = 0; at < raw.length; at++) {
    switch (raw.charAt(at)) {
      case '\\':
        at++;
        break;
      case "'":
        at = quoteEnd(raw, at + 1);
        break;
      case '"':
        at = closingDoubleQuote(raw, { start: at, end: raw.length });
        break;
      case '*':
      case '?':
        return true;
      case '[':
        bracket = true;
        break;
      case ']':
        if (bracket) return true;
        break;
      case '{':
        brace = true;
        break;
      case ',':
        choice = brace;
        break;
      case '.':
        if (raw[at + 1] === '.') choice = brace;
        break;
      case '}':
        if (brace && choice) return true;
        break;
    }
  }
  return false;
}

function quoteEnd(raw: string, from: number): number {
  const close = raw.indexOf("'", from);
  return close < 0 ? raw.length : close;
}
