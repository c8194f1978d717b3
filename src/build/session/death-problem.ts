import type { BuildProblem } from '../build-problem';
import type { ContainerState } from '../engine/engine';
import { endedFromOutsideProblem, outOfMemoryProblem } from '../engine/engine-errors';
import type { LogRecorder } from '../output/log-recorder';

/** Exit statuses of a container that was killed, asked to end, or found dead by an engine that was started anew. */
const killed: ReadonlySet<number> = new Set([137, 143, 255]);

/** What a container died of, where it was not pi-gen that ended. */
export function deathProblem(
  { exitCode, outOfMemory }: ContainerState,
  { lastLine, result }: Pick<LogRecorder, 'lastLine' | 'result'>,
): BuildProblem | undefined {
  if (outOfMemory) return outOfMemoryProblem(lastLine);
  return killed.has(exitCode) && result === undefined
    ? endedFromOutsideProblem(exitCode, lastLine)
    : undefined;
}
