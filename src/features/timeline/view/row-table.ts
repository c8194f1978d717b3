import type { BuildTimeline } from '../../../build/timeline/build-timeline';
import { timelineRows } from '../../../build/timeline/timeline-rows';
import type { TimelineRow } from '../../../build/timeline/timeline-rows';
import {
  changeOfRow,
  nameOfRow,
  shownGrowth,
  stateWord,
  timeOfRow,
} from '../../../build/timeline/timeline-text';
import { shownChange, shownDuration } from '../../../build/timeline/timeline-words';
import type { TimelineWords } from '../../../build/timeline/timeline-words';

/** The same as the chart, in rows and columns: for those who read by ear, and to copy. */
export function rowTable(
  build: BuildTimeline,
  last: BuildTimeline | undefined,
  words: TimelineWords,
  open: (key: string) => void,
): HTMLTableElement {
  const table = document.createElement('table');
  const heads = [words.step, words.time, words.before, words.change, words.added, words.packages];
  const head = table.createTHead().insertRow();
  for (const word of heads) head.append(cell('th', word, { scope: 'col' }));
  const body = table.createTBody();
  for (const row of timelineRows(build, last)) body.append(lineOf(row, build, words, open));
  return table;
}

function lineOf(
  row: TimelineRow,
  build: BuildTimeline,
  words: TimelineWords,
  open: (key: string) => void,
): HTMLTableRowElement {
  const line = document.createElement('tr');
  line.className = `${row.level} ${row.state}`;
  const name = cell('th', '', { scope: 'row' });
  name.append(row.path === undefined ? nameOfRow(row, words) : opener(row, words, open));
  const { lastMilliseconds, size } = row;
  const change = changeOfRow(row);
  const state = stateWord(row, words);
  const time = timeOfRow(row, build, words);
  const numbers = [
    state === undefined ? time : `${time} (${state})`,
    lastMilliseconds === undefined ? '' : shownDuration(lastMilliseconds, words),
    change === undefined ? '' : shownChange(change, words),
    size === undefined ? '' : shownGrowth(size.added),
    size?.packages === undefined ? '' : String(size.packages),
  ];
  line.append(name, ...numbers.map((text) => cell('td', text)));
  return line;
}

function opener(row: TimelineRow, words: TimelineWords, open: (key: string) => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.className = 'link';
  button.textContent = nameOfRow(row, words);
  button.addEventListener('click', () => {
    open(row.key);
  });
  return button;
}

function cell(
  kind: 'td' | 'th',
  text: string,
  attributes: Readonly<Record<string, string>> = {},
): HTMLElement {
  const made = document.createElement(kind);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
