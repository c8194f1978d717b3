import { baseName } from '../../pigen/files/path';
import type { Stage } from '../../pigen/tree/stage-tree';
import { removeFailed } from '../afterwards/kept-containers';
import type { BuildEvent } from '../build-event';
import { BuildProblemError } from '../build-problem';
import { buildGuarded, preflightProblem } from '../preflight/guard';
import type { BuildGuard } from '../preflight/guard';
import { runBuild } from '../session/run-build';
import type { BuildOptions, BuildResult } from '../session/build-options';
import type { Engine } from '../engine/engine';
import type { PreparedStage } from './prepare-stage';

/** Name of the log of a stage's last try, beside that of the whole build. */
export function stageLogName({ name }: Pick<Stage, 'name'>): string {
  return `build-docker-${name}.log`;
}

/** Name of the stage that a log is the last try of; undefined for that of a whole build. */
export function triedStage(logFile: string): string | undefined {
  return /^build-docker-(.+)\.log$/.exec(baseName(logFile))?.[1];
}

/**
 * Carries out one try of a stage. Told by the result as by runBuild; rejects only with a BuildProblemError, where the stage
 * has a SKIP file, the volume for the kept stages cannot be made, or the guard says that the build will fail, and with what
 * `onEvent` throws. A volume that was made for this try and in which nothing came to be kept does not stay.
 *
 * @param guard asked where nothing is kept yet: later tries rest on one that came through here, and are over before an answer
 */
export async function runStage(
  { plan, stage, volume }: PreparedStage,
  engine: Engine,
  options: BuildOptions,
  guard?: BuildGuard,
): Promise<BuildResult> {
  // build.sh's run_stage passes over it: nothing would run, and that would count as passed.
  if (stage.skip) {
    throw new BuildProblemError({
      kind: 'bad-plan',
      message: `${stage.name} holds a file SKIP, so pi-gen runs nothing of it, and there is nothing to try.`,
      wayOut: `Remove ${stage.name}/SKIP, or try another stage.`,
    });
  }
  const [isNew] = await Promise.all([
    engine.ensureVolume(volume.name, volume.labels),
    removeFailed(engine, { treeRoot: plan.treeRoot }, plan),
  ]);
  const seen = { layer: false };
  try {
    const run = (given: BuildOptions): Promise<BuildResult> =>
      runBuild(plan, engine, {
        ...given,
        onEvent: (event) => {
          seen.layer ||= leavesLayer(event);
          return given.onEvent(event);
        },
      });
    return await (isNew && guard !== undefined ? guarded(run, options, guard) : run(options));
  } finally {
    // Another window may use it by now: then it stays.
    if (isNew && !seen.layer) await engine.removeVolume(volume.name).catch(() => undefined);
  }
}

async function guarded(
  run: (options: BuildOptions) => Promise<BuildResult>,
  options: BuildOptions,
  { check, onWarning }: BuildGuard,
): Promise<BuildResult> {
  // The last word is not the build's where a check has stopped it.
  const last: BuildEvent[] = [];
  const { result, stoppedBy } = await buildGuarded(
    (signal) =>
      run({
        ...options,
        signal,
        onEvent: (event) => {
          if (event.event !== 'failed' && event.event !== 'ended') return options.onEvent(event);
          last.push(event);
          return undefined;
        },
      }),
    check,
    { signal: options.signal, onWarning },
  );
  if (stoppedBy !== undefined) throw new BuildProblemError(preflightProblem(stoppedBy));
  for (const event of last) await options.onEvent(event);
  return result;
}

function leavesLayer(event: BuildEvent): boolean {
  return event.event === 'step-ended' && (event.kind === 'prerun' || event.kind === 'sub-stage');
}
