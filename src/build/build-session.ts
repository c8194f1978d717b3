import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Failure } from '../explain/explanation';
import type { Artifact, RefusedEntry } from './artifacts';
import { failureOfProblem } from './build-event';
import { LeaseSeeker } from './build-lease';
import type { BuildLease } from './build-lease';
import { localPath } from './build-plan';
import type { BuildPlan, ResumablePlan } from './build-plan';
import { BuildProblemError } from './build-problem';
import type { BuildProblem } from './build-problem';
import { clearStopMark, wasStopped, writeRecord } from './build-record';
import type { BuildRecord, RecordedEnd } from './build-record';
import { collectResults } from './collect-results';
import { runContainer } from './container-output';
import type { FollowOptions } from './container-output';
import type { ContainerState, Engine } from './engine';
import {
  alreadyBuildingProblem,
  binfmtProblem,
  diskProblem,
  endedFromOutsideProblem,
  localProblem,
  outOfMemoryProblem,
  problemOfError,
} from './engine-errors';
import { resumeLabels } from './found-build';
import { LineAssembler, outputStart } from './lines';
import type { OutputChunk, OutputLine, OutputPosition } from './lines';
import { LogFile } from './log-file';
import { LogRecorder } from './log-recorder';
import type { EventSink } from './log-recorder';
import { newContainer } from './new-container';
import type { NewContainerOptions } from './new-container';
import { StepTracker } from './step-tracker';
import { askToEnd } from './stop-container';

export interface BuildOptions {
  /** Stops the build, whatever it is doing, and cleans up. */
  readonly signal: AbortSignal;
  /**
   * Lets go of the build: it goes on in its container, and attachBuild takes it up again. One that has not begun there yet
   * is stopped.
   */
  readonly detach?: AbortSignal;
  readonly onEvent: EventSink;
  /** Keeps the container of a build that pi-gen ended with a failure, so that one can look into it. */
  readonly keepFailed?: boolean;
  /** Absolute path of the complete log on this machine. */
  readonly logFile: string;
  /** Values that are masked wherever they would be shown or written. */
  readonly secrets: Iterable<string>;
  /** Reads the log of a failed build, once it is complete. What it rejects with is passed over. */
  readonly explain?: (logChunks: AsyncIterable<string>) => Promise<readonly Failure[]>;
  readonly platform?: NodeJS.Platform;
  /** Milliseconds that a stopped build has to undo its mounts before it is ended by force. Default 10 s. */
  readonly stopPatience?: number;
  /** Milliseconds before each try to find a lost engine again. A minute in all by default. */
  readonly reconnectPauses?: readonly number[];
}

export interface BuildResult {
  /** `detached`: the build goes on without us. */
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'detached';
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
  const record = newRecord(plan, engine);
  const claim = await claimLog(options.logFile, record);
  if (!claim.ok) return failedAtOnce(claim.problem, options);
  return new BuildSession(plan, engine, options, claim).run(newBuild(plan, engine, options, record));
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
  return {
    begun: false,
    position: outputStart,
    container: (context) => newContainer(plan, engine, { ...context, platform, labels }),
    output: (container, follow) => runContainer(engine, container, follow),
  };
}

/** How a session comes to its container. */
export interface BuildStart {
  /** The container runs, or has run, already. */
  readonly begun: boolean;
  /** Where in the container's output the session begins. */
  readonly position: OutputPosition;
  container(context: Omit<NewContainerOptions, 'platform' | 'labels'>): Promise<string>;
  output(container: string, follow: FollowOptions): AsyncGenerator<OutputChunk, ContainerState>;
}

/** The log of a build and the right to write it. */
export interface OwnedLog {
  readonly lease: BuildLease;
  readonly log: LogFile;
  readonly record: BuildRecord;
}

/** Problems that do not end the build itself: its container is left, to be taken up later. */
const leavesContainer: ReadonlySet<string> = new Set(['engine-lost', 'no-engine', 'local-disk-full']);

/** Milliseconds between two notes of how far the log on disk is. */
const checkpointInterval = 500;

/** Exit statuses of a container that was killed, asked to end, or found dead by an engine that was started anew. */
const killed: ReadonlySet<number> = new Set([137, 143, 255]);

/** One build from here to its end, by the process that owns its log and collects its results. Used once. */
export class BuildSession {
  readonly #recorder: LogRecorder;
  readonly #artifacts: Artifact[] = [];
  #refused: readonly RefusedEntry[] = [];
  #record: BuildRecord;
  #container: string | undefined;
  #begun = false;
  #exitCode: number | undefined;
  /** The container has ended by itself and its results are here. */
  #complete = false;
  #stoppedElsewhere = false;
  #problem: BuildProblem | undefined;
  /** What the engine says of how the container ended. */
  #verdict: BuildProblem | undefined;
  /** What a line of the log says about the engine's machine. */
  #suspicion: BuildProblem | undefined;
  #containerLeft: string | undefined;
  /** What `onEvent` threw: the build stops for it. */
  #thrown: { readonly error: unknown } | undefined;
  readonly #stop = new AbortController();
  readonly #halt: AbortSignal;
  #lastCheckpoint = -Infinity;

