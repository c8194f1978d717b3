import type { BuildTimeline } from './build-timeline';
import { addedWidth, axisHeight, columnsFor, endsOf, padding, placed, topOf } from './timeline-layout';
import type { Columns, Place } from './timeline-layout';
import { timelineRows } from './timeline-rows';
import type { TimelineRow } from './timeline-rows';
import { darkColours, lightColours, timelineStyle } from './timeline-style';
import {
  changeOfRow,
  nameOfRow,
  shownGrowth,
  shownPackages,
  spokenComparison,
  spokenOutcome,
  spokenRow,
  timeOfRow,
} from './timeline-text';
import { shownChange, shownDuration } from './timeline-words';
import type { TimelineWords } from './timeline-words';

export interface SvgOptions {
  /** Pixels. Below 480 it is drawn as wide as that. */
  readonly width: number;
  readonly words: TimelineWords;
  /** A picture of its own, with heading, background and colours for light and dark; else a part of a page that has these. */
  readonly alone: boolean;
  /** Keys of the stages whose steps are left out. */
  readonly folded: ReadonlySet<string>;
  /** Writes a moment for people. */
  readonly moment: (date: Date) => string;
}

/** Pixels. */
const leastWidth = 480;
/** Of one letter on average, at the size that rows are written in. */
const letterWidth = 6.8;

/**
 * Draws a build beside the one before it: a bar for each stage and step where it ran, a thinner one below it for the time that
 * it took before, and what each stage added. Pure; every text in it is escaped. In a page, rows are the items of a tree that
 * has to be given the focus by a script: `data-key` tells which is which.
 */
export function timelineSvg(
  build: BuildTimeline,
  last: BuildTimeline | undefined,
  options: SvgOptions,
): string {
  const all = placed(timelineRows(build, last), options);
  const width = Math.max(leastWidth, Math.floor(options.width));
  const columns = columnsFor(width, all, last !== undefined);
  const top = topOf(options.alone);
  const end = all.reduce((most, { y, height }) => Math.max(most, y + height), top + axisHeight);
  const height = end + padding;
  const most = Math.max(1, ...all.flatMap(({ row, start }) => endsOf(row, start)));
  const scale = (milliseconds: number): number => (milliseconds / most) * columns.barsWidth;
  const shown = all.filter(({ height: tall }) => tall > 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="timeline" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
      (options.alone ? ' role="img" font-family="system-ui, sans-serif">' : ` ${treeRole(build, options)}>`),
    ...(options.alone ? ownFrame(build, last, width, options) : []),
    ...axis(most, scale, columns, top, end, options.words),
    ...(last === undefined ? [] : legend(columns, top, options.words)),
    ...columnHeads(columns, top, options.words),
    ...shown.map((place) => rowSvg(place, { build, columns, scale, all, width }, options)),
    '</svg>',
    '',
  ].join('\n');
}

/** Text as XML may hold it: what no XML can carry, and what would turn the direction of the rest, becomes visible. */
export function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, '\ufffd')
    .replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? '');
}

function treeRole({ variant }: BuildTimeline, { words }: SvgOptions): string {
  return `role="tree" aria-label="${xml(`${words.title}: ${variant}`)}"`;
}

function ownFrame(
  build: BuildTimeline,
  last: BuildTimeline | undefined,
  width: number,
  { words, moment }: SvgOptions,
): readonly string[] {
  const summary = `${spokenOutcome(build, words)}, ${moment(new Date(build.began))} · ${spokenComparison(last, words, moment)}`;
  const dark = timelineStyle(darkColours).replaceAll(/^/gm, '  ');
  return [
    `<title>${xml(`${words.title}: ${build.variant}`)}</title>`,
    `<desc>${xml(summary)}</desc>`,
    `<style>\n${timelineStyle(lightColours)}\n@media (prefers-color-scheme: dark) {\n${dark}\n}\n</style>`,
    `<rect class="back" width="100%" height="100%" />`,
    text(padding, 32, `${words.title}: ${build.variant}`, 'heading'),
    text(padding, 54, clipped(summary, width - 2 * padding), 'faint'),
  ];
}

