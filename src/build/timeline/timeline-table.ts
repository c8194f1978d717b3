import type { BuildTimeline } from './build-timeline';
import { timelineRows } from './timeline-rows';
import type { TimelineRow } from './timeline-rows';
import {
  changeOfRow,
  nameOfRow,
  shownGrowth,
  shownPackages,
  spokenComparison,
  spokenOutcome,
  stateWord,
  timeOfRow,
} from './timeline-text';
import { shownChange } from './timeline-words';
import type { TimelineWords } from './timeline-words';

/**
 * A timeline as plain text for a terminal, ending in a newline. Control characters of names are shown as `�`.
 *
 * @param moment writes a moment for people
 */
export function timelineTable(
  build: BuildTimeline,
  last: BuildTimeline | undefined,
  words: TimelineWords,
  moment: (date: Date) => string,
): string {
  const heads = [words.time, words.change, words.added, words.step];
  const cells = timelineRows(build, last).map((row) => cellsOf(row, build, words));
  const widths = heads.map((head, column) =>
    Math.max(...[heads, ...cells].map((line) => line[column]?.length ?? head.length)),
  );
  const lines = [heads, ...cells].map(([time = '', change = '', added = '', step = '']) =>
    `  ${time.padStart(widths[0] ?? 0)}  ${change.padStart(widths[1] ?? 0)}  ${added.padEnd(widths[2] ?? 0)}  ${step}`.trimEnd(),
  );
  return [
    `${visible(build.variant)}: ${spokenOutcome(build, words)}, ${moment(new Date(build.began))}`,
    spokenComparison(last, words, moment),
    '',
    ...lines,
    '',
  ].join('\n');
}

function cellsOf(row: TimelineRow, build: BuildTimeline, words: TimelineWords): readonly string[] {
  const change = changeOfRow(row);
  const state = stateWord(row, words);
  const name = visible(nameOfRow(row, words));
  const { size } = row;
  const packages = size && shownPackages(size, words);
  return [
    timeOfRow(row, build, words),
    change === undefined ? '' : shownChange(change, words),
    size === undefined
      ? ''
      : [shownGrowth(size.added), packages].filter((part) => part !== undefined).join(', '),
    `${row.level === 'step' ? '  ' : ''}${name}${state === undefined ? '' : ` (${state})`}`,
  ];
}

function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