  constructor(
    private readonly plan: ResumablePlan,
    private readonly engine: Engine,
    private readonly options: Omit<BuildOptions, 'logFile'>,
    private readonly owned: OwnedLog,
  ) {
    const tracker = new StepTracker(
      (path) => localPath(plan, path),
      () => performance.now(),
    );
    this.#recorder = new LogRecorder(owned.log, tracker, this.#sink, options.secrets);
    this.#record = owned.record;
    const { detach } = options;
    this.#halt = detach === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, detach]);
  }

  async run(start: BuildStart): Promise<BuildResult> {
    const { signal } = this.options;
    const stop = () => {
      this.#stop.abort(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await this.#build(start);
    } catch (error) {
      if (!this.#halt.aborted) await this.#takeProblem(this.#problemOf(error));
    } finally {
      signal.removeEventListener('abort', stop);
    }
    try {
      await this.#cleanUp();
      await this.#closeLog();
      const failures = await this.#explain();
      if (this.#thrown !== undefined) throw this.#thrown.error;
      return await this.#finish(failures);
    } finally {
      await this.owned.lease.release();
    }
  }

  get #cancelled(): boolean {
    if (this.#complete) return false;
    return this.options.signal.aborted || this.#stoppedElsewhere || (this.#letGo && !this.#begun);
  }

  get #detached(): boolean {
    return this.#letGo && this.#begun && !this.#complete && !this.#stop.signal.aborted;
  }

  get #letGo(): boolean {
    return this.options.detach?.aborted === true;
  }

  readonly #sink: EventSink = (event) => {
    try {
      return this.options.onEvent(event)?.catch(this.#takeThrown);
    } catch (error) {
      this.#takeThrown(error);
      return undefined;
    }
  };

