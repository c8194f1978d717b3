import * as vscode from 'vscode';
import type { BuildOptions, BuildResult } from '../../build/session/build-options';
import { BuildProblemError } from '../../build/build-problem';
import type { StandingFailures } from '../build-logs/standing-failures';
import type { CommandRegistry } from '../command-registry';
import { stepDurations } from '../../build/timeline/build-timeline';
import type { StepStates } from '../stages-view/step-states';
import type { LiveTimeline } from '../timeline/live-timeline';
import type { BuildOutput } from './build-output';
import type { BuildPlace } from './build-place';
import { BuildProgress } from './build-progress';
import type { ProgressReport } from './build-progress';
import type { BuildVerdict } from './build-verdict';

/** What a build session needs of this window. */
export type SessionOptions = Pick<BuildOptions, 'signal' | 'detach' | 'onBegin' | 'onEvent'>;

/** What a build is of, and what carries it out, or takes it up. */
export interface WindowJob {
  readonly title: string;
  readonly place: BuildPlace;
  readonly outlives: boolean;
  readonly quiet?: boolean;
  readonly inTerminal?: boolean;
  readonly tellSuccess?: (result: BuildResult) => void;
  readonly signal?: AbortSignal;
  readonly openShell?: () => unknown;
  readonly buildAndKeep?: () => unknown;
  /** Builds in spite of what the checks before the build say. */
  readonly anyway?: () => Promise<void>;
  /** Undefined: there is nothing to be done after all. */
  run(options: SessionOptions): Promise<BuildResult | undefined>;
}

interface RunningBuild {
  /** It goes on without this window, and is taken up by the next one. */
  readonly outlives: boolean;
  readonly stop: AbortController;
  readonly detach: AbortController;
  readonly done: Promise<unknown>;
}

interface WindowParts {
  readonly output: BuildOutput;
  readonly verdict: BuildVerdict;
  /** Shows what a failed build says of its files. */
  readonly standing: StandingFailures;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
  /** Follows what each step comes to. */
  readonly states: StepStates;
  /** Follows how long they take. */
  readonly live: LiveTimeline;
}

/** The one build of this window: shows it from its first word to its last, stops it, or leaves it to its container. */
export class WindowBuild implements vscode.Disposable {
  readonly #status = vscode.window.createStatusBarItem('pi-gen.build', vscode.StatusBarAlignment.Left);
  readonly #subscriptions: vscode.Disposable[];
  #running: RunningBuild | undefined;

  constructor(private readonly parts: WindowParts) {
    this.#status.name = vscode.l10n.t('pi-gen Build');
    this.#status.command = 'pi-gen.showBuildOutput';
    this.#subscriptions = [
      parts.commands.register('pi-gen.stopBuild', () => this.stop()),
      parts.commands.register('pi-gen.showBuildOutput', () => {
        parts.output.show();
      }),
    ];
  }

  /** Leaves a running build to its container, and resolves when all is noted that the next window needs. */
  async letGo(): Promise<void> {
    this.#abandon();
    await this.#running?.done;
  }

  dispose(): void {
    this.#abandon();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#status.dispose();
  }

  isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Whether a build is under way; if so, its output is shown. */
  isBusy(): boolean {
    if (this.isRunning()) this.parts.output.show();
    return this.isRunning();
  }

  /** Resolves when no build is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running.done;
  }

  /** Carries out what is to be done once the build that is under way is out of the way. */
  afterwards(work: () => Promise<void>): void {
    void this.#running?.done.then(work);
  }

  /** Ends the build that is under way, and resolves when it has cleaned up. */
  async stop(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.done;
  }

  /** Undefined: another build is under way, or it came to no result. Never rejects. */
  async run(job: WindowJob): Promise<BuildResult | undefined> {
    // Another build may have begun while the user was choosing.
    if (this.isRunning()) return undefined;
    const stop = new AbortController();
    const detach = new AbortController();
    const giveUp = () => {
      stop.abort();
    };
    job.signal?.addEventListener('abort', giveUp, { once: true });
    const done = this.#show(job, stop, detach).catch((error: unknown) => {
      this.parts.log.error('The build ended unexpectedly', error);
      this.parts.output.line(vscode.l10n.t('The build ended unexpectedly: {0}', String(error)));
      return undefined;
    });
    this.#running = { outlives: job.outlives, stop, detach, done };
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', true);
    const result = await done;
    job.signal?.removeEventListener('abort', giveUp);
    this.#running = undefined;
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', false);
    return result;
  }

  async #show(
    job: WindowJob,
    stop: AbortController,
    detach: AbortController,
  ): Promise<BuildResult | undefined> {
    const { title, quiet = false, inTerminal = false } = job;
    const location = quiet ? vscode.ProgressLocation.Window : vscode.ProgressLocation.Notification;
    // A verdict that is about to be given anew stands until then.
    if (!quiet) this.parts.standing.clear();
    this.parts.output.start(title, quiet || inTerminal);
    this.parts.states.start();
    this.#status.text = `$(sync~spin) ${title}`;
    if (!quiet) this.#status.show();
    try {
      const result = await vscode.window.withProgress(
        { location, title, cancellable: true },
        async (notification, token) => {
          token.onCancellationRequested(() => {
            stop.abort();
          });
          notification.report({ message: vscode.l10n.t('connecting to the Docker engine') });
          const progress = new BuildProgress((report: ProgressReport) => {
            notification.report(report);
            this.#status.tooltip = report.message;
          });
          try {
            return await job.run(this.#session(job, stop, detach, progress));
          } finally {
            progress.dispose();
          }
        },
      );
      if (result !== undefined) await this.parts.verdict.tell(result, job);
      return result;
    } catch (error) {
      if (error instanceof BuildProblemError) this.parts.verdict.tellProblem(error.problem, job.anyway);
      else if (!stop.signal.aborted && !detach.signal.aborted) throw error;
      return undefined;
    } finally {
      this.parts.output.flush();
      this.#status.hide();
    }
  }

  #session(
    job: WindowJob,
    stop: AbortController,
    detach: AbortController,
    progress: BuildProgress,
  ): SessionOptions {
    return {
      signal: stop.signal,
      detach: detach.signal,
      onBegin: (build) => {
        this.parts.live.begin(build);
        // The try of a stage may have to build the stages before it, or not: the last one tells nothing of that.
        if (job.outlives && build.last !== undefined) progress.measureBy(stepDurations(build.last));
      },
      onEvent: (event) => {
        this.parts.output.event(event);
        this.parts.states.event(event);
        this.parts.live.event(event);
        progress.take(event);
      },
    };
  }

  /** What outlives the window is left to its container; the rest is stopped. */
  #abandon(): void {
    const running = this.#running;
    if (running?.outlives === true) running.detach.abort();
    else running?.stop.abort();
  }
}
