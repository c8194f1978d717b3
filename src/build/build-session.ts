import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../explain/explanation';
import { extractArtifacts } from './artifacts';
import type { Artifact, RefusedEntry } from './artifacts';
import { failureOfProblem } from './build-event';
import { localPath } from './build-plan';
import type { BuildPlan } from './build-plan';
import { BuildProblemError } from './build-problem';
import type { BuildProblem } from './build-problem';
import { runContainer } from './container-output';
import { createContextArchive, createFolderArchive, createTextArchive } from './context-archive';
import type { Engine } from './engine';
import { binfmtProblem, diskProblem, localProblem, problemOfError, rootlessProblem } from './engine-errors';
import { buildImage } from './image-build';
import { LineAssembler } from './lines';
import type { OutputLine } from './lines';
import { LogFile } from './log-file';
import { LogRecorder } from './log-recorder';
import type { EventSink } from './log-recorder';
import { StepTracker } from './step-tracker';

export interface BuildOptions {
  /** Stops the build, whatever it is doing, and cleans up. */
  readonly signal: AbortSignal;
  readonly onEvent: EventSink;
  /** Absolute path of the complete log on this machine. */
  readonly logFile: string;
  /** Values that are masked wherever they would be shown or written. */
  readonly secrets: Iterable<string>;
  /** Reads the log of a failed build, once it is complete. What it rejects with is passed over. */
  readonly explain?: (logChunks: AsyncIterable<string>) => Promise<readonly Failure[]>;
  readonly platform?: NodeJS.Platform;
  /** Milliseconds that a stopped build has to undo its mounts before it is ended by force. Default 10 s. */
  readonly stopPatience?: number;
}

export interface BuildResult {
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  /** pi-gen's; undefined where it never came to one. */
  readonly exitCode: number | undefined;
  /** The likeliest first; empty where the build succeeded or was cancelled. */
  readonly failures: readonly Failure[];
  /** Set where the build failed for a reason outside of the stages. */
  readonly problem: BuildProblem | undefined;
  readonly artifacts: readonly Artifact[];
  /** Entries of the results that were not copied because they could do harm here. */
  readonly refused: readonly RefusedEntry[];
  readonly logFile: string;
  /** Name of the container where it was kept on request, or could not be removed. */
  readonly containerLeft: string | undefined;
}

/**
 * Carries out a plan: builds the image, runs the container, copies the results here and removes what it made.
 * Never rejects for anything that an engine, a stage or a disk can do: that is told by the result. Only what `onEvent`
 * throws comes back, after cleaning up.
 */
