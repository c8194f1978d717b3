import { setTimeout as delay } from 'node:timers/promises';
import type { ResumablePlan } from '../plan/build-plan';
import { BuildProblemError } from '../build-problem';
import { extractArtifacts } from './artifacts';
import type { Artifact, Comparison, RefusedEntry } from './artifacts';
import { beginManifest } from '../afterwards/manifest';
import type { Manifest, ManifestReader } from '../afterwards/manifest';
import { removeParts, resumeCopy, wasInterrupted } from './resume-copy';
import type { ResumeOptions, ResumeResult } from './resume-copy';
import { usualPauses } from '../output/container-output';
import type { Engine } from '../engine/engine';
import { damagedCopyProblem, problemOfError } from '../engine/engine-errors';
import { localProblem } from './local-problem';

export interface CollectOptions {
  readonly onArtifact: (artifact: Artifact) => Promise<void>;
  readonly signal: AbortSignal;
  /** Aborted where the user wants none of it: what has arrived of a file is then no use any more. */
  readonly cancel: AbortSignal;
  /** Whether the build passed: what it made is then all that there is of it. */
  readonly passed: boolean;
  /** Milliseconds before each try to find a lost engine again. */
  readonly pauses?: readonly number[] | undefined;
}

/**
 * Copies the results of an ended container here, and compares their hashes with the container's own. They come on failure
 * too: images of earlier stages, and pi-gen's own log. Where the connection breaks, the copy is resumed, by this call or by
 * the next one. Gives the entries that were not copied. Rejects with a BuildProblemError.
 */
export async function collectResults(
  container: string,
  plan: ResumablePlan,
  engine: Engine,
  options: CollectOptions,
): Promise<readonly RefusedEntry[]> {
  try {
    const { results } = plan;
    const refused =
      results === undefined
        ? []
        : [...(await new ResultsCopy(container, { ...plan, results }, engine, options).run())];
    if (!options.passed && plan.buildLog !== undefined) {
      refused.push(...(await copyLog(container, plan.buildLog, plan, engine, options)));
    }
    return refused;
  } catch (error) {
    options.signal.throwIfAborted();
    const { deployFolder } = plan;
    const problem =
      error instanceof Error && 'syscall' in error && 'path' in error
        ? localProblem(error, deployFolder)
        : problemOfError(error, { action: 'copy-out', endpoint: engine.label });
    if (!options.passed || plan.results === undefined) throw new BuildProblemError(problem, { cause: error });
    const wayOut = `${problem.wayOut} The results are still in the container: docker cp ${plan.container.name}:${plan.results} .`;
    throw new BuildProblemError({ ...problem, wayOut }, { cause: error });
  }
}

const lostKinds: ReadonlySet<string> = new Set(['engine-lost', 'no-engine']);

type PlanWithResults = ResumablePlan & { readonly results: string };

/** One copy of the results, used once. */
class ResultsCopy {
  readonly #here = new Set<string>();

  constructor(
    private readonly container: string,
    private readonly plan: PlanWithResults,
    private readonly engine: Engine,
    private readonly options: CollectOptions,
  ) {}

  async run(): Promise<readonly RefusedEntry[]> {
    const { signal, cancel, pauses = usualPauses } = this.options;
    const { deployFolder } = this.plan;
    let resumes = await wasInterrupted(deployFolder);
    for (let attempt = 0; ; attempt++) {
      try {
        const { refused, damaged } = await this.#try(resumes);
        const [first] = damaged;
        if (first !== undefined) throw new BuildProblemError(damagedCopyProblem(first));
        await removeParts(deployFolder);
        return refused;
      } catch (error) {
        if (cancel.aborted) await removeParts(deployFolder);
        signal.throwIfAborted();
        const pause = pauses[attempt];
        const { kind } = problemOfError(error, { action: 'copy-out', endpoint: this.engine.label });
        if (pause === undefined || !lostKinds.has(kind)) throw error;
        resumes = true;
        await delay(pause, undefined, { signal });
      }
    }
  }

  async #try(resumes: boolean): Promise<ResumeResult> {
    const { container, engine, plan, options } = this;
    if (!(await engine.hasPath(container, plan.results))) return { refused: [], damaged: [] };
    const hashes = await beginManifest(engine, container, plan.results, options.signal);
    try {
      const manifest = resumes ? await hashes.read() : undefined;
      return manifest === undefined
        ? await this.#all(hashes)
        : await resumeCopy(manifest.values(), this.#resumeOptions);
    } finally {
      await hashes.close();
    }
  }

  /** As one archive, while the hashes are made. */
  async #all(hashes: ManifestReader): Promise<ResumeResult> {
    const { signal } = this.options;
    const archive = await this.engine.getArchive(this.container, this.plan.results, signal);
    if (archive === undefined) return { refused: [], damaged: [] };
    let manifest: Manifest;
    const compare = async (path: string, sha256: string): Promise<Comparison> => {
      manifest ??= await hashes.read();
      const entry = manifest?.get(path);
      if (entry === undefined) return 'unknown';
      return entry.sha256 === sha256 ? 'same' : 'different';
    };
    const { refused, damaged } = await extractArtifacts(archive, this.plan.deployFolder, {
      strip: 1,
      onArtifact: this.#took,
      signal,
      compare,
      resumable: true,
    });
    const again = damaged.flatMap((path) => manifest?.get(path) ?? []);
    const resumed = await resumeCopy(again, this.#resumeOptions);
    return { refused: [...refused, ...resumed.refused], damaged: resumed.damaged };
  }

  get #resumeOptions(): ResumeOptions {
    const { container, engine, options, plan } = this;
    const { results, deployFolder: folder } = plan;
    return { container, results, folder, engine, signal: options.signal, onArtifact: this.#took };
  }

  /** Told once of each, however often the copy begins. */
  readonly #took = async (artifact: Artifact): Promise<void> => {
    if (this.#here.has(artifact.file)) return;
    this.#here.add(artifact.file);
    await this.options.onArtifact(artifact);
  };
}

async function copyLog(
  container: string,
  path: string,
  { deployFolder }: ResumablePlan,
  engine: Engine,
  { onArtifact, signal }: CollectOptions,
): Promise<readonly RefusedEntry[]> {
  const archive = await engine.getArchive(container, path, signal);
  if (archive === undefined) return [];
  return (await extractArtifacts(archive, deployFolder, { strip: 0, onArtifact, signal })).refused;
}
