/**
 * Turns ShellCheck's positions into offsets. Its lines end at `\n` alone, and its columns count code points, so that behind
 * a character outside the BMP they fall back behind UTF-16 units.
 */
export class LineStarts {
  readonly #starts: number[] = [0];

  constructor(private readonly text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  /** UTF-16 offset of a 1-based line and column; what lies outside is clamped to the line, or to the text. */
  offset(line: number, column: number): number {
    const start = this.#starts[line - 1];
    if (start === undefined) return line < 1 ? 0 : this.text.length;
    const next = this.#starts[line];
    const end = next === undefined ? this.text.length : next - 1;
    let at = start;
    for (let left = column - 1; left > 0 && at < end; left--) {
      at += (this.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    }
    return at;
  }
}
