import type { ResumablePlan } from './build-plan';
import { BuildProblemError } from './build-problem';
import { extractArtifacts } from './artifacts';
import type { Artifact, RefusedEntry } from './artifacts';
import type { Engine } from './engine';
import { localProblem, problemOfError } from './engine-errors';

export interface CollectOptions {
  readonly onArtifact: (artifact: Artifact) => Promise<void>;
  readonly signal: AbortSignal;
  /** Whether the build passed: what it made is then all that there is of it. */
  readonly passed: boolean;
}

/**
 * Copies the results of an ended container here. They come on failure too: images of earlier stages, and pi-gen's own log.
 * Gives the entries that were not copied. Rejects with a BuildProblemError.
 */
export async function collectResults(
  container: string,
  plan: ResumablePlan,
  engine: Engine,
  options: CollectOptions,
): Promise<readonly RefusedEntry[]> {
  const refused = [...(await copyOut(container, plan.results, 1, plan, engine, options))];
  if (!options.passed && plan.buildLog !== undefined) {
    refused.push(...(await copyOut(container, plan.buildLog, 0, plan, engine, options)));
  }
  return refused;
}

async function copyOut(
  container: string,
  path: string,
  strip: 0 | 1,
  { deployFolder, container: { name } }: ResumablePlan,
  engine: Engine,
  { onArtifact, signal, passed }: CollectOptions,
): Promise<readonly RefusedEntry[]> {
  const archive = await engine.getArchive(container, path, signal);
  if (archive === undefined) return [];
  try {
    const { refused } = await extractArtifacts(archive, deployFolder, { strip, onArtifact, signal });
    return refused;
  } catch (error) {
    signal.throwIfAborted();
    const problem =
      error instanceof Error && 'syscall' in error && 'path' in error
        ? localProblem(error, deployFolder)
        : problemOfError(error, { action: 'copy-out', endpoint: engine.label });
    const wayOut = `${problem.wayOut} The results are still in the container: docker cp ${name}:${path} .`;
    throw new BuildProblemError(passed ? { ...problem, wayOut } : problem, { cause: error });
  }
}
