import { actionBuild } from '../build/plan/action-build';
import type { ActionBuild } from '../build/plan/action-build';
import { BuildProblemError } from '../build/build-problem';
import { cloneSource } from '../build/plan/pi-gen-clone';
import { shellQuoted } from '../build/plan/shell-words';
import { actionRuns } from '../pigen/workflow/workflow-jobs';
import type { ActionRun } from '../pigen/workflow/workflow-jobs';
import { folderOf } from '../pigen/files/path';
import { cloneStore } from './clone-store';
import type { Core } from './core';
import { pathFrom } from './options';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';

export interface WorkflowOptions {
  readonly workflow: string;
  readonly job?: string;
  readonly matrix?: readonly string[];
  readonly value?: readonly string[];
}

/** What the workflow builds, for each job and matrix entry that the options leave. Rejects with a UsageError where none is left. */
export async function workflowBuilds(
  core: Core,
  { workflow, job, matrix = [], value = [] }: WorkflowOptions,
  terminal: Terminal,
): Promise<readonly ActionBuild[]> {
  const file = pathFrom(terminal, workflow);
  const text = await core.readText(file);
  if (text === undefined) throw new UsageError(`${workflow} cannot be read.`);
  const all = actionRuns(text);
  if (all.length === 0) throw new UsageError(`${workflow} has no step that uses pi-gen-action.`);
  const wanted = pairs('--matrix', matrix);
  const left = all.filter(
    (run) =>
      (job === undefined || run.job === job || run.name === job) &&
      [...wanted].every(([key, one]) => String(run.matrix[key]) === one),
  );
  if (left.length === 0) {
    throw new UsageError(`No job of ${workflow} is left by that. It has: ${namesOf(all)}.`);
  }
  return left.map((run) => {
    const built = actionBuild({
      run,
      workflow: file,
      workspace: workspaceOf(file),
      values: pairs('--value', value),
      environment: terminal.environment,
    });
    if (!built.ok) throw new BuildProblemError(built.problem);
    return built.build;
  });
}

/** The clone that a step names; made only with `--clone`, since that takes the network and space. */
export async function cloneOf(
  { name, action }: ActionBuild,
  mayClone: boolean,
  terminal: Terminal,
): Promise<string> {
  const found = cloneSource(action.piGenRepository, action.piGenVersion);
  if (!found.ok) throw new BuildProblemError(found.problem);
  const { source } = found;
  const store = cloneStore(terminal);
  const kept = await store.find(source);
  if (kept !== undefined) return kept.folder;
  if (!mayClone) {
    throw new UsageError(
      `${name} is built with pi-gen from ${source.url} at ${source.version}. Add --clone to have it cloned into ${store.folderOf(source)} and kept, or name a checkout with --tree.`,
    );
  }
  terminal.complain(`cloning ${source.url} at ${source.version}`);
  return (await store.clone(source, terminal.signal)).folder;
}

/** A workflow stands in .github/workflows of the repository, a composite action anywhere in it. */
function workspaceOf(file: string): string {
  const found = /^(.*)\/\.github\/workflows\/[^/]+$/.exec(file);
  return found?.[1] ?? folderOf(file);
}

function pairs(option: string, words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const equals = word.indexOf('=');
      if (equals < 1) throw new UsageError(`${option} takes NAME=VALUE, not '${word}'.`);
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

function namesOf(runs: readonly ActionRun[]): string {
  return runs
    .map(({ name, matrix }) => {
      const entries = Object.entries(matrix).map(([key, one]) => shellQuoted(`${key}=${String(one)}`));
      return entries.length === 0 ? name : `${name} (--matrix ${entries.join(' --matrix ')})`;
    })
    .join('; ');
}
