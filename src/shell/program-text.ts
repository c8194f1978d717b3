import type { Span } from '../pigen/text';
import { decodeAnsi } from './heredoc-words';
import { closingDoubleQuote, expansionAt, findHostExpansions } from './heredoc-scanner';
import { OffsetMap } from './offset-map';
import type { Heredoc, HostExpansion } from './script';

/** A text as another shell gets it, with the way back to where it stands. */
export interface ProgramText {
  readonly text: string;
  readonly map: OffsetMap;
  /** What the shell around replaces first. Spans are in `text`. */
  readonly hostExpansions: readonly HostExpansion[];
}

/** Puts a program's text together from stretches of the text around it. */
export class ProgramTextBuilder {
  readonly #map = new OffsetMap();
  readonly #expansions: HostExpansion[] = [];
  #text = '';

  constructor(private readonly outer: string) {}

  /** Takes over a stretch as it is. */
  copy({ start, end }: Span): void {
    if (start >= end) return;
    this.#map.add(this.#text.length, start);
    this.#text += this.outer.slice(start, end);
  }

  /** Takes over an expansion unexpanded, and says so. */
  copyExpansion({ span, kind, name }: HostExpansion): void {
    const start = this.#text.length;
    this.copy(span);
    this.#expansions.push({ span: { start, end: this.#text.length }, kind, name });
  }

  /** Puts in text that stands around in another form, or not at all. */
  insert(text: string, at: number): void {
    for (let i = 0; i < text.length; i++) this.#map.add(this.#text.length + i, at);
    this.#text += text;
  }

  finish(at: number): ProgramText {
    this.#map.add(this.#text.length, Math.max(at, 0));
    return { text: this.#text, map: this.#map, hostExpansions: this.#expansions };
  }
}

/** The body of a heredoc as the command gets it, but for the expansions. */
export function heredocText(outer: string, { body, quoted, stripsTabs, terminator }: Heredoc): ProgramText {
  const builder = new ProgramTextBuilder(outer);
  if (quoted) {
    for (const line of linesOf(outer, body)) {
      let start = line.start;
      if (stripsTabs) while (start < line.end && outer[start] === '\t') start++;
      builder.copy({ start, end: line.end });
    }
  } else copyExpanded({ builder, outer, stripsTabs, protects: '$`\\' }, body, true);
  // bash ends the last line where the file does not.
  const open = terminator === undefined && body.end > body.start && outer[body.end - 1] !== '\n';
  if (open) builder.insert('\n', body.end - 1);
  return builder.finish(body.end);
}

interface Sink {
  readonly builder: ProgramTextBuilder;
  readonly outer: string;
  readonly stripsTabs: boolean;
  /** What a backslash protects here; before anything else it stays. */
  readonly protects: string;
}

function copyExpanded(sink: Sink, span: Span, atLineStart: boolean): void {
  const { builder, outer } = sink;
  let at = span.start;
  for (const expansion of findHostExpansions(outer, span)) {
    copyEscaped(sink, { start: at, end: expansion.span.start }, atLineStart && at === span.start);
    builder.copyExpansion(expansion);
    at = expansion.span.end;
  }
  copyEscaped(sink, { start: at, end: span.end }, atLineStart && at === span.start);
}

function copyEscaped({ builder, outer, stripsTabs, protects }: Sink, span: Span, atLineStart: boolean): void {
  let start = span.start;
  let lineStart = atLineStart;
  for (let at = span.start; at < span.end; at++) {
    const character = outer.charAt(at);
    if (stripsTabs && lineStart && character === '\t') {
      builder.copy({ start, end: at });
      start = at + 1;
      continue;
    }
    lineStart = character === '\n';
    if (character !== '\\' || at + 1 >= span.end) continue;
    const next = outer.charAt(at + 1);
    if (next === '\n') {
      builder.copy({ start, end: at });
      start = at + 2;
    } else if (protects.includes(next)) {
      builder.copy({ start, end: at });
      start = at + 1;
    }
    at++;
  }
  builder.copy({ start, end: span.end });
}

function* linesOf(text: string, { start, end }: Span): Generator<Span> {
  for (let line = start; line < end;) {
    const newline = text.indexOf('\n', line);
    const next = newline < 0 || newline >= end ? end : newline + 1;
    yield { start: line, end: next };
    line = next;
  }
}

/** The inside of `$(…)` or of backticks, in which a backslash protects `$`, a backtick and a backslash. */
export function substitutionText(outer: string, span: Span): ProgramText {
  const builder = new ProgramTextBuilder(outer);
  if (outer[span.start] === '$') {
    const closed = outer[span.end - 1] === ')';
    builder.copy({ start: span.start + 2, end: closed ? span.end - 1 : span.end });
    return builder.finish(span.end);
  }
  const closed = span.end - 1 > span.start && outer[span.end - 1] === '`';
  let start = span.start + 1;
  const end = closed ? span.end - 1 : span.end;
  for (let at = start; at < end; at++) {
    if (outer[at] !== '\\') continue;
    if ('$`\\'.includes(outer.charAt(at + 1))) {
      builder.copy({ start, end: at });
      start = at + 1;
    }
    at++;
  }
  builder.copy({ start, end });
  return builder.finish(span.end);
}

/** Adds a word of a command as the command gets it: quotes removed, expansions left in place and marked. */
export function addWord(builder: ProgramTextBuilder, outer: string, { start, end }: Span): void {
  for (let at = start; at < end;) {
    const character = outer.charAt(at);
    if (character === "'") {
      const close = clamp(outer.indexOf("'", at + 1), end);
      builder.copy({ start: at + 1, end: close });
      at = close + 1;
    } else if (character === '"' || (character === '$' && outer[at + 1] === '"')) {
      const inside = at + (character === '$' ? 2 : 1);
      const close = closingDoubleQuote(outer, { start: inside - 1, end });
      copyExpanded(
        { builder, outer, stripsTabs: false, protects: '$`"\\' },
        { start: inside, end: close },
        false,
      );
      at = close + 1;
    } else if (character === '$' && outer[at + 1] === "'") {
      const close = escapedEnd(outer, at + 2, end, "'");
      builder.insert(decodeAnsi(outer.slice(at + 2, close)), at + 2);
      at = close + 1;
    } else if (character === '\\') {
      if (outer[at + 1] !== '\n') builder.copy({ start: at + 1, end: Math.min(at + 2, end) });
      at += 2;
    } else if (character === '$' || character === '`') {
      const expansion = expansionAt(outer, { start: at, end });
      if (expansion !== undefined) {
        builder.copyExpansion(expansion);
        at = expansion.span.end;
      } else builder.copy({ start: at, end: ++at });
    } else builder.copy({ start: at, end: ++at });
  }
}

function escapedEnd(text: string, start: number, end: number, quote: string): number {
  let at = start;
  while (at < end && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, end);
}

function clamp(index: number, end: number): number {
  return index < 0 || index > end ? end : index;
}
