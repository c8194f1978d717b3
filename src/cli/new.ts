import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { baseName, folderOf, joinPath, relativePath } from '../pigen/path';
import type { StepKind } from '../pigen/stage-tree';
import { stepForms } from '../pigen/step-names';
import type { StageListChange } from '../scaffold/add-to-stage-list';
import { addToConfig, addToWorkflow } from '../scaffold/add-to-stage-list';
import { validateStageName } from '../scaffold/stage-names';
import type { NewSubStage } from '../scaffold/stage-template';
import { newStage } from '../scaffold/stage-template';
import { NodeStageWriter, writeStage } from '../scaffold/write-stage';
import { readAssignments } from '../shell/config-assignments';
import { Core } from './core';
import { shownPath } from './findings-output';
import { formatOf, oneOf, pathFrom } from './options';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

const stepKinds = stepForms.map(({ kind }) => kind);

/** `pigen new stage NAME`. */
export async function runNew(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      in: { type: 'string' },
      steps: { type: 'string' },
      'sub-stage': { type: 'string' },
      export: { type: 'boolean' },
      'add-to-list': { type: 'string' },
    },
  });
  const [what, name, ...others] = positionals;
  if (what !== 'stage' || name === undefined || others.length > 0) {
    throw new UsageError("new makes stages: 'pigen new stage NAME'.");
  }
  const format = formatOf(values.format);
  const folder = pathFrom(terminal, values.in ?? '.');
  const core = new Core();
  try {
    if ((await core.fileSystem.stat(folder))?.kind !== 'folder')
      throw new UsageError(`${folder}: there is no such folder.`);
    const problem = validateStageName(name, []);
    if (problem?.severity === 'error') throw new UsageError(problem.message);
    const files = filesOf(name, values.steps, values['sub-stage'] ?? '00-install', values.export ?? false);
    const list = values['add-to-list'];
    const listFile = list === undefined ? undefined : pathFrom(terminal, list);
    // Judged before anything is written, so that a refusal leaves no half of the work behind.
    const change =
      listFile === undefined ? undefined : await listChange(core, listFile, joinPath(folder, name));
    const written = await writeStage(new NodeStageWriter(), folder, files);
    if (written.kind === 'exists') {
      throw new UsageError(
        `${shownPath(written.path, terminal.workingFolder)} exists already; nothing was written.`,
      );
    }
    if (listFile !== undefined && change?.kind === 'change') await writeFile(listFile, change.text);
    const shown = written.paths.map((path) => shownPath(path, terminal.workingFolder));
    if (format === 'json') {
      const json = {
        version: 1,
        written: shown,
        stageList: change === undefined ? null : { changed: change.kind === 'change' },
      };
      await terminal.write(`${JSON.stringify(json)}\n`);
    } else {
      await terminal.write(`${shown.join('\n')}\n`);
      if (change !== undefined) await terminal.write(`${listMessage(change, list ?? '')}\n`);
      else if (problem !== undefined) terminal.complain(problem.message);
    }
    return 0;
  } finally {
    core.dispose();
  }
}

function filesOf(
  name: string,
  steps: string | undefined,
  subStage: string,
  exportImage: boolean,
): ReturnType<typeof newStage> {
  try {
    return newStage({ name, exportImage, subStage: subStageOf(subStage), steps: stepsOf(steps) });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function stepsOf(given: string | undefined): readonly StepKind[] {
  if (given === undefined) return ['packages', 'run', 'run-chroot'];
  return given
    .split(',')
    .filter((kind) => kind !== '')
    .map((kind) => oneOf('--steps', kind.trim(), stepKinds, 'run'));
}

function subStageOf(given: string): NewSubStage {
  const digits = /^(\d{2})-(.+)$/.exec(given);
  if (digits?.[1] === undefined || digits[2] === undefined) {
    throw new UsageError(
      `--sub-stage takes two digits, a hyphen and a name, such as 00-install, not '${given}'.`,
    );
  }
  return { number: Number(digits[1]), name: digits[2] };
}

/** Names the stage as the list's file has to: relative to the repository for a workflow, to the tree for its config. */
async function listChange(core: Core, file: string, stage: string): Promise<StageListChange> {
  const text = await core.readText(file);
  if (text === undefined) throw new UsageError(`${file}: this file cannot be read.`);
  if (/\.ya?ml$/.test(file)) {
    const repository = folderOf(folderOf(folderOf(file)));
    return addToWorkflow(text, `./${relativePath(repository, stage)}`);
  }
  const parser = await core.parser.get();
  const inside = folderOf(stage) === folderOf(file);
  return addToConfig(text, readAssignments(text, parser), inside ? baseName(stage) : stage);
}

function listMessage(change: StageListChange, list: string): string {
  return change.kind === 'change' ? `Added to the stage list in ${list}.` : change.message;
}
