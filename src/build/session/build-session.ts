import { createReadStream } from 'node:fs';
import type { Failure } from '../../explain/explanation';
import type { Artifact, RefusedEntry } from '../results/artifacts';
import { failureOfProblem } from '../build-event';
import type { BuildOptions, BuildResult } from './build-options';
import { localPath } from '../plan/build-plan';
import type { ResumablePlan } from '../plan/build-plan';
import { BuildProblemError, maskedProblem } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import { clearStopMark, wasStopped } from './build-record';
import type { RecordedEnd } from './build-record';
import type { BuildStart, OwnedLog } from './build-start';
import { collectResults } from '../results/collect-results';
import { deathProblem } from './death-problem';
import type { ContainerState, Engine } from '../engine/engine';
import {
  binfmtProblem,
  diskProblem,
  leftOnSilentEngine,
  problemOfError,
  stoppingOn,
} from '../engine/engine-errors';
import { localProblem } from '../results/local-problem';
import { LineAssembler } from '../output/lines';
import type { OutputLine } from '../output/lines';
import { LogRecorder } from '../output/log-recorder';
import type { EventSink } from '../output/log-recorder';
import { ProgressNotes } from './progress-notes';
import { removeContainer } from './remove-container';
import type { StampClock } from '../output/stamp-clock';
import { StepTracker } from '../output/step-tracker';
import { askToEnd } from './stop-container';
import { measureBeside, measureStages, sizeOfLine } from '../timeline/measure-stages';
import type { StageSize } from '../timeline/build-timeline';
import { SessionTimeline, begunBuild } from '../timeline/session-timeline';
import type { TimedBuild } from '../timeline/session-timeline';

/** Problems that do not end the build itself: its container is left, to be taken up later. */
const leavesContainer: ReadonlySet<string> = new Set(['engine-lost', 'no-engine', 'local-disk-full']);

/** One build from here to its end, by the process that owns its log and collects its results. Used once. */
export class BuildSession {
  readonly #recorder: LogRecorder;
  readonly #tracker: StepTracker;
  readonly #artifacts: Artifact[] = [];
  #refused: readonly RefusedEntry[] = [];
  readonly #notes: ProgressNotes;
  readonly #timeline: SessionTimeline;
  #container: string | undefined;
  #begun = false;
  #state: ContainerState | undefined;
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
  /** Whether the engine does, when the build is stopped. */
  #answers = Promise.resolve(true);
  readonly #halt: AbortSignal;

  constructor(
    private readonly plan: ResumablePlan,
    private readonly engine: Engine,
    private readonly options: Omit<BuildOptions, 'logFile'>,
    private readonly owned: OwnedLog,
    stamps: StampClock,
  ) {
    const tracker = new StepTracker(
      (path) => localPath(plan, path),
      () => performance.now(),
    );
    this.#tracker = tracker;
    this.#recorder = new LogRecorder(owned.log, tracker, this.#sink, options.secrets, stamps);
    this.#notes = new ProgressNotes(owned);
    this.#timeline = new SessionTimeline(this.#timed, plan.subject);
    const { detach } = options;
    this.#halt = detach === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, detach]);
  }

