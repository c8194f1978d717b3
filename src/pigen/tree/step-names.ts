import type { Place, StepKind } from './stage-tree';

/** What build.sh's run_sub_stage looks for under one number, in the order in which it runs them. */
export interface StepForm {
  readonly kind: StepKind;
  /** What follows the two digits. */
  readonly suffix: string;
  /** `-d` for patches, `-f` or `-x` for all others. */
  readonly entry: 'file' | 'folder';
  readonly place: Place;
}

export const stepForms: readonly StepForm[] = [
  { kind: 'debconf', suffix: '-debconf', entry: 'file', place: 'chroot' },
  { kind: 'packages-nr', suffix: '-packages-nr', entry: 'file', place: 'chroot' },
  { kind: 'packages', suffix: '-packages', entry: 'file', place: 'chroot' },
  { kind: 'patches', suffix: '-patches', entry: 'folder', place: 'host' },
  { kind: 'run', suffix: '-run.sh', entry: 'file', place: 'host' },
  { kind: 'run-chroot', suffix: '-run-chroot.sh', entry: 'file', place: 'chroot' },
];

/** Files that build.sh tests for in a stage folder. */
export const stageMarkers: readonly string[] = ['SKIP', 'SKIP_IMAGES', 'EXPORT_IMAGE', 'EXPORT_NOOBS'];

/** Files that build.sh tests for in a sub-stage folder. */
export const subStageMarkers: readonly string[] = ['SKIP'];

export const prerunName = 'prerun.sh';

/** Looked for beside build.sh, and run from there when the images are made. */
export const postrunName = 'postrun.sh';

export interface StepName {
  /** `00` to `99`. */
  readonly number: string;
  readonly form: StepForm;
}

/** Reads the name of a step; undefined for every name that run_sub_stage never looks at. */
export function parseStepName(name: string): StepName | undefined {
  const number = /^[0-9]{2}(?=-)/.exec(name)?.[0];
  if (number === undefined) return undefined;
  const form = stepForms.find((candidate) => candidate.suffix === name.slice(2));
  return form && { number, form };
}

/** The name of a step. `number` is `00` to `99`. */
export function stepName(number: string, kind: StepKind): string {
  return number + (stepForms.find((form) => form.kind === kind)?.suffix ?? '');
}

/** Sorts as run_sub_stage runs: by number, then by kind. */
export function compareSteps(a: StepName, b: StepName): number {
  return Number(a.number) - Number(b.number) || stepForms.indexOf(a.form) - stepForms.indexOf(b.form);
}
