import type { TimelineRow } from './timeline-rows';

/** Pixels around everything. */
export const padding = 16;
/** Pixels of the line with the hours and the heads of the columns. */
export const axisHeight = 24;
/** Pixels of a column with what stages added: a bar, a figure and a number of packages. */
export const addedWidth = 176;
const rowHeight = 24;
const stageHeight = 30;
const headingHeight = 72;
const numberWidth = 92;

/** Where a row is drawn. */
export interface Place {
  readonly row: TimelineRow;
  readonly y: number;
  readonly height: number;
  /** Milliseconds since the build began. */
  readonly start: number;
}

/** Where columns begin, in pixels from the left. */
export interface Columns {
  readonly name: number;
  readonly nameWidth: number;
  readonly bars: number;
  readonly barsWidth: number;
  /** Right edges. */
  readonly time: number;
  readonly change: number | undefined;
  readonly added: number | undefined;
}

/** What is above the hours: the heading of a picture that stands alone. */
export function topOf(alone: boolean): number {
  return alone ? headingHeight : 0;
}

/** Rows below each other; steps of folded stages have no height, but take their time. */
export function placed(
  rows: readonly TimelineRow[],
  { alone, folded }: { readonly alone: boolean; readonly folded: ReadonlySet<string> },
): readonly Place[] {
  const places: Place[] = [];
  let y = topOf(alone) + axisHeight;
  let start = 0;
  let stageEnd = 0;
  let isFolded = false;
  for (const row of rows) {
    if (row.level === 'stage') {
      start = Math.max(start, stageEnd);
      stageEnd = start + lengthOf(row);
      isFolded = folded.has(row.key);
    }
    const height = row.level === 'stage' ? stageHeight : isFolded ? 0 : rowHeight;
    places.push({ row, y, height, start });
    if (row.level === 'step') start += lengthOf(row);
    y += height;
  }
  return places;
}

function lengthOf({ state, milliseconds, lastMilliseconds }: TimelineRow): number {
  return (state === 'waiting' ? lastMilliseconds : milliseconds) ?? 0;
}

/** Where in time a row ends, in this build and in the one before. */
export function endsOf(
  { milliseconds = 0, lastMilliseconds = 0 }: TimelineRow,
  start: number,
): readonly number[] {
  return [start + milliseconds, start + lastMilliseconds];
}

export function columnsFor(width: number, places: readonly Place[], compares: boolean): Columns {
  const measured = places.some(({ row }) => row.size !== undefined || row.lastSize !== undefined);
  const right = width - padding;
  const added = measured ? right : undefined;
  const change = compares ? right - (measured ? addedWidth : 0) : undefined;
  const time = right - (measured ? addedWidth : 0) - (compares ? numberWidth : 0);
  const nameWidth = Math.min(320, Math.max(150, Math.round(width * 0.3)));
  const bars = padding + nameWidth + 12;
  return {
    name: padding,
    nameWidth,
    bars,
    barsWidth: Math.max(20, time - numberWidth - bars),
    time,
    change,
    added,
  };
}
