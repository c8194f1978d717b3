/** The words of a timeline, to be translated. `{0}`, `{1}` stand for values. */
export const englishWords = {
  title: 'Build timeline',
  step: 'Step',
  time: 'Time',
  before: 'Last build',
  change: 'Change',
  added: 'Added',
  packages: 'Packages',
  thisBuild: 'this build',
  lastBuild: 'last build',
  image: 'Image of the build container',
  underOneSecond: 'under 1 s',
  seconds: '{0} s',
  wholeMinutes: '{0} min',
  minutes: '{0} min {1} s',
  wholeHours: '{0} h',
  hours: '{0} h {1} min',
  onePackage: '1 package',
  manyPackages: '{0} packages',
  fewerPackages: '{0} packages fewer',
  same: 'as long',
  slower: '{0} longer',
  faster: '{0} shorter',
  isNew: 'new',
  soFar: '{0} …',
  running: 'running',
  passed: 'passed',
  failed: 'failed',
  stopped: 'stopped',
  waiting: 'not yet run',
  unreached: 'not reached',
  wasRunning: 'Running for {0}',
  wasSucceeded: 'Passed in {0}',
  wasFailed: 'Failed after {0}',
  wasCancelled: 'Stopped after {0}',
  against: 'against {0} of {1}',
  nothingBefore: 'no earlier build to measure against',
  lastTook: 'last time {0}',
  addedBytes: '{0} added',
  removedBytes: '{0} removed',
} as const;

export type TimelineWords = Readonly<Record<keyof typeof englishWords, string>>;

/** Puts values into the places of a text. */
export function fill(text: string, ...values: readonly (string | number)[]): string {
  return text.replaceAll(/\{(\d)\}/g, (place, index: string) => {
    const value = values[Number(index)];
    return value === undefined ? place : String(value);
  });
}

/** `12 s`, `3 min 5 s`, `2 min`, `1 h 20 min`. @param milliseconds 0 or more */
export function shownDuration(milliseconds: number, words: TimelineWords): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 1) return words.underOneSecond;
  if (seconds < 60) return fill(words.seconds, seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    const rest = seconds % 60;
    return rest === 0 ? fill(words.wholeMinutes, minutes) : fill(words.minutes, minutes, rest);
  }
  const rest = minutes % 60;
  const hours = Math.floor(minutes / 60);
  return rest === 0 ? fill(words.wholeHours, hours) : fill(words.hours, hours, rest);
}

/** `+3 s`, `−1 min 5 s`, `=` where it is less than half a second. @param milliseconds below 0 where it was shorter */
export function shownChange(milliseconds: number, words: TimelineWords): string {
  if (Math.abs(milliseconds) < 500) return '=';
  return (milliseconds < 0 ? '−' : '+') + shownDuration(Math.abs(milliseconds), words);
}