export async function runBuild(plan: BuildPlan, engine: Engine, options: BuildOptions): Promise<BuildResult> {
  let file: LogFile;
  try {
    file = await LogFile.create(options.logFile);
  } catch (error) {
    return failedAtOnce(localProblem(error, options.logFile), options);
  }
  return new BuildSession(plan, engine, options, file).run();
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

const defaultStopPatience = 10_000;

class BuildSession {
  readonly #recorder: LogRecorder;
  readonly #artifacts: Artifact[] = [];
  #refused: readonly RefusedEntry[] = [];
  #container: string | undefined;
  #exitCode: number | undefined;
  /** The container has ended by itself and its results are here. */
  #complete = false;
  #problem: BuildProblem | undefined;
  /** What a line of the log says about the engine's machine. */
  #suspicion: BuildProblem | undefined;
  #containerLeft: string | undefined;
  /** What `onEvent` threw: the build stops for it. */
  #thrown: { readonly error: unknown } | undefined;
  readonly #stop = new AbortController();

  constructor(
    private readonly plan: BuildPlan,
    private readonly engine: Engine,
    private readonly options: BuildOptions,
    private readonly log: LogFile,
  ) {
    const tracker = new StepTracker(
      (path) => localPath(plan, path),
      () => performance.now(),
    );
    this.#recorder = new LogRecorder(log, tracker, this.#sink, options.secrets);
  }

  async run(): Promise<BuildResult> {
    const stop = () => {
      this.#stop.abort(this.options.signal.reason);
    };
    this.options.signal.addEventListener('abort', stop, { once: true });
    if (this.options.signal.aborted) stop();
    try {
      await this.#build();
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#problem = this.#problemOf(error);
    } finally {
      this.options.signal.removeEventListener('abort', stop);
    }
    await this.#cleanUp();
    await this.#closeLog();
    const failures = await this.#explain();
    if (this.#thrown !== undefined) throw this.#thrown.error;
    return this.#finish(failures);
  }

  get #signal(): AbortSignal {
    return this.#stop.signal;
  }

  get #cancelled(): boolean {
    return this.options.signal.aborted && !this.#complete;
  }

  readonly #sink: EventSink = async (event) => {
    try {
      await this.options.onEvent(event);
    } catch (error) {
      this.#thrown ??= { error };
      this.#stop.abort(error);
    }
  };

  async #build(): Promise<void> {
    const { plan, engine } = this;
    const info = await engine.info(this.#signal);
    if (info.rootless) throw new BuildProblemError(rootlessProblem(engine.label));
    const image = await this.#buildImage();
    this.#signal.throwIfAborted();
    const { name, command, options, labels } = plan.container;
    this.#container = await engine.createContainer({ name, image, command, options, labels });
    this.#signal.throwIfAborted();
    await this.#copyIn(this.#container);
    const exitCode = await this.#follow(this.#container);
    if (this.#signal.aborted) return;
    this.#exitCode = exitCode;
    await this.#copyOut(this.#container);
    this.#complete = true;
  }

  async #buildImage(): Promise<string> {
    const { plan, engine } = this;
    if (plan.image.ready !== undefined) return plan.image.ready;
    const platform = this.options.platform ?? process.platform;
    const context = createContextArchive({ root: plan.treeRoot, omit: plan.image.omit, platform });
    try {
      return await buildImage(plan, engine, context, this.#recorder, this.#sink, this.#signal);
    } finally {
      context.destroy();
    }
  }

  async #copyIn(container: string): Promise<void> {
    const { plan, engine } = this;
    const platform = this.options.platform ?? process.platform;
    const folders = plan.folders.map(({ local, container: place }) => ({
      from: local,
      name: relative(place),
    }));
    const files = plan.files.map(({ path, text }) => ({ name: relative(path), text, mode: 0o600 }));
    const archives: Readable[] = [createTextArchive(files)];
    if (folders.length > 0) archives.push(createFolderArchive(folders, platform));
    try {
      for (const archive of archives) await engine.putArchive(container, '/', archive, this.#signal);
    } finally {
      for (const archive of archives) archive.destroy();
    }
  }

  /** Runs the container to its end. Gives the exit status; where the build is stopped, the container is ended first. */
  async #follow(container: string): Promise<number> {
    const lines = new LineAssembler();
    const letGo = new AbortController();
    const ending = new AbortController();
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping = this.#stopContainer(container, ending.signal).finally(() => {
        letGo.abort(this.#signal.reason);
      });
    };
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      this.#signal.throwIfAborted();
      const output = runContainer(this.engine, container, letGo.signal);
      for (;;) {
        const next = await output.next();
        if (next.done === true) return next.value.exitCode;
        for (const line of lines.push(next.value)) await this.#line(line);
      }
    } finally {
      ending.abort();
      this.#signal.removeEventListener('abort', stop);
      await stopping;
      letGo.abort(this.#signal.reason);
      for (const line of lines.end()) await this.#line(line);
    }
  }

  async #line(line: OutputLine): Promise<void> {
    this.#suspicion ??= binfmtProblem(line.text) ?? diskProblem(line.text);
    await this.#recorder.output(line);
  }

  /**
   * Asks every process of the container to end, as Ctrl-C would: build.sh's trap then undoes its mounts and lets loop
   * devices go. (The container's first process has no handler, and the kernel keeps signals without one from it.)
   * Who does not end in time is ended by force. Never rejects.
   */
  async #stopContainer(container: string, ended: AbortSignal): Promise<void> {
    const patience = this.options.stopPatience ?? defaultStopPatience;
    try {
      await this.engine.execute(container, ['bash', '-c', 'kill -TERM -1']);
      await delay(patience, undefined, { signal: ended });
    } catch {
      // It has ended already, was not started yet, or the engine lets nobody in: ended by force then.
    }
  }

  /** Results come on failure too: images of earlier stages, and pi-gen's own log. */
  async #copyOut(container: string): Promise<void> {
    const { plan } = this;
    await this.#extract(container, plan.results, 1);
    if (this.#exitCode !== 0 && plan.buildLog !== undefined) await this.#extract(container, plan.buildLog, 0);
    for (const { name, reason } of this.#refused)
      await this.#recorder.note(`Not copied: ${name}: ${reason}.`);
  }

  async #extract(container: string, path: string, strip: 0 | 1): Promise<void> {
    const { deployFolder } = this.plan;
    const archive = await this.engine.getArchive(container, path, this.#signal);
    if (archive === undefined) return;
    const onArtifact = async (artifact: Artifact) => {
      this.#artifacts.push(artifact);
      await this.#sink({ event: 'artifact', ...artifact });
    };
    try {
      const found = await extractArtifacts(archive, deployFolder, {
        strip,
        onArtifact,
        signal: this.#signal,
      });
      this.#refused = [...this.#refused, ...found.refused];
    } catch (error) {
      this.#signal.throwIfAborted();
      const problem =
        error instanceof Error && 'syscall' in error && 'path' in error
          ? localProblem(error, deployFolder)
          : problemOfError(error, { action: 'copy-out', endpoint: this.engine.label });
      const { name } = this.plan.container;
      const wayOut = `${problem.wayOut} The results are still in the container: docker cp ${name}:${path} .`;
      throw new BuildProblemError(this.#exitCode === 0 ? { ...problem, wayOut } : problem, { cause: error });
    }
  }

  async #cleanUp(): Promise<void> {
    if (this.#container === undefined) return;
    const { name, keep } = this.plan.container;
    if ((keep && this.#complete) || this.#resultsRemain) {
      this.#containerLeft = name;
      return;
    }
    try {
      await this.engine.remove(this.#container);
    } catch {
      this.#containerLeft = name;
      const words = `The container ${name} could not be removed. Remove it with: docker rm -f -v ${name}`;
      // A full disk may have ended the log before.
      await this.#recorder.note(words).catch(() => undefined);
    }
  }

  /** The build succeeded, but its results could not be copied: they must not go with the container. */
  get #resultsRemain(): boolean {
    return this.#exitCode === 0 && !this.#complete && !this.#signal.aborted;
  }

  async #closeLog(): Promise<void> {
    try {
      await this.log.close();
    } catch (error) {
      this.#problem ??= localProblem(error, this.log.path);
    }
  }

  async #explain(): Promise<readonly Failure[]> {
    if (this.#cancelled || this.#thrown !== undefined || this.#succeeded) return [];
    if (this.#problem !== undefined) return [failureOfProblem(this.#problem)];
    let explained: readonly Failure[] = [];
    try {
      explained = (await this.options.explain?.(createReadStream(this.log.path, 'utf8'))) ?? [];
    } catch {
      // The log on disk still tells; a failed reading of it must not hide how the build ended.
    }
    if (this.#suspicion === undefined || explained[0]?.certainty === 'certain') return explained;
    this.#problem = this.#suspicion;
    return [failureOfProblem(this.#suspicion), ...explained];
  }

  get #succeeded(): boolean {
    return this.#exitCode === 0 && this.#problem === undefined;
  }

  async #finish(failures: readonly Failure[]): Promise<BuildResult> {
    const cancelled = this.#cancelled;
    const outcome = cancelled ? 'cancelled' : this.#succeeded ? 'succeeded' : 'failed';
    if (outcome === 'failed') await this.options.onEvent({ event: 'failed', failures });
    await this.options.onEvent({
      event: 'ended',
      exitCode: cancelled ? null : (this.#exitCode ?? null),
      cancelled,
    });
    return {
      outcome,
      exitCode: cancelled ? undefined : this.#exitCode,
      failures,
      problem: this.#problem,
      artifacts: this.#artifacts,
      refused: this.#refused,
      logFile: this.log.path,
      containerLeft: this.#containerLeft,
    };
  }

  #problemOf(error: unknown): BuildProblem {
    if (error instanceof BuildProblemError) return error.problem;
    if (error instanceof Error && 'syscall' in error && error.syscall === 'write') {
      return localProblem(error, this.log.path);
    }
    return problemOfError(error, { action: 'follow', endpoint: this.engine.label });
  }
}

/** Archives are unpacked at the container's root, and hold relative names. */
function relative(path: string): string {
  return path.replace(/^\/+/, '');
}
