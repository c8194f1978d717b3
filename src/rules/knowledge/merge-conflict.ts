import type { Span } from '../../pigen/text';

/** A conflict of a merge as git marks it in a file. UTF-16 offsets into the text. */
export interface MergeConflict {
  /** The line of the opening marker, without its end. */
  readonly marker: Span;
  /** From the opening marker up to the end of the closing one. */
  readonly whole: Span;
}

/** The first conflict that nobody has resolved; undefined where there is none. */
export function mergeConflict(text: string): MergeConflict | undefined {
  if (!text.includes('<<<<<<<')) return undefined;
  let marker: Span | undefined;
  let isParted = false;
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    if (/^<{7}(?:\s|$)/.test(line)) {
      marker = { start, end };
      isParted = false;
    } else if (/^={7}\s*$/.test(line)) isParted = marker !== undefined;
    else if (marker !== undefined && isParted && /^>{7}(?:\s|$)/.test(line))
      return { marker, whole: { start: marker.start, end } };
    start = end + 1;
  }
  return undefined;
}
