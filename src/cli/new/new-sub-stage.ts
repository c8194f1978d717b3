import { baseName } from '../../pigen/files/path';
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
  const content = await contentOf(core, options, baseName(stage), terminal);
  const [name] = names;
  const subStage =
    name === undefined
      ? { number: await nextNumber(core, stage), name: content.name }
      : subStageOf('The name of a sub-stage', name);
  await tell(await write(stage, newSubStage(subStage, content.files), terminal), options, terminal);
}

async function nextNumber(core: Core, stage: string): Promise<number> {
  const entries = await core.fileSystem.readFolder(stage);
  const free = freeNumber(entries.map(({ name }) => name));
  if (free === undefined) throw new UsageError('99 is taken: name the sub-stage with a number that is free.');
  return free;
}
