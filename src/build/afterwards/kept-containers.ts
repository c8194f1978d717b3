import { BuildProblemError } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import type { ResumablePlan } from '../plan/build-plan';
import { unwritableFolder } from '../results/local-problem';
import { readRecord } from '../session/build-record';
import type { Engine } from '../engine/engine';
import { hasOwner } from '../session/attach-build';
import { foundBuild } from '../session/found-build';
import type { BuildSearch, FoundBuild } from '../session/found-build';
import { removeContainer } from '../session/remove-container';
import { placeLabels, purposeLabel } from '../labels';

/** A container whose build has ended, and which was kept with what it made. */
export type KeptContainer = FoundBuild;

/** The kept containers of the builds of a tree or repository, the newest first. Rejects with a BuildProblemError. */
export async function findKept(engine: Engine, search: BuildSearch): Promise<readonly KeptContainer[]> {
  const containers = await engine.containers([`${purposeLabel}=build`, ...placeLabels(search)]);
  return containers
    .filter(({ state }) => state === 'exited')
    .flatMap((container) => foundBuild(container) ?? [])
    .sort((a, b) => (a.began < b.began ? 1 : -1));
}

/**
 * Removes what a failed build of the same name was kept for, and what a stopped one had to leave on an engine that did not answer,
 * so that the next one can begin. One that was kept on request, or whose results nobody has collected, stays; and all do where the
 * next one cannot write its results. Rejects with a BuildProblemError.
 *
 * @param next the build that is about to begin
 */
export async function removeFailed(engine: Engine, search: BuildSearch, next: NextBuild): Promise<void> {
  const containers = await engine.containers([`${purposeLabel}=build`, ...placeLabels(search)]);
  for (const container of containers) {
    const build = foundBuild(container);
    if (build?.plan.container.name !== next.container.name) continue;
    const record = await readRecord(build.logFile);
    if (record?.session !== build.session || record.end === undefined) continue;
    const isStopped = record.end.outcome === 'cancelled';
    if (!isStopped && (build.state !== 'exited' || build.plan.container.keep)) continue;
    const problem = await unwritableFolder(next.deployFolder);
    if (problem !== undefined) throw new BuildProblemError(problem);
    await (isStopped ? removeContainer(engine, build.id) : engine.remove(build.id));
  }
}

type NextBuild = Pick<ResumablePlan, 'deployFolder'> & {
  readonly container: Pick<ResumablePlan['container'], 'name'>;
};

/**
 * Of the builds that were found, the one whose log a new one would write too: it runs, or its results wait to be collected. One
 * that was never started, because what prepared it was killed, holds nothing, and is removed. Rejects with a BuildProblemError.
 */
export async function findInTheWay(
  engine: Pick<Engine, 'remove'>,
  found: readonly FoundBuild[],
  logFile: string,
): Promise<FoundBuild | undefined> {
  for (const build of found) {
    if (build.logFile !== logFile) continue;
    if (build.state !== 'created' || (await hasOwner(build))) return build;
    await engine.remove(build.id);
  }
  return undefined;
}

/** What to do where no container is left to look into. */
export const nothingKept: BuildProblem = {
  kind: 'nothing-kept',
  message:
    'No container of a build of this tree is left, and no stage that failed when it was tried, so there is nothing to look into.',
  wayOut:
    'Run "Pi-gen: Build Stage" (`pigen build --stage NAME`), which keeps what a failed step left. Or turn on the setting `pi-gen.build.keepFailedContainer` (`pigen build --keep`) and build again: the container of a failed build is then kept until the next one begins.',
};
