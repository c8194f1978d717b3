import { BuildProblemError } from '../build-problem';
import { lostOutput } from '../output/container-output';
import type { Engine, Helper } from '../engine/engine';
import { ComparisonReader } from './comparison';
import type { StageComparison } from './comparison';
import { nothingKept } from './kept-containers';
import type { KeptContainer } from './kept-containers';
import { besideContainer, outputOf } from './manifest';
import { workFolderOf } from '../session/found-build';
import { besideVolume } from '../rootfs/rootfs-source';
import type { KeptStage } from '../rootfs/rootfs-source';

/**
 * Compares the root file system of a stage of a kept build with that of the stage before it, in a container beside the kept
 * one: only what differs comes here. Rejects with a BuildProblemError, or with what `signal` was aborted with; nothing of it
 * stays on the engine.
 *
 * @param script the text of container/compare-stage.sh
 */
export async function compareStage(
  engine: Engine,
  kept: KeptContainer,
  stage: string,
  script: string,
  signal: AbortSignal,
): Promise<StageComparison> {
  const command = ['bash', '-c', script, 'compare-stage', workFolderOf(kept.plan), stage];
  const helper = await besideContainer(engine, kept.id, command, signal);
  if (helper === undefined) throw new BuildProblemError(nothingKept);
  return readComparison(engine, helper, stage, `The container ${kept.plan.container.name}`, signal);
}

const afterFolder = '/pi-gen-look/after';
const beforeFolder = '/pi-gen-look/before';

/** As compareStage, of what the stage loop keeps. */
export async function compareKeptStage(
  engine: Engine,
  kept: Pick<KeptStage, 'record' | 'stage' | 'state'> & { readonly volume: string; readonly image: string },
  scripts: { readonly compare: string; readonly view: string },
  signal: AbortSignal,
): Promise<StageComparison> {
  const { volume, image, record, stage, state } = kept;
  const command = [
    ...['bash', '-c', scripts.view, 'kept-view', 'mount', record],
    ...[`${afterFolder}=${state === 'failed' ? '!' : ''}${stage}`, `${beforeFolder}=<${stage}`, '--'],
    ...['bash', '-c', scripts.compare, 'compare-stage', afterFolder, stage, beforeFolder],
  ];
  const helper = await besideVolume(engine, { volume, image, command }, signal);
  return readComparison(engine, helper, stage, 'The stage loop', signal);
}

/** @param holder who keeps it, as the beginning of a sentence */
async function readComparison(
  engine: Engine,
  helper: Helper,
  stage: string,
  holder: string,
  signal: AbortSignal,
): Promise<StageComparison> {
  try {
    const reader = new ComparisonReader();
    for await (const record of recordsOf(outputOf(helper, signal))) reader.push(record);
    const status = await helper.ended();
    if (status === 3 || status === 4) throw new BuildProblemError(nothingToCompare(stage, status, holder));
    const comparison = reader.end();
    if (comparison === undefined) throw lostOutput(engine, 'follow');
    return comparison;
  } finally {
    await helper.close();
  }
}

/** The texts between NULs. What follows the last one is no record. */
export async function* recordsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of source) {
    const records = (rest + decoder.decode(chunk, { stream: true })).split('\0');
    rest = records.pop() ?? '';
    yield* records;
  }
}

function nothingToCompare(stage: string, status: 3 | 4, holder: string) {
  return status === 3
    ? ({
        kind: 'nothing-kept',
        message: `${holder} holds no root file system of ${stage}: the build did not come to it, runs no such stage, or has a WORK_DIR that cannot be told without running its config.`,
        wayOut: 'Choose a stage that was built, or build again.',
      } as const)
    : ({
        kind: 'nothing-kept',
        message: `No stage was built before ${stage}, so there is nothing to compare it with.`,
        wayOut: 'Choose a later stage.',
      } as const);
}
