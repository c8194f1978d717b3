import type { Span } from '../pigen/text';

/**
 * Where each offset of a program's text stands in the text around it. Kept as segments: stretches that were copied as they
 * are, between which something was left out (an escaping backslash, a tab, a quote).
 */
export class OffsetMap {
  readonly #inner: number[] = [];
  readonly #outer: number[] = [];

  /** Says that from `inner` on the text is a copy of what begins at `outer`. `inner` must not be below the last one. */
  add(inner: number, outer: number): void {
    const last = this.#inner.length - 1;
    const [lastInner, lastOuter] = [this.#inner[last], this.#outer[last]];
    if (lastInner !== undefined && lastOuter !== undefined) {
      if (outer - inner === lastOuter - lastInner) return;
      if (inner === lastInner) {
        this.#outer[last] = outer;
        return;
      }
    }
    this.#inner.push(inner);
    this.#outer.push(outer);
  }

  /** Offset around for an offset inside; what lies outside is counted on from the nearest segment. */
  toOuter(offset: number): number {
    let low = 0;
    let high = this.#inner.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#inner[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return (this.#outer[low] ?? 0) + offset - (this.#inner[low] ?? 0);
  }

  /** The end goes behind the last unit of the span, not to what was left out after it. */
  toOuterSpan({ start, end }: Span): Span {
    const outerStart = this.toOuter(start);
    return { start: outerStart, end: end > start ? this.toOuter(end - 1) + 1 : outerStart };
  }
}
