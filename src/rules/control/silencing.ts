import type { Span, TextRange } from '../../pigen/text';
import { LineIndex } from '../../pigen/text';
import type { FileComment } from './comments';
import { parseDirective } from './directive';
import type { DirectiveKind } from './directive';
import type { StatementLines } from './statements';

/** A rule's name in a comment of a file. */
export interface PlacedName {
  readonly name: string;
  readonly range: TextRange;
}

/** A comment to the checker, in its file. */
export interface PlacedDirective {
  readonly kind: DirectiveKind;
  readonly names: readonly PlacedName[];
  /** Of the whole comment. */
  readonly range: TextRange;
  /** 0-based lines that it silences, both included; undefined for `enable` and `disable-file`. */
  readonly lines: { readonly first: number; readonly last: number } | undefined;
}

/** What the comments of one file silence. */
export class Silencing {
  readonly directives: readonly PlacedDirective[];
  /** Comments that are meant for the checker and say nothing that it knows. */
  readonly malformed: readonly TextRange[];
  readonly #byRule = new Map<string, PlacedDirective[]>();

  /** @param statements of a script; of other files, whose statements are lines, none */
  constructor(text: string, comments: readonly FileComment[], statements: readonly StatementLines[] = []) {
    const lines = new LineIndex(text);
    const reader = new DirectiveReader(text, lines, comments, statements);
    this.directives = reader.directives;
    this.malformed = reader.malformed;
    for (const directive of this.directives) {
      for (const { name } of directive.names) {
        const same = this.#byRule.get(name);
        if (same === undefined) this.#byRule.set(name, [directive]);
        else same.push(directive);
      }
    }
  }

  /** Whether a finding of a rule on a line (0-based) is not to be told. */
  silences(rule: string, line: number): boolean {
    const own = this.#byRule.get(rule) ?? [];
    return own.some(
      ({ kind, lines }) =>
        kind === 'disable-file' || (lines !== undefined && lines.first <= line && line <= lines.last),
    );
  }
}

/** Whether it is worth the while to look for directives in a text. */
export function mentionsPigen(text: string): boolean {
  return text.includes('pigen:');
}

interface Found {
  readonly kind: DirectiveKind;
  readonly names: readonly PlacedName[];
  readonly range: TextRange;
  /** Nothing but white space stands before it on its line. */
  readonly alone: boolean;
}

class DirectiveReader {
  readonly directives: PlacedDirective[] = [];
  readonly malformed: TextRange[] = [];
  /** Lines with nothing but a comment. */
  readonly #commentLines = new Set<number>();
  readonly #lastByFirst = new Map<number, number>();
  readonly #firstByLast = new Map<number, number>();
  /** What #next has answered. */
  readonly #nextLines = new Map<number, number>();

  constructor(
    private readonly text: string,
    private readonly lines: LineIndex,
    comments: readonly FileComment[],
    statements: readonly StatementLines[],
  ) {
    for (const { first, last } of statements) {
      this.#lastByFirst.set(first, Math.max(last, this.#lastByFirst.get(first) ?? last));
      this.#firstByLast.set(last, Math.min(first, this.#firstByLast.get(last) ?? first));
    }
    const found: Found[] = [];
    for (const comment of comments) {
      const whole = comment.toFileSpan({ start: 0, end: comment.text.length });
      const alone = this.#isAlone(whole);
      const range = lines.range(whole);
      if (alone) this.#commentLines.add(range.start.line);
      const directive = parseDirective(comment.text);
      if (directive === undefined) continue;
      if (directive.kind === 'malformed') {
        this.malformed.push(range);
        continue;
      }
      const names = directive.names.map(({ name, span }) => ({
        name,
        range: lines.range(comment.toFileSpan(span)),
      }));
      found.push({ kind: directive.kind, names, range, alone });
    }
    // Backwards, so that a `disable` knows of each rule what comes next.
    found.sort((a, b) => b.range.start.line - a.range.start.line);
    const next = new Map<string, Found>();
    for (const one of found) {
      this.#place(one, next);
      if (one.kind === 'enable' || (one.kind === 'disable' && one.alone)) {
        for (const { name } of one.names) next.set(name, one);
      }
    }
    this.directives.reverse();
  }

  /** A comment may name one rule for a block and another for a line: each name is placed for itself. */
  #place({ kind, names, range, alone }: Found, next: ReadonlyMap<string, Found>): void {
    if (kind !== 'disable') {
      this.directives.push({ kind, names, range, lines: undefined });
      return;
    }
    const { line } = range.start;
    for (const name of names) {
      // A further `disable` of the rule before its `enable` means that this one is about a line.
      const follower = next.get(name.name);
      const end = alone && follower?.kind === 'enable' ? follower.range.start.line : undefined;
      const lines = end === undefined ? this.#target(line, alone) : { first: line, last: end };
      this.directives.push({ kind, names: [name], range, lines });
    }
  }

  #isAlone({ start }: Span): boolean {
    const lineStart = this.lines.lineStart(this.lines.position(start).line);
    return this.text.slice(lineStart, start).trim() === '';
  }

  /** The next line that is neither empty nor a comment. Asked for from the last line to the first. */
  #next(line: number): number {
    let next = line + 1;
    while (next < this.lines.lineCount && (this.#commentLines.has(next) || this.#isEmpty(next))) {
      next = this.#nextLines.get(next) ?? next + 1;
    }
    this.#nextLines.set(line, next);
    return next;
  }

  #isEmpty(line: number): boolean {
    return this.text.slice(this.lines.lineStart(line), this.lines.lineEnd(line)).trim() === '';
  }

  /** The statement below a comment that stands alone; else the one that begins or ends on its line. */
  #target(line: number, alone: boolean): { readonly first: number; readonly last: number } {
    const target = alone ? this.#next(line) : line;
    return {
      first: alone ? target : Math.min(target, this.#firstByLast.get(target) ?? target),
      last: Math.max(target, this.#lastByFirst.get(target) ?? target),
    };
  }
}