/** Steps of 1, 2, 5, 10, … of seconds, minutes or hours, of which no more than six fit. */
const tickSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 604_800,
];

function axis(
  most: number,
  scale: (milliseconds: number) => number,
  { bars, barsWidth }: Columns,
  top: number,
  bottom: number,
  words: TimelineWords,
): readonly string[] {
  const room = Math.max(1, Math.floor(barsWidth / 80));
  const seconds = most / 1000;
  const step = tickSteps.find((one) => seconds / one <= room);
  const lines: string[] = [];
  for (let at = 0; step !== undefined && at <= seconds; at += step) {
    const x = round(bars + scale(at * 1000));
    lines.push(`<line class="grid" x1="${x}" x2="${x}" y1="${top + axisHeight - 4}" y2="${bottom}" />`);
    const label = at === 0 ? '0' : shownDuration(at * 1000, words);
    lines.push(text(x, top + 14, label, 'small faint', at === 0 ? 'start' : 'middle'));
  }
  return lines;
}

function columnHeads({ time, change, added }: Columns, top: number, words: TimelineWords): readonly string[] {
  const y = top + 14;
  return [
    text(time, y, words.time, 'small faint', 'end'),
    ...(change === undefined ? [] : [text(change, y, words.change, 'small faint', 'end')]),
    ...(added === undefined ? [] : [text(added, y, words.added, 'small faint', 'end')]),
  ];
}

interface Drawing {
  readonly build: BuildTimeline;
  readonly columns: Columns;
  readonly scale: (milliseconds: number) => number;
  readonly all: readonly Place[];
  readonly width: number;
}

function rowSvg(place: Place, drawing: Drawing, options: SvgOptions): string {
  const { row, y, height } = place;
  const { columns, build, width } = drawing;
  const { words, alone } = options;
  const isStage = row.level === 'stage';
  const middle = y + height / 2 + 4;
  const indent = isStage ? 0 : 18;
  const name = nameOfRow(row, words);
  const tone = row.state === 'waiting' ? ' faint' : '';
  const lines = [
    `<title>${xml(spokenRow(row, build, words))}</title>`,
    ...(isStage ? [`<line class="grid" x1="${padding}" x2="${width - padding}" y1="${y}" y2="${y}" />`] : []),
    ...(alone
      ? []
      : [`<rect class="row-back" x="4" y="${y + 1}" width="${width - 8}" height="${height - 1}" rx="3" />`]),
    text(
      columns.name + indent,
      middle,
      clipped(name, columns.nameWidth - indent - 14, isStage ? 1.08 : 1),
      `${isStage ? 'stage-name' : 'step-name'}${tone}`,
    ),
    ...(row.state === 'failed' ? [text(columns.name + columns.nameWidth, middle, '✕', 'bad', 'end')] : []),
    ...barsOf(place, drawing),
    text(columns.time, middle, timeOfRow(row, build, words), `number${tone}`, 'end'),
    ...changeSvg(row, columns, middle, words),
    ...addedSvg(row, place, drawing, words),
  ];
  return `<g class="row"${alone ? '' : ` ${itemRole(row, drawing, options)}`}>\n${lines.map((line) => `  ${line}`).join('\n')}\n</g>`;
}

function itemRole(row: TimelineRow, { all, build }: Drawing, { words, folded }: SvgOptions): string {
  const index = all.findIndex((place) => place.row === row);
  const hasSteps = row.level === 'stage' && all[index + 1]?.row.level === 'step';
  const expanded = hasSteps ? ` aria-expanded="${String(!folded.has(row.key))}"` : '';
  const level = row.level === 'stage' ? 1 : 2;
  return `role="treeitem" tabindex="-1" aria-level="${level}"${expanded} aria-label="${xml(spokenRow(row, build, words))}" data-key="${xml(row.key)}" data-state="${row.state}"`;
}

