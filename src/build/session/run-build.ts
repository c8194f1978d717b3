import { randomBytes } from 'node:crypto';
import { failureOfProblem } from '../build-event';
import { LeaseSeeker } from './build-lease';
import type { BuildLease } from './build-lease';
import type { BuildOptions, BuildResult } from './build-options';
import type { BuildPlan } from '../plan/build-plan';
import type { BuildProblem } from '../build-problem';
import { clearStopMark, writeRecord } from './build-record';
import type { BuildRecord } from './build-record';
import { BuildSession } from './build-session';
import type { BuildStart, OwnedLog } from './build-start';
import { runContainer } from '../output/container-output';
import type { Engine } from '../engine/engine';
import { alreadyBuildingProblem } from '../engine/engine-errors';
import { localProblem } from '../results/local-problem';
import { resumeLabels } from './found-build';
import { outputStart } from '../output/lines';
import { StampClock } from '../output/stamp-clock';
import { LogFile } from '../output/log-file';
import { newContainer } from './new-container';

/**
 * Carries out a plan: builds the image, runs the container, copies the results here and removes what it made.
 * Never rejects for anything that an engine, a stage or a disk can do: that is told by the result. Only what `onEvent`
 * throws comes back, after cleaning up.
 */
export async function runBuild(plan: BuildPlan, engine: Engine, options: BuildOptions): Promise<BuildResult> {
  const record = newRecord(plan, engine);
  const claim = await claimLog(options.logFile, record);
  if (!claim.ok) return failedAtOnce(claim.problem, options);
  const stamps = StampClock.ofNew(record.began);
  return new BuildSession(plan, engine, options, claim, stamps).run(newBuild(plan, engine, options, record));
}

function newRecord(plan: BuildPlan, engine: Engine): BuildRecord {
  return {
    session: randomBytes(8).toString('hex'),
    treeRoot: plan.treeRoot,
    deployFolder: plan.deployFolder,
    began: new Date().toISOString(),
    engine: engine.label,
    position: undefined,
    end: undefined,
  };
}

type Claim = ({ readonly ok: true } & OwnedLog) | { readonly ok: false; readonly problem: BuildProblem };

async function claimLog(logFile: string, record: BuildRecord): Promise<Claim> {
  let lease: BuildLease | undefined;
  try {
    lease = await new LeaseSeeker(logFile).try();
    if (lease === undefined) return { ok: false, problem: alreadyBuildingProblem(logFile) };
    await clearStopMark(logFile);
    await writeRecord(logFile, record);
    return { ok: true, lease, log: await LogFile.create(logFile), record };
  } catch (error) {
    await lease?.release();
    return { ok: false, problem: localProblem(error, logFile) };
  }
}

async function failedAtOnce(problem: BuildProblem, options: BuildOptions): Promise<BuildResult> {
  const failures = [failureOfProblem(problem)];
  await options.onEvent({ event: 'failed', failures });
  await options.onEvent({ event: 'ended', exitCode: null, cancelled: false });
  return {
    outcome: 'failed',
    exitCode: undefined,
    failures,
    problem,
    artifacts: [],
    refused: [],
    logFile: options.logFile,
    containerLeft: undefined,
  };
}

function newBuild(plan: BuildPlan, engine: Engine, options: BuildOptions, record: BuildRecord): BuildStart {
  const platform = options.platform ?? process.platform;
  const labels = resumeLabels(plan, record, options.logFile);
  let input: Uint8Array | undefined;
  return {
    begun: false,
    position: outputStart,
    container: async (context) => {
      const made = await newContainer(plan, engine, { ...context, platform, labels });
      input = made.input;
      return made.id;
    },
    output: (container, follow) => runContainer(engine, container, { ...follow, input }),
  };
}