  readonly #takeThrown = (error: unknown): void => {
    this.#thrown ??= { error };
    this.#stop.abort(error);
  };

  async #build(start: BuildStart): Promise<void> {
    this.#begun = start.begun;
    const container = await start.container({
      recorder: this.#recorder,
      sink: this.#sink,
      signal: this.#halt,
      onCreated: (id) => {
        this.#container = id;
      },
    });
    this.#halt.throwIfAborted();
    this.#begun = true;
    const state = await this.#follow(container, start);
    if (this.#halt.aborted) return;
    if (await wasStopped(this.owned.log.path, this.#record.session)) {
      this.#stoppedElsewhere = true;
      return;
    }
    this.#exitCode = state.exitCode;
    this.#verdict = this.#verdictOf(state);
    await this.#collect(container);
    this.#complete = true;
  }

  /** Reads the container's output to its end. Where the build is stopped, the container is ended first. */
  async #follow(container: string, start: BuildStart): Promise<ContainerState> {
    const { stopPatience, detach, reconnectPauses } = this.options;
    const lines = new LineAssembler(start.position);
    const letGo = new AbortController();
    const ended = new AbortController();
    let stopping: Promise<void> | undefined;
    const onStop = () => {
      stopping = askToEnd(this.engine, container, ended.signal, stopPatience).finally(() => {
        letGo.abort(this.#stop.signal.reason);
      });
    };
    const onDetach = () => {
      letGo.abort(detach?.reason);
    };
    this.#stop.signal.addEventListener('abort', onStop, { once: true });
    detach?.addEventListener('abort', onDetach, { once: true });
    try {
      await this.#checkpoint(lines.position);
      const output = start.output(container, { signal: letGo.signal, pauses: reconnectPauses });
      for (;;) {
        const next = await output.next();
        if (next.done === true) return next.value;
        for (const line of lines.push(next.value)) await this.#line(line);
        await this.#checkpoint(lines.position);
      }
    } finally {
      ended.abort();
      this.#stop.signal.removeEventListener('abort', onStop);
      detach?.removeEventListener('abort', onDetach);
      await stopping;
      letGo.abort(this.#halt.reason);
      this.#lastCheckpoint = -Infinity;
      // Whoever takes the build up reads an unfinished line whole.
      if (this.#detached) await this.#checkpoint(lines.position);
      else for (const line of lines.end()) await this.#line(line);
    }
  }

  #line(line: OutputLine): Promise<void> {
    this.#suspicion ??= binfmtProblem(line.text) ?? diskProblem(line.text);
    return this.#recorder.output(line);
  }

  /** Notes from where on another process would have to go on. */
  async #checkpoint(position: OutputPosition | undefined): Promise<void> {
    const now = performance.now();
    if (position === undefined || now - this.#lastCheckpoint < checkpointInterval) return;
    this.#lastCheckpoint = now;
    const log = await this.owned.log.flush();
    const { stdout, stderr } = position;
    this.#record = { ...this.#record, position: { log, stdout: stdout.lines, stderr: stderr.lines } };
    await this.#saveRecord();
  }

  /** An older record costs whoever goes on some reading, and loses nothing. */
  async #saveRecord(): Promise<void> {
    await writeRecord(this.owned.log.path, this.#record).catch(() => undefined);
  }

  #verdictOf({ exitCode, outOfMemory }: ContainerState): BuildProblem | undefined {
    const { lastLine, result } = this.#recorder;
    if (outOfMemory) return outOfMemoryProblem(lastLine);
    return killed.has(exitCode) && result === undefined
      ? endedFromOutsideProblem(exitCode, lastLine)
      : undefined;
  }

  async #collect(container: string): Promise<void> {
    this.#refused = await collectResults(container, this.plan, this.engine, {
      passed: this.#exitCode === 0,
      signal: this.#halt,
      cancel: this.#stop.signal,
      pauses: this.options.reconnectPauses,
      onArtifact: async (artifact) => {
        this.#artifacts.push(artifact);
        await this.#sink({ event: 'artifact', ...artifact });
      },
    });
    for (const { name, reason } of this.#refused)
      await this.#recorder.note(`Not copied: ${name}: ${reason}.`);
  }

  async #cleanUp(): Promise<void> {
    if (this.#container === undefined || this.#detached) return;
    const { name, keep } = this.plan.container;
    const failed = this.#complete && this.#exitCode !== 0;
    const keeps = keep || (failed && this.options.keepFailed === true);
    if ((keeps && this.#complete) || this.#toBeTakenUp) {
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

  /** The build goes on, or its results could not be copied: they must not go with the container. */
  get #toBeTakenUp(): boolean {
    if (!this.#begun || this.#complete || this.#stop.signal.aborted || this.#stoppedElsewhere) return false;
    return this.#exitCode === 0 || (this.#problem !== undefined && leavesContainer.has(this.#problem.kind));
  }

  async #closeLog(): Promise<void> {
    try {
      await this.owned.log.close();
    } catch (error) {
      this.#problem ??= localProblem(error, this.owned.log.path);
    }
  }

  async #explain(): Promise<readonly Failure[]> {
    if (this.#cancelled || this.#detached || this.#thrown !== undefined || this.#succeeded) return [];
    if (this.#problem !== undefined) return [failureOfProblem(this.#problem)];
    let explained: readonly Failure[] = [];
    try {
      explained = (await this.options.explain?.(createReadStream(this.owned.log.path, 'utf8'))) ?? [];
    } catch {
      // The log on disk still tells; a failed reading of it must not hide how the build ended.
    }
    const surer = explained[0]?.certainty === 'certain' ? undefined : this.#suspicion;
    this.#problem = this.#verdict ?? surer;
    return this.#problem === undefined ? explained : [failureOfProblem(this.#problem), ...explained];
  }

  get #succeeded(): boolean {
    return this.#exitCode === 0 && this.#problem === undefined;
  }

  get #outcome(): BuildResult['outcome'] {
    if (this.#detached) return 'detached';
    if (this.#cancelled) return 'cancelled';
    return this.#succeeded ? 'succeeded' : 'failed';
  }

  async #finish(failures: readonly Failure[]): Promise<BuildResult> {
    const cancelled = this.#cancelled;
    const exitCode = cancelled ? undefined : this.#exitCode;
    const outcome = this.#outcome;
    if (outcome !== 'detached') {
      if (!this.#toBeTakenUp) {
        const end: RecordedEnd = { outcome, exitCode: exitCode ?? null, artifacts: this.#artifacts };
        this.#record = { ...this.#record, end };
        await this.#saveRecord();
        await clearStopMark(this.owned.log.path);
      }
      if (outcome === 'failed') await this.options.onEvent({ event: 'failed', failures });
      await this.options.onEvent({ event: 'ended', exitCode: exitCode ?? null, cancelled });
    }
    return {
      outcome,
      exitCode,
      failures,
      problem: this.#problem,
      artifacts: this.#artifacts,
      refused: this.#refused,
      logFile: this.owned.log.path,
      containerLeft: this.#containerLeft,
    };
  }

  async #takeProblem(problem: BuildProblem): Promise<void> {
    const gone = problem.kind === 'container-gone';
    if (gone && (await wasStopped(this.owned.log.path, this.#record.session))) this.#stoppedElsewhere = true;
    else this.#problem = problem;
  }

  #problemOf(error: unknown): BuildProblem {
    if (error instanceof BuildProblemError) return error.problem;
    if (error instanceof Error && 'syscall' in error && error.syscall === 'write') {
      return localProblem(error, this.owned.log.path);
    }
    return problemOfError(error, { action: 'follow', endpoint: this.engine.label });
  }
}
