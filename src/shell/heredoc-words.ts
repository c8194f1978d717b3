import type { Span } from '../pigen/text';

/** A heredoc whose body has not been read yet. */
export interface OpenHeredoc {
  readonly operator: Span;
  readonly word: Span;
  readonly stripsTabs: boolean;
  readonly delimiter: string;
  readonly quoted: boolean;
}

/** The delimiter that a word as written stands for: quotes removed, nothing expanded. */
export function readDelimiter(word: string): { readonly delimiter: string; readonly quoted: boolean } {
  let delimiter = '';
  let quoted = false;
  for (let i = 0; i < word.length;) {
    const character = word.charAt(i);
    const next = word.charAt(i + 1);
    if (character === '\\') {
      if (next !== '\n') {
        delimiter += next;
        quoted = true;
      }
      i += 2;
    } else if (character === "'" || (character === '$' && next === "'")) {
      const ansi = character === '$';
      const start = i + (ansi ? 2 : 1);
      const end = ansi ? ansiQuoteEnd(word, start) : quoteEnd(word, start, "'");
      const inside = word.slice(start, end);
      delimiter += ansi ? decodeAnsi(inside) : inside;
      quoted = true;
      i = end + 1;
    } else if (character === '"' || (character === '$' && next === '"')) {
      const start = i + (character === '$' ? 2 : 1);
      const end = ansiQuoteEnd(word, start, '"');
      delimiter += word
        .slice(start, end)
        .replace(/\\([$`"\\\n])/g, (_, kept: string) => (kept === '\n' ? '' : kept));
      quoted = true;
      i = end + 1;
    } else {
      delimiter += character;
      i++;
    }
  }
  return { delimiter, quoted };
}

function quoteEnd(word: string, start: number, quote: string): number {
  const end = word.indexOf(quote, start);
  return end < 0 ? word.length : end;
}

/** The end of a quotation in which a backslash protects. */
function ansiQuoteEnd(word: string, start: number, quote = "'"): number {
  let end = start;
  while (end < word.length && word[end] !== quote) end += word[end] === '\\' ? 2 : 1;
  return Math.min(end, word.length);
}

const ansiEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The text that the inside of `$'…'` stands for. */
export function decodeAnsi(inside: string): string {
  const escape =
    /\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c([\s\S])|([\s\S]))/g;
  return inside.replace(
    escape,
    (
      whole: string,
      x?: string,
      u?: string,
      big?: string,
      octal?: string,
      control?: string,
      other?: string,
    ) => {
      const hex = x ?? u ?? big;
      if (hex !== undefined) return characterOf(Number.parseInt(hex, 16));
      if (octal !== undefined) return characterOf(Number.parseInt(octal, 8) & 0xff);
      if (control !== undefined) return characterOf(control.charCodeAt(0) & 0x1f);
      if (other !== undefined && '\\\'"?'.includes(other)) return other;
      return ansiEscapes[other ?? ''] ?? whole;
    },
  );
}

function characterOf(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

interface BodyEnd {
  readonly bodyEnd: number;
  readonly terminator: Span | undefined;
  /** Where reading goes on: behind the terminating line, or right behind the delimiter where `)` follows it. */
  readonly next: number;
}

/**
 * Finds the terminating line of a body that begins at `start`. As in bash's read_secondary_line, `<<-` drops leading tabs
 * before the comparison, and in an unquoted heredoc an escaped newline joins two lines to one. Inside `$(…)` the delimiter
 * also ends the body where more follows it on its line, a `)` somewhere.
 */
export function matchTerminator(
  text: string,
  start: number,
  end: number,
  heredoc: Pick<OpenHeredoc, 'delimiter' | 'quoted' | 'stripsTabs'>,
  inSubstitution: boolean,
): BodyEnd {
  const { delimiter, quoted, stripsTabs } = heredoc;
  for (let line = start; line < end;) {
    let content = line;
    if (stripsTabs) while (content < end && text[content] === '\t') content++;
    const { lineEnd, joined } = quoted ? physicalLine(text, content, end) : logicalLine(text, content, end);
    const next = Math.min(lineEnd + 1, end);
    const same =
      joined === undefined
        ? lineEnd - content === delimiter.length && text.startsWith(delimiter, content)
        : joined === delimiter;
    if (same) return { bodyEnd: line, terminator: { start: line, end: lineEnd }, next };
    if (inSubstitution && joined === undefined && text.startsWith(delimiter, content)) {
      const after = content + delimiter.length;
      if (text.slice(after, lineEnd).includes(')')) {
        return { bodyEnd: line, terminator: { start: line, end: after }, next: after };
      }
    }
    line = next;
  }
  return { bodyEnd: end, terminator: undefined, next: end };
}

interface Line {
  readonly lineEnd: number;
  /** The line without its escaped newlines, where it has any. */
  readonly joined: string | undefined;
}

function physicalLine(text: string, start: number, end: number): Line {
  const newline = text.indexOf('\n', start);
  return { lineEnd: newline < 0 || newline > end ? end : newline, joined: undefined };
}

function logicalLine(text: string, start: number, end: number): Line {
  let joins = false;
  let at = start;
  while (at < end && text[at] !== '\n') {
    if (text[at] !== '\\') at++;
    else {
      if (at + 1 < end && text[at + 1] === '\n') joins = true;
      at += 2;
    }
  }
  const lineEnd = Math.min(at, end);
  const joined = joins
    ? text.slice(start, lineEnd).replace(/\\([\s\S])/g, (pair, next: string) => (next === '\n' ? '' : pair))
    : undefined;
  return { lineEnd, joined };
}
