import type { EntryKind } from '../../pigen/files/file-system';
import { baseName, shownPath } from '../../pigen/files/path';
import { parseStepName } from '../../pigen/tree/step-names';
import { freeNumber } from '../../scaffold/free-number';
import { newSubStage } from '../../scaffold/stage-template';
import type { Core } from '../core';
import type { Terminal } from '../terminal';
import { UsageError } from '../terminal';
import { contentOf, folderOf, refuseOthers, subStageOf, tell, write } from './new-options';
import type { NewOptions } from './new-options';

/** `pigen new sub-stage [NN-NAME] --in STAGE`: without a name, behind the sub-stages that are there. */
export async function makeSubStage(
  core: Core,
  names: readonly string[],
  options: NewOptions,
  terminal: Terminal,
): Promise<void> {
  if (names.length > 1) throw new UsageError("'pigen new sub-stage' takes one NN-NAME.");
  refuseOthers('sub-stage', options, ['in', 'steps', 'template', 'set']);
  const stage = await folderOf(core, options.in, terminal);
  await refuseOtherThanStage(core, stage, terminal);
  const content = await contentOf(core, options, baseName(stage), terminal);
  const [name] = names;
  const subStage =
    name === undefined
      ? { number: await nextNumber(core, stage), name: content.name }
      : subStageOf('The name of a sub-stage', name);
  await tell(await write(stage, newSubStage(subStage, content.files), terminal), options, terminal);
}

/** run_stage of build.sh looks for sub-stages in the folders of its stage list alone. */
async function refuseOtherThanStage(core: Core, folder: string, terminal: Terminal): Promise<void> {
  const entries = await core.fileSystem.readFolder(folder);
  const other = entries.find(({ name, kind }) => isOfTree(name, kind === 'folder') || isStep(name, kind));
  if (other === undefined) return;
  const shown = shownPath(folder, terminal.workingFolder);
  throw new UsageError(
    `${shown} is no stage (it holds ${other.name}), and pi-gen would never run a sub-stage in it. Name one with --in, such as stage-app.`,
  );
}

/** What lies in a pi-gen tree or beside stages, and never in a stage. */
function isOfTree(name: string, isFolder: boolean): boolean {
  return isFolder ? /^(?:stage|\.git$|\.github$)/.test(name) : name === 'build.sh';
}

function isStep(name: string, kind: EntryKind): boolean {
  return parseStepName(name)?.form.entry === kind;
}

async function nextNumber(core: Core, stage: string): Promise<number> {
  const entries = await core.fileSystem.readFolder(stage);
  const free = freeNumber(entries.map(({ name }) => name));
  if (free === undefined) throw new UsageError('99 is taken: name the sub-stage with a number that is free.');
  return free;
}
