/** A place in a text: both 0-based, `column` in UTF-16 code units, as VS Code counts. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Half-open: `end` is the first position that no longer belongs to it. */
export interface TextRange {
  readonly start: Position;
  readonly end: Position;
}

/** Half-open stretch of UTF-16 offsets into a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The range of a finding that concerns a whole file or folder: its first character. */
export const fileStart: TextRange = { start: { line: 0, column: 0 }, end: { line: 0, column: 0 } };

/**
 * Translates between offsets and positions of one text. Lines end at `\n`, `\r\n` and a lone `\r`, as in VS Code.
 * Offsets and columns are UTF-16 units, 0-based; what lies outside the text is clamped to it.
 */
export class LineIndex {
  readonly #starts: readonly number[];

  constructor(private readonly text: string) {
    const starts = [0];
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
    }
    this.#starts = starts;
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** Offset of the first unit of a line (0-based). */
  lineStart(line: number): number {
    return this.#starts[Math.max(0, Math.min(line, this.#starts.length - 1))] ?? 0;
  }

  /** Offset behind the last unit of a line, its line ending left out. */
  lineEnd(line: number): number {
    let end = line + 1 < this.#starts.length ? this.lineStart(line + 1) : this.text.length;
    const start = this.lineStart(line);
    if (end > start && this.text.charCodeAt(end - 1) === 10) end--;
    if (end > start && this.text.charCodeAt(end - 1) === 13) end--;
    return end;
  }

  position(offset: number): Position {
    const clamped = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStart(middle) <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: clamped - this.lineStart(low) };
  }

  offset(position: Position): number {
    const start = this.lineStart(position.line);
    return Math.max(start, Math.min(start + position.column, this.lineEnd(position.line)));
  }

  range(span: Span): TextRange {
    return { start: this.position(span.start), end: this.position(span.end) };
  }
}
