import { writeFile } from 'node:fs/promises';
import { baseName, folderOf as parentOf, joinPath, relativePath } from '../../pigen/files/path';
import type { StageListChange } from '../../scaffold/add-to-stage-list';
import { addToConfig, addToWorkflow } from '../../scaffold/add-to-stage-list';
import { validateStageName } from '../../scaffold/stage-names';
import { newStage } from '../../scaffold/stage-template';
import { readAssignments } from '../../shell/config-assignments';
import type { Core } from '../core';
import { formatOf, pathFrom } from '../options';
import type { Terminal } from '../terminal';
import { UsageError } from '../terminal';
import { contentOf, folderOf, oneName, refuseOthers, subStageOf, tell, write } from './new-options';
import type { NewOptions } from './new-options';

/** `pigen new stage NAME`. */
export async function makeStage(
  core: Core,
  names: readonly string[],
  options: NewOptions,
  terminal: Terminal,
): Promise<void> {
  const name = oneName('stage', names, 'NAME');
  refuseOthers('stage', options, ['in', 'steps', 'sub-stage', 'template', 'set', 'export', 'add-to-list']);
  const folder = await folderOf(core, options.in, terminal);
  const problem = validateStageName(name, []);
  if (problem?.severity === 'error') throw new UsageError(problem.message);
  const content = await contentOf(core, options, name, terminal);
  const subStage = subStageOf('--sub-stage', options['sub-stage'] ?? `00-${content.name}`);
  const exportImage = options.export ?? false;
  const files = newStage({ name, exportImage, subStage, steps: [], template: content.files });

  const list = options['add-to-list'];
  const listFile = list === undefined ? undefined : pathFrom(terminal, list);
  // Judged before anything is written, so that a refusal leaves no half of the work behind.
  const change =
    listFile === undefined ? undefined : await listChange(core, listFile, joinPath(folder, name));
  const written = await write(folder, files, terminal);
  if (listFile !== undefined && change?.kind === 'change') await writeFile(listFile, change.text);
  await tell(written, options, terminal, {
    stageList: change === undefined ? null : { changed: change.kind === 'change' },
  });
  if (formatOf(options.format) === 'json') return;
  if (change !== undefined) await terminal.write(`${listMessage(change, list ?? '')}\n`);
  else if (problem !== undefined) terminal.complain(problem.message);
}

/** Names the stage as the list's file has to: relative to the repository for a workflow, to the tree for its config. */
async function listChange(core: Core, file: string, stage: string): Promise<StageListChange> {
  const text = await core.readText(file);
  if (text === undefined) throw new UsageError(`${file}: this file cannot be read.`);
  if (/\.ya?ml$/.test(file)) {
    const repository = parentOf(parentOf(parentOf(file)));
    return addToWorkflow(text, `./${relativePath(repository, stage)}`);
  }
  const parser = await core.parser.get();
  const inside = parentOf(stage) === parentOf(file);
  return addToConfig(text, readAssignments(text, parser), inside ? baseName(stage) : stage);
}

function listMessage(change: StageListChange, list: string): string {
  return change.kind === 'change' ? `Added to the stage list in ${list}.` : change.message;
}