/** Pixels that a bar has at least, so that it can be seen. */
const leastBar = 2;

function barsOf({ row, y, height, start }: Place, { columns, scale }: Drawing): readonly string[] {
  const { state, milliseconds, lastMilliseconds } = row;
  const x = round(columns.bars + scale(start));
  const bars: string[] = [];
  const isStage = row.level === 'stage' && row.kind !== 'image';
  const middle = y + height / 2;
  if (milliseconds !== undefined && state !== 'waiting') {
    const length = round(Math.max(leastBar, scale(milliseconds)));
    const kind = isStage && state === 'done' ? 'done whole' : state;
    bars.push(bar(kind, x, middle - 6, length, lastMilliseconds === undefined ? 10 : 8));
  }
  if (lastMilliseconds !== undefined) {
    const length = round(Math.max(leastBar, scale(lastMilliseconds)));
    bars.push(bar(isStage ? 'last whole' : 'last', x, middle + 3, length, 3));
  }
  return bars;
}

function bar(kind: string, x: number, y: number, width: number, height: number): string {
  return `<rect class="${kind}" x="${x}" y="${round(y)}" width="${width}" height="${height}" rx="1.5" />`;
}

/** What the two bars are, at the left of the hours. */
function legend({ name, bars }: Columns, top: number, words: TimelineWords): readonly string[] {
  const y = top + 14;
  const second = name + (bars - name) / 2;
  return [
    bar('done', name, y - 8, 14, 8),
    text(name + 20, y, words.thisBuild, 'small faint'),
    bar('last', second, y - 5, 14, 3),
    text(second + 20, y, words.lastBuild, 'small faint'),
  ];
}

function changeSvg(
  row: TimelineRow,
  { change: right }: Columns,
  y: number,
  words: TimelineWords,
): readonly string[] {
  const change = changeOfRow(row);
  if (right === undefined) return [];
  if (change === undefined) {
    const isNew = row.state === 'done' && row.lastMilliseconds === undefined;
    return isNew ? [text(right, y, words.isNew, 'faint', 'end')] : [];
  }
  const kind = Math.abs(change) < 500 ? 'faint' : change > 0 ? 'slower' : 'faster';
  return [text(right, y, shownChange(change, words), `number ${kind}`, 'end')];
}

/** Room for the bar of what a stage added, at the left of its figure. */
const sizeBarWidth = 56;

function addedSvg(
  { size, lastSize }: TimelineRow,
  { y, height }: Place,
  { columns, all }: Drawing,
  words: TimelineWords,
): readonly string[] {
  if (columns.added === undefined || size === undefined) return [];
  const most = Math.max(
    1,
    ...all.flatMap(({ row }) => [row.size?.added ?? 0, row.lastSize?.added ?? 0].map(Math.abs)),
  );
  const left = columns.added - addedWidth + 24;
  const middle = y + height / 2;
  const length = (bytes: number): number => round(Math.max(1, (Math.abs(bytes) / most) * sizeBarWidth));
  const packages = shownPackages(size, words);
  return [
    bar('added', left, middle - 6, length(size.added), lastSize === undefined ? 10 : 8),
    ...(lastSize === undefined ? [] : [bar('last', left, middle + 3, length(lastSize.added), 3)]),
    text(columns.added, middle + (packages === undefined ? 4 : -2), shownGrowth(size.added), 'number', 'end'),
    ...(packages === undefined ? [] : [text(columns.added, middle + 11, packages, 'small faint', 'end')]),
  ];
}

function text(
  x: number,
  y: number,
  words: string,
  kind: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}"${anchored}>${xml(words)}</text>`;
}

/** As much of a text as there is room for, its end rather than its beginning: that tells files apart. */
function clipped(words: string, room: number, boldness = 1): string {
  const letters = Array.from(words);
  const count = Math.max(4, Math.floor(room / (letterWidth * boldness)));
  return letters.length <= count ? words : `…${letters.slice(letters.length - count + 1).join('')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
