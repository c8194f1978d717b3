import type { EntryKind } from '../files/file-system';
import { parseStepName, prerunName, stageMarkers, stepForms, subStageMarkers } from './step-names';
import type { StepForm } from './step-names';

export interface NearMiss {
  /** The name that pi-gen would look at. */
  readonly suggestion: string;
  /** Why pi-gen passes the entry over: half a sentence that follows "pi-gen ignores it: ". */
  readonly reason: string;
}

/**
 * What the name of an entry that pi-gen ignores was surely meant to be; undefined for the names that it looks at, and for
 * all that may well be meant to be ignored: README, dotfiles, `files`, helpers, backups such as `00-run.sh.bak`.
 *
 * @param where the folder that holds it: a stage's own (markers and prerun.sh) or a sub-stage's (steps and SKIP)
 */
export function findNearMiss(
  name: string,
  kind: EntryKind,
  where: 'stage' | 'sub-stage',
): NearMiss | undefined {
  if (name.startsWith('.') || name === '' || isMeantToBeIgnored(name)) return undefined;
  if (parseStepName(name) !== undefined) return undefined;
  const markers = where === 'stage' ? stageMarkers : subStageMarkers;
  if (markers.includes(name) || name === prerunName) return undefined;
  if (kind === 'file') {
    return (
      nearMarker(name, markers) ?? (where === 'stage' ? nearPrerun(name) : undefined) ?? nearStep(name, kind)
    );
  }
  // In a stage every folder is a sub-stage, whatever its name.
  return kind === 'folder' && where === 'sub-stage' ? nearStep(name, kind) : undefined;
}

/** Endings that people give to what they put aside, and that editors, patch and dpkg leave behind. */
const aside =
  /(?:~|\.(?:bak|backup|old|orig|rej|save|sav|swp|off|disabled?|skip|unused|example|sample|template|dist|dpkg-\w+|ucf-\w+|\d+))$/i;

function isMeantToBeIgnored(name: string): boolean {
  // An underscore in front is what people put there to take a file out for a while.
  return (
    aside.test(name) ||
    name.startsWith('_') ||
    /^(?:readme|license|licence|copying|changelog|notes?|todo)\b/i.test(name)
  );
}

function nearMarker(name: string, markers: readonly string[]): NearMiss | undefined {
  const bare = name.replace(/\.(?:txt|sh|md)$/i, '');
  const folded = bare.toUpperCase().replaceAll(/[-. ]/g, '_');
  for (const marker of markers) {
    if (folded === marker) return { suggestion: marker, reason: `the marker file is called ${marker}` };
  }
  // `SKIP` is so short that other words lie near it.
  const long = markers.filter((marker) => marker.length > 6);
  const nearest = long.find((marker) => editDistance(folded, marker, 2) <= 2);
  return nearest === undefined
    ? undefined
    : { suggestion: nearest, reason: `the marker file is called ${nearest}` };
}

function nearPrerun(name: string): NearMiss | undefined {
  const folded = name.toLowerCase().replaceAll(/[-_ ]/g, '');
  const bare = folded.replace(/\.(?:sh|bash|txt)+(?:\.txt)?$/, '');
  const near = bare === 'prerun' || /^\d+prerun$/.test(bare) || editDistance(folded, prerunName, 2) <= 2;
  return near && !folded.startsWith('postrun')
    ? { suggestion: prerunName, reason: 'the script that prepares the stage is called prerun.sh' }
    : undefined;
}

interface Shape {
  readonly digits: string;
  readonly separator: string;
  readonly rest: string;
}

function nearStep(name: string, kind: 'file' | 'folder'): NearMiss | undefined {
  const found = /^([0-9]*)([-_. ]*)(.*)$/s.exec(name);
  const shape: Shape = { digits: found?.[1] ?? '', separator: found?.[2] ?? '', rest: found?.[3] ?? '' };
  const form = nearestForm(shape, kind);
  if (form === undefined) return undefined;
  const suggestion = twoDigits(shape.digits) + form.suffix;
  return suggestion === name ? undefined : { suggestion, reason: whyIgnored(shape, form) };
}

/** pi-gen counts from 00 to 99; the last two digits of a longer number are the likeliest to keep the order. */
function twoDigits(digits: string): string {
  return digits.length > 2 ? digits.slice(-2) : digits.padStart(2, '0');
}

function whyIgnored(shape: Shape, form: StepForm): string {
  if (shape.digits === '') return 'a step begins with a number of two digits';
  if (shape.digits.length !== 2) return 'the number of a step has two digits, 00 to 99';
  if (shape.separator !== '-') return 'a single hyphen follows the number of a step';
  return `after the number, a step of this kind is called ${form.suffix}`;
}

/** Other words that people use for a kind of step, folded as `fold` does. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['package', '-packages'],
  ['packages', '-packages'],
  ['packageslist', '-packages'],
  ['pkgs', '-packages'],
  ['packagesnr', '-packages-nr'],
  ['packagenr', '-packages-nr'],
  ['packagesnorecommends', '-packages-nr'],
  ['debconf', '-debconf'],
  ['patch', '-patches'],
  ['patches', '-patches'],
  ['run', '-run.sh'],
  ['runsh', '-run.sh'],
  ['runchroot', '-run-chroot.sh'],
  ['runchrootsh', '-run-chroot.sh'],
  ['runinchroot', '-run-chroot.sh'],
  ['chrootrun', '-run-chroot.sh'],
  ['chroot', '-run-chroot.sh'],
]);

function nearestForm(shape: Shape, kind: 'file' | 'folder'): StepForm | undefined {
  const forms = stepForms.filter((form) => form.entry === kind);
  const folded = fold(shape.rest);
  const suffix = synonyms.get(folded);
  const same = forms.find((form) => form.suffix === suffix);
  if (same !== undefined) return same;
  // Short words are near to everything: `run` is three letters, and only a number before it tells what it is.
  const allowed = (form: StepForm): number =>
    fold(form.suffix).length >= 7 ? 2 : shape.digits === '' ? 0 : 1;
  return forms
    .map((form) => ({ form, distance: editDistance(folded, fold(form.suffix), 2) }))
    .filter(({ form, distance }) => distance <= allowed(form))
    .sort((a, b) => a.distance - b.distance)[0]?.form;
}

/** Lower case, without separators and without the endings `.sh`, `.bash`, `.txt`, `.list`. */
function fold(text: string): string {
  return text
    .toLowerCase()
    .replace(/(?:\.(?:sh|bash|txt|list))+$/, '')
    .replaceAll(/[-_. ]/g, '');
}

/**
 * Edits (insert, delete, replace, swap of neighbours) that turn one text into the other; `limit + 1` for all that are
 * farther apart, so that long names cost nothing.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(before, j - 2) + 1);
      row.push(best);
    }
    if (Math.min(...row) > limit) return limit + 1;
    before = last;
    last = row;
  }
  return Math.min(at(last, b.length), limit + 1);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