  async run(start: BuildStart): Promise<BuildResult> {
    const { signal, onBegin } = this.options;
    const stop = () => {
      this.#stop.abort(signal.reason);
      // Whatever waits for an engine that hangs is let go by this.
      this.#answers = this.engine.answers();
    };
    const sayAndStop = () => {
      void this.#tellStopping();
      stop();
    };
    signal.addEventListener('abort', sayAndStop, { once: true });
    if (signal.aborted) stop();
    try {
      onBegin?.(await begunBuild(this.#timed, this.plan.subject));
      await this.#build(start);
    } catch (error) {
      if (!this.#halt.aborted) await this.#takeProblem(this.#problemOf(error));
    } finally {
      signal.removeEventListener('abort', sayAndStop);
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

  get #timed(): TimedBuild {
    const { session, began } = this.owned.record;
    return { session, began, logFile: this.owned.log.path };
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
    this.#timeline.take(event);
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
    if (await wasStopped(this.owned.log.path, this.owned.record.session)) {
      this.#stoppedElsewhere = true;
      return;
    }
    this.#state = state;
    if (state.exitCode === 0) await this.#tellGap();
    this.#verdict = deathProblem(state, this.#recorder);
    const sizes = await measureBeside(
      (signal) => measureStages(this.engine, container, this.plan.subject.sizes, signal),
      () => this.#collect(container),
      { halt: this.#halt },
    );
    this.#complete = true;
    for (const size of sizes) await this.#tellSize(size);
  }

  /** Reads the container's output to its end. Where the build is stopped, the container is ended first. */
  async #follow(container: string, start: BuildStart): Promise<ContainerState> {
    const { stopPatience, detach, reconnectPauses } = this.options;
    const lines = new LineAssembler(start.position);
    const letGo = new AbortController();
    const ended = new AbortController();
    let stopping: Promise<unknown> | undefined;
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
      await this.#notes.take(lines.position);
      const output = start.output(container, {
        signal: letGo.signal,
        pauses: reconnectPauses,
        onConnection: (told) => this.#recorder.note(told),
      });
      for (;;) {
        const next = await output.next();
        if (next.done === true) return next.value;
        for (const line of lines.push(next.value)) {
          const told = this.#line(line);
          if (told !== undefined) await told;
        }
        await this.#notes.take(lines.position);
      }
    } finally {
      ended.abort();
      this.#stop.signal.removeEventListener('abort', onStop);
      detach?.removeEventListener('abort', onDetach);
      await stopping;
      letGo.abort(this.#halt.reason);
      // Whoever takes the build up reads an unfinished line whole.
      if (this.#detached) await this.#notes.takeNow(lines.position);
      else for (const line of lines.end()) await this.#line(line);
    }
  }

  /** Never rejects. */
  async #tellStopping(): Promise<void> {
    if (this.#complete) return;
    const { name } = this.plan.container;
    const what =
      this.#container === undefined ? 'to let go of what was begun' : `to end the container ${name}`;
    await this.#recorder.note(stoppingOn(this.engine.label, what)).catch(() => undefined);
  }

  /** A container outlives an engine that is killed, and what it prints meanwhile nobody keeps. */
  async #tellGap(): Promise<void> {
    const step = this.#tracker.current;
    if (step === undefined) return;
    await this.#recorder.note(
      `Lines are missing here: ${step.containerPath} never came to its End, and yet the build passed. The Docker engine was down and has lost them; pi-gen's own build.log in the results has them.`,
    );
  }

  #line(line: OutputLine): void | Promise<void> {
    this.#suspicion ??= binfmtProblem(line.text) ?? diskProblem(line.text);
    const told = this.#recorder.output(line);
    const size = this.plan.subject.sizes.kind === 'log' ? sizeOfLine(line.text) : undefined;
    return size === undefined ? told : this.#tellSize(size, told);
  }

  async #tellSize(size: StageSize, before?: void | Promise<void>): Promise<void> {
    await before;
    await this.#sink({ event: 'stage-size', ...size });
  }

  async #collect(container: string): Promise<void> {
    this.#refused = await collectResults(container, this.plan, this.engine, {
      passed: this.#state?.exitCode === 0,
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
    const failed = this.#complete && this.#state?.exitCode !== 0;
    const keeps = keep || (failed && this.options.keepFailed === true);
    if ((keeps && this.#complete) || this.#toBeTakenUp) {
      this.#containerLeft = name;
      return;
    }
    // It may have begun to hang since.
    const isThere = !this.#stop.signal.aborted || ((await this.#answers) && (await this.engine.answers()));
    if (!isThere) {
      this.#containerLeft = name;
      const words = leftOnSilentEngine(this.engine.label, name, 'the next build');
      await this.#recorder.note(words).catch(() => undefined);
      return;
    }
    try {
      const devices = await removeContainer(this.engine, this.#container, this.#state);
      if (devices.length > 0) {
        const words = `Let go loop devices that the build had left in use: ${devices.join(', ')}.`;
        await this.#recorder.note(words).catch(() => undefined);
      }
    } catch (error) {
      this.#containerLeft = name;
      const stuck = error instanceof BuildProblemError && error.problem.kind === 'engine-stuck';
      const words = stuck
        ? `${error.problem.message} ${error.problem.wayOut}`
        : `The container ${name} could not be removed. To do so: pigen clean --force ${name}`;
      // A full disk may have ended the log before.
      await this.#recorder.note(words).catch(() => undefined);
    }
  }

  /** The build goes on, or its results could not be copied: they must not go with the container. */
  get #toBeTakenUp(): boolean {
    if (!this.#begun || this.#complete || this.#stop.signal.aborted || this.#stoppedElsewhere) return false;
    return (
      this.#state?.exitCode === 0 || (this.#problem !== undefined && leavesContainer.has(this.#problem.kind))
    );
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
    return this.#state?.exitCode === 0 && this.#problem === undefined;
  }

  get #outcome(): BuildResult['outcome'] {
    if (this.#detached) return 'detached';
    if (this.#cancelled) return 'cancelled';
    return this.#succeeded ? 'succeeded' : 'failed';
  }

  async #finish(failures: readonly Failure[]): Promise<BuildResult> {
    const cancelled = this.#cancelled;
    const exitCode = cancelled ? undefined : this.#state?.exitCode;
    const outcome = this.#outcome;
    if (outcome !== 'detached') {
      if (!this.#toBeTakenUp) {
        const end: RecordedEnd = { outcome, exitCode: exitCode ?? null, artifacts: this.#artifacts };
        await this.#notes.end(end);
        await clearStopMark(this.owned.log.path);
        await this.#keepTimeline(outcome);
      }
      if (outcome === 'failed') await this.options.onEvent({ event: 'failed', failures });
      const ago = this.#endedAgo;
      const late = ago > 0 ? { ago } : {};
      await this.options.onEvent({ event: 'ended', exitCode: exitCode ?? null, cancelled, ...late });
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

  /** Milliseconds: it may have failed long before it was taken up. */
  get #endedAgo(): number {
    return this.#outcome === 'failed' ? this.#recorder.endedAgo : 0;
  }

  async #keepTimeline(outcome: RecordedEnd['outcome']): Promise<void> {
    const amiss = await this.#timeline.keep(outcome, this.#endedAgo);
    if (amiss !== undefined) await this.options.onEvent({ event: 'line', text: amiss, stream: 'engine' });
  }

  async #takeProblem(problem: BuildProblem): Promise<void> {
    const gone = problem.kind === 'container-gone';
    if (gone && (await wasStopped(this.owned.log.path, this.owned.record.session)))
      this.#stoppedElsewhere = true;
    else this.#problem = maskedProblem(problem, (text) => this.#recorder.mask(text));
  }

  #problemOf(error: unknown): BuildProblem {
    if (error instanceof BuildProblemError) return error.problem;
    if (error instanceof Error && 'syscall' in error && error.syscall === 'write') {
      return localProblem(error, this.owned.log.path);
    }
    return problemOfError(error, { action: 'follow', endpoint: this.engine.label });
  }
}
