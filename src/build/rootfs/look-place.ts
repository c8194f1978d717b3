import { findKept } from '../afterwards/kept-containers';
import type { BuildProblem } from '../build-problem';
import type { Engine } from '../engine/engine';
import type { EngineEndpoint } from '../engine/engine-endpoint';
import { openEngine } from '../engine/open-engine';
import { foundBuild } from '../session/found-build';
import type { BuildSearch, FoundBuild } from '../session/found-build';
import { placeLabels, purposeLabel } from '../labels';
import { keptStages, runningStages } from './rootfs-source';
import type { KeptStage, RunningStage } from './rootfs-source';
import type { LookScripts } from './rootfs-scripts';
import { findStageVolume } from './stage-volume';
import type { StageVolume } from './stage-volume';

/** What an engine holds of the builds of one tree or repository. */
export interface LookPlace {
  readonly engine: Engine;
  /** Ended and kept, the newest first. */
  readonly ended: readonly FoundBuild[];
  /** Still at work: its root file systems change. */
  readonly running: readonly FoundBuild[];
  readonly volume: StageVolume | undefined;
  /** In the volume, the newest first. */
  readonly stages: readonly KeptStage[];
  /** In the volume, of tries that are under way. */
  readonly tried: readonly RunningStage[];
}

/** Looks what there is to look into. Rejects with a BuildProblemError, or what `signal` was aborted with. */
export async function lookPlaceOf(
  endpoint: EngineEndpoint,
  search: BuildSearch,
  scripts: LookScripts,
  signal: AbortSignal,
): Promise<LookPlace> {
  const engine = await openEngine(endpoint);
  const [ended, running, volume] = await Promise.all([
    findKept(engine, search),
    findRunning(engine, search),
    findStageVolume(endpoint, search),
  ]);
  const stages = volume === undefined ? [] : await keptStages(engine, volume, scripts, signal);
  const tried =
    volume && isBeingTried({ running }) ? await runningStages(engine, volume, scripts, signal) : [];
  return { engine, ended, running, volume, stages, tried };
}

/** Whether a stage is being tried, as opposed to whole images that are built. */
export function isBeingTried({ running }: Pick<LookPlace, 'running'>): boolean {
  return running.some(({ plan }) => plan.subject.sizes.kind === 'log');
}

/** What to say where nothing is there to look into but a try that has just begun, or that copies. */
export const triedTooEarly: BuildProblem = {
  kind: 'nothing-kept',
  message: 'A stage is being tried, and has no root file system yet that could be looked into beside it.',
  wayOut: 'Browse again when its first step has begun, or when the try has ended.',
};

async function findRunning(engine: Engine, search: BuildSearch): Promise<readonly FoundBuild[]> {
  const containers = await engine.containers([`${purposeLabel}=build`, ...placeLabels(search)]);
  return containers
    .filter(({ state }) => state === 'running')
    .flatMap((container) => foundBuild(container) ?? []);
}
