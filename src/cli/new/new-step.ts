import { baseName, folderOf as parentOf, joinPath, shownPath } from '../../pigen/files/path';
import { freeNumber } from '../../scaffold/free-number';
import { newStep } from '../../scaffold/stage-template';
import type { Core } from '../core';
import type { Terminal } from '../terminal';
import { UsageError } from '../terminal';
import { folderOf, oneName, refuseOthers, stepKindOf, tell, write } from './new-options';
import type { NewOptions } from './new-options';

/** `pigen new step KIND --in SUB-STAGE [--number NN]`: without a number, behind the steps that are there. */
export async function makeStep(
  core: Core,
  names: readonly string[],
  options: NewOptions,
  terminal: Terminal,
): Promise<void> {
  const kind = stepKindOf(oneName('step', names, 'KIND'));
  refuseOthers('step', options, ['in', 'number']);
  const subStage = await folderOf(core, options.in, terminal);
  await refuseOtherThanSubStage(core, subStage, terminal);
  const number = options.number === undefined ? await nextNumber(core, subStage) : numberOf(options.number);
  const files = newStep(kind, number, baseName(parentOf(subStage)));
  await tell(await write(subStage, files, terminal), options, terminal);
}

/** run_stage of build.sh looks for steps in the folders of a stage alone. */
async function refuseOtherThanSubStage(core: Core, folder: string, terminal: Terminal): Promise<void> {
  const entries = await core.fileSystem.readFolder(folder);
  if (!entries.some(({ name, kind }) => isOfStage(name, kind === 'folder'))) return;
  const shown = shownPath(folder, terminal.workingFolder);
  throw new UsageError(
    `${shown} is no sub-stage, and pi-gen would never run a step in it. Name one with --in, such as ${joinPath(shown, '00-install')}.`,
  );
}

/** What lies in a stage or in a tree of stages, and never in a sub-stage. */
function isOfStage(name: string, isFolder: boolean): boolean {
  if (isFolder) return /^(?:\d{2}-(?!patches$)|stage)/.test(name);
  return ['prerun.sh', 'EXPORT_IMAGE', 'EXPORT_NOOBS', 'build.sh'].includes(name);
}

function numberOf(given: string): number {
  if (/^\d{1,2}$/.test(given)) return Number(given);
  throw new UsageError(`--number takes 00 to 99, not '${given}'.`);
}

async function nextNumber(core: Core, subStage: string): Promise<number> {
  const entries = await core.fileSystem.readFolder(subStage);
  const free = freeNumber(entries.map(({ name }) => name));
  if (free === undefined) throw new UsageError('99 is taken: give a --number that is free.');
  return free;
}
