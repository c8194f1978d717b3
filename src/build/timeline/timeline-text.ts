import { shownSize } from '../afterwards/shown-size';
import type { BuildTimeline, StageSize } from './build-timeline';
import type { TimelineRow } from './timeline-rows';
import { fill, shownDuration } from './timeline-words';
import type { TimelineWords } from './timeline-words';

/** What a row is called. */
export function nameOfRow({ kind, name }: Pick<TimelineRow, 'kind' | 'name'>, words: TimelineWords): string {
  return kind === 'image' ? words.image : name;
}

/** How long it took, or why that cannot be said. */
export function timeOfRow({ state, milliseconds }: TimelineRow, build: BuildTimeline, words: TimelineWords) {
  if (state === 'waiting') return build.outcome === 'running' ? words.waiting : words.unreached;
  const duration = shownDuration(milliseconds ?? 0, words);
  return state === 'running' ? fill(words.soFar, duration) : duration;
}

/** By how much it took longer than the last time, in milliseconds. Undefined: one of both is not known. */
export function changeOfRow({ state, milliseconds, lastMilliseconds }: TimelineRow): number | undefined {
  if (state !== 'done' || milliseconds === undefined || lastMilliseconds === undefined) return undefined;
  return milliseconds - lastMilliseconds;
}

/** `+412 MB`; a figure that is below 0 has a minus sign. */
export function shownGrowth(bytes: number): string {
  return bytes < 0 ? `−${shownSize(-bytes)}` : `+${shownSize(bytes)}`;
}

/** `61 packages`; undefined where their number is not known, or none came or went. */
export function shownPackages({ packages }: StageSize, words: TimelineWords): string | undefined {
  if (packages === undefined || packages === 0) return undefined;
  if (packages < 0) return fill(words.fewerPackages, -packages);
  return packages === 1 ? words.onePackage : fill(words.manyPackages, packages);
}

/** A row in words, for those who hear it. */
export function spokenRow(row: TimelineRow, build: BuildTimeline, words: TimelineWords): string {
  const { lastMilliseconds, size } = row;
  const change = changeOfRow(row);
  const parts = [
    nameOfRow(row, words),
    timeOfRow(row, build, words),
    stateWord(row, words),
    change === undefined ? undefined : spokenChange(change, words),
    lastMilliseconds === undefined ? undefined : fill(words.lastTook, shownDuration(lastMilliseconds, words)),
    size === undefined
      ? undefined
      : fill(size.added < 0 ? words.removedBytes : words.addedBytes, shownSize(Math.abs(size.added))),
    size && shownPackages(size, words),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** What became of a row that did not come to its end, or has not yet. */
export function stateWord({ state }: TimelineRow, words: TimelineWords): string | undefined {
  return state === 'done' || state === 'waiting' ? undefined : words[state];
}

function spokenChange(milliseconds: number, words: TimelineWords): string {
  if (Math.abs(milliseconds) < 500) return words.same;
  const duration = shownDuration(Math.abs(milliseconds), words);
  return fill(milliseconds < 0 ? words.faster : words.slower, duration);
}

/** `Passed in 3 min 5 s`. */
export function spokenOutcome({ outcome, milliseconds }: BuildTimeline, words: TimelineWords): string {
  const text = {
    running: words.wasRunning,
    succeeded: words.wasSucceeded,
    failed: words.wasFailed,
    cancelled: words.wasCancelled,
  }[outcome];
  return fill(text, shownDuration(milliseconds, words));
}

/** `against 2 min 58 s of 26 Nov 2026, 14:10`. @param moment writes a moment for people */
export function spokenComparison(
  last: BuildTimeline | undefined,
  words: TimelineWords,
  moment: (date: Date) => string,
): string {
  if (last === undefined) return words.nothingBefore;
  return fill(words.against, shownDuration(last.milliseconds, words), moment(new Date(last.began)));
}
