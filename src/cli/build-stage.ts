import { BuildProblemError } from '../build/build-problem';
import type { BuildOptions, BuildResult } from '../build/build-session';
import type { Engine } from '../build/engine';
import type { PreparedBuild } from '../build/prepare-build';
import { readContainerScripts } from '../build/stage-loop/container-scripts';
import { Fingerprints } from '../build/stage-loop/fingerprint';
import { prepareStage } from '../build/stage-loop/prepare-stage';
import type { StageRequest } from '../build/stage-loop/prepare-stage';
import { runStage, stageLogName } from '../build/stage-loop/run-stage';
import { joinPath } from '../pigen/path';
import type { Core } from './core';
import { pathFrom } from './options';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';

interface StageOptions {
  readonly stage?: string | undefined;
  readonly from?: string | undefined;
  readonly export?: boolean | undefined;
}

/** What `--stage` asks for; undefined where the whole image is to be built. Throws a UsageError for options that need it. */
export function stageRequestOf(given: StageOptions, terminal: Terminal): StageRequest | undefined {
  const { stage, from } = given;
  if (stage === undefined) {
    if (from !== undefined) throw new UsageError('--from goes with --stage NAME.');
    if (given.export !== undefined) {
      throw new UsageError('--export goes with --stage NAME: a build of the whole image exports anyway.');
    }
    return undefined;
  }
  return {
    stage: stage.includes('/') ? pathFrom(terminal, stage) : stage,
    from: from === undefined ? { kind: 'stage' } : { kind: 'sub-stage', name: from },
    exportImage: given.export ?? false,
  };
}

/** One try of a stage. Rejects with a BuildProblemError where it cannot be planned. */
export async function tryStage(
  build: PreparedBuild,
  request: StageRequest,
  engine: Engine,
  core: Core,
  options: Omit<BuildOptions, 'logFile'>,
): Promise<BuildResult> {
  const prepared = await prepareStage(build, request, {
    fs: core.fileSystem,
    parser: await core.parser.get(),
    engine,
    scripts: await readContainerScripts(core.fileSystem, core.folder),
    fingerprints: new Fingerprints(),
  });
  if (!prepared.ok) throw new BuildProblemError(prepared.problem);
  const logFile = joinPath(build.plan.deployFolder, stageLogName(prepared.stage));
  return runStage(prepared, engine, { ...options, logFile });
}
