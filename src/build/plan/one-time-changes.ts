import { lstat, readFile } from 'node:fs/promises';
import { baseName, folderOf, joinPath } from '../../pigen/files/path';
import { parseStepName } from '../../pigen/tree/step-names';
import { containerPath } from './build-plan';
import type { BuildPlan, PlannedChange } from './build-plan';
import type { BuildProblem } from '../build-problem';

/** What one build does otherwise than the tree says. Absolute local paths, with `/`. */
export interface OneTimeChanges {
  /** Scripts whose commands are printed as they run. */
  readonly trace: readonly string[];
  /** Steps, sub-stages or stages that are left out. */
  readonly without: readonly string[];
}

export type ChangedPlan =
  { readonly ok: true; readonly plan: BuildPlan } | { readonly ok: false; readonly problem: BuildProblem };

/** Adds the changes to a plan: they are made in the container's copy of the tree alone. */
export async function withChanges(plan: BuildPlan, wanted: OneTimeChanges): Promise<ChangedPlan> {
  const changes: PlannedChange[] = [];
  for (const path of wanted.trace) {
    const change = await traced(plan, path);
    if ('message' in change) return { ok: false, problem: change };
    changes.push(change);
  }
  for (const path of wanted.without) {
    const change = await leftOut(plan, path);
    if ('message' in change) return { ok: false, problem: change };
    changes.push(change);
  }
  return { ok: true, plan: changes.length === 0 ? plan : { ...plan, changes } };
}

async function traced(plan: BuildPlan, path: string): Promise<PlannedChange | BuildProblem> {
  const place = containerPath(plan, path);
  if (place === undefined) return notBuilt(path);
  const kind = parseStepName(baseName(path))?.form.kind;
  const isScript = kind === 'run' || kind === 'run-chroot' || /^(?:prerun|postrun)\.sh$/.test(baseName(path));
  if (!isScript) return notTraceable(path, 'it is no script of a stage');
  try {
    const text = await readFile(path, 'utf8');
    const changed = tracedScript(text, baseName(path));
    if (changed === undefined)
      return notTraceable(path, 'its first line names another interpreter than a shell');
    const { mode } = await lstat(path);
    return {
      kind: 'file',
      path: place,
      text: changed,
      mode: process.platform === 'win32' ? 0o755 : mode & 0o777,
    };
  } catch (error) {
    return notThere(path, error);
  }
}

/**
 * A script that prints its commands with file and line, as `bash -x` does. No line moves, so that what names a line still
 * names the same. Undefined where another program than a shell runs it.
 */
export function tracedScript(text: string, name: string): string | undefined {
  const [first = '', ...others] = text.split('\n');
  const switchOn = `PS4='+ ${name}:\${LINENO}: '; set -x;`;
  if (!first.startsWith('#!')) return [`${switchOn} ${first}`, ...others].join('\n');
  if (!/^#!.*\b(?:ba|da|k|z)?sh\b/.test(first)) return undefined;
  const [second = '', ...rest] = others;
  return [first, `${switchOn} ${second}`, ...rest].join('\n');
}

/**
 * A stage or sub-stage gets a SKIP file. In the place of a step comes a link to nowhere: build.sh's run_sub_stage tests with
 * -f, -x and -d, and run_stage prerun.sh with -x, and each of them is false of it.
 */
async function leftOut(plan: BuildPlan, path: string): Promise<PlannedChange | BuildProblem> {
  const place = containerPath(plan, path);
  if (place === undefined) return notBuilt(path);
  const isStep =
    parseStepName(baseName(path)) !== undefined || /^(?:prerun|postrun)\.sh$/.test(baseName(path));
  try {
    const folder = (await lstat(path)).isDirectory();
    if (isStep) return { kind: 'nothing', path: place };
    if (folder && folderOf(path) !== path) {
      return { kind: 'file', path: joinPath(place, 'SKIP'), text: '', mode: 0o644 };
    }
    return {
      kind: 'bad-plan',
      message: `${path} is no step, sub-stage or stage, so it cannot be left out of a build.`,
      wayOut: 'Name a step such as 00-run.sh, or the folder of a sub-stage or a stage.',
    };
  } catch (error) {
    return notThere(path, error);
  }
}

function notBuilt(path: string): BuildProblem {
  return {
    kind: 'bad-plan',
    message: `${path} is not part of what is built.`,
    wayOut: 'Name a file or folder of a stage of this tree.',
  };
}

function notTraceable(path: string, why: string): BuildProblem {
  return {
    kind: 'bad-plan',
    message: `${path} cannot be traced: ${why}.`,
    wayOut: 'Name a prerun.sh, NN-run.sh or NN-run-chroot.sh.',
  };
}

function notThere(path: string, error: unknown): BuildProblem {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return {
    kind: 'bad-plan',
    message: `${path} cannot be read (${reason}).`,
    wayOut: 'Check the path: it is taken relative to the working directory.',
  };
}
