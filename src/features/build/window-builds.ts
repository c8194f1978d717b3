import * as vscode from 'vscode';
import type { BuildOptions, BuildResult } from '../../build/session/build-options';
import { BuildProblemError } from '../../build/build-problem';
import type { BuildProblem } from '../../build/build-problem';
import type { StandingFailures } from '../build-logs/standing-failures';
import type { CommandRegistry } from '../command-registry';
import { stepDurations } from '../../build/timeline/build-timeline';
import type { StepStates } from '../stages-view/step-states';
import type { BuildFollower, LiveTimeline } from '../timeline/live-timeline';
import type { BuildOutput, BuildOutputs } from './build-output';
import type { BuildPlace } from './build-place';
import { BuildProgress } from './build-progress';
import type { ProgressReport } from './build-progress';
import type { BuildVerdict } from './build-verdict';

/** What a build session needs of this window. */
export type SessionOptions = Pick<BuildOptions, 'signal' | 'detach' | 'onBegin' | 'onEvent'>;

/** What is around one build in this window. */
export interface JobSurroundings {
  readonly output: BuildOutput;
  /** Carries out what is to be done once this build is out of the way. */
  afterwards(work: () => Promise<void>): void;
}

/** What a build is of, and what carries it out, or takes it up. */
export interface WindowJob {
  readonly title: string;
  readonly place: BuildPlace;
  readonly outlives: boolean;
  /** It is one of several, and may run at the same time as others of which that is true. */
  readonly beside?: boolean;
  readonly quiet?: boolean;
  readonly inTerminal?: boolean;
  readonly tellSuccess?: (result: BuildResult) => void;
  readonly signal?: AbortSignal;
  readonly openShell?: () => unknown;
  readonly buildAndKeep?: () => unknown;
  /** Builds in spite of what the checks before the build say. */
  readonly anyway?: () => Promise<void>;
  /** Undefined: there is nothing to be done after all. */
  run(options: SessionOptions, around: JobSurroundings): Promise<BuildResult | undefined>;
}

/** How a build of this window came to its end. */
export interface JobEnd {
  /** Undefined: it was not begun, or came to none. */
  readonly result?: BuildResult | undefined;
  /** What kept it from coming to a result; the user was told. */
  readonly problem?: BuildProblem;
  /** The user, or this window's end, has stopped it. */
  readonly stopped: boolean;
}

interface RunningBuild {
  readonly title: string;
  /** It goes on without this window, and is taken up by the next one. */
  readonly outlives: boolean;
  readonly beside: boolean;
  readonly quiet: boolean;
  readonly output: BuildOutput;
  readonly stop: AbortController;
  readonly detach: AbortController;
  /** What it is at. */
  doing: string | undefined;
  done: Promise<JobEnd>;
}

interface WindowParts {
  readonly outputs: BuildOutputs;
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

/** The builds of this window, mostly one: shows each from its first word to its last, stops it, or leaves it to its container. */
export class WindowBuilds implements vscode.Disposable {
  readonly #status = vscode.window.createStatusBarItem('pi-gen.build', vscode.StatusBarAlignment.Left);
  readonly #subscriptions: vscode.Disposable[];
  /** In the order in which they began. */
  readonly #running = new Set<RunningBuild>();
  #shown: BuildOutput;
  #isLeaving = false;
  /** Builds that were asked for together are of one round. */
  #round = 0;

  constructor(private readonly parts: WindowParts) {
    this.#shown = parts.outputs.main;
    this.#status.name = vscode.l10n.t('pi-gen Build');
    this.#status.command = 'pi-gen.showBuildOutput';
    this.#subscriptions = [
      parts.commands.register('pi-gen.stopBuild', () => this.#stopPicked()),
      parts.commands.register('pi-gen.showBuildOutput', () => this.#showPicked()),
    ];
  }

  /** This window is on its way out: nothing is to be begun in it. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Leaves running builds to their containers, and resolves when all is noted that the next window needs. */
  async letGo(): Promise<void> {
    this.#abandon();
    await this.#done();
  }

  dispose(): void {
    this.#abandon();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#status.dispose();
  }

  isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Whether a build is under way, with which a new one cannot begin; if so, says so. */
  isBusy(): boolean {
    const [running] = this.#running;
    if (running === undefined) return false;
    void this.#tellBusy(running);
    return true;
  }

  /** Resolves when no build is under way. */
  async idle(): Promise<void> {
    while (this.isRunning()) await this.#done();
  }

  /** A round of builds begins: what the last one said of the user's files goes. */
  newRound(): void {
    this.#round += 1;
    this.parts.standing.clear();
  }

  /** Undefined: another build is under way, or it came to no result. Never rejects. */
  async run(job: WindowJob): Promise<BuildResult | undefined> {
    return (await this.carryOut(job)).result;
  }

  /** As run(), and tells how it ended. Never rejects. */
  async carryOut(job: WindowJob): Promise<JobEnd> {
    const { title, place, outlives, beside = false, quiet = false } = job;
    // Another build may have begun while the user was choosing.
    const fits = beside && [...this.#running].every((other) => other.beside);
    if (this.isRunning() && !fits) {
      if (!quiet) this.isBusy();
      return { stopped: false };
    }
    const output = this.#freeOutput(place.name, title);
    const stop = new AbortController();
    const detach = new AbortController();
    const giveUp = () => {
      stop.abort();
    };
    job.signal?.addEventListener('abort', giveUp, { once: true });
    stop.signal.addEventListener('abort', () => {
      this.#drawStatus();
    });
    const nothing = Promise.resolve({ stopped: false });
    const running: RunningBuild = {
      ...{ title, outlives, beside, quiet, output, stop, detach },
      doing: undefined,
      done: nothing,
    };
    this.#running.add(running);
    running.done = this.#show(job, running).catch((error: unknown) => {
      this.parts.log.error('The build ended unexpectedly', error);
      output.line(vscode.l10n.t('The build ended unexpectedly: {0}', String(error)));
      output.flush();
      this.parts.verdict.tellUnexpected(error, output);
      return { stopped: false };
    });
    await this.#tellRunning();
    const end = await running.done;
    job.signal?.removeEventListener('abort', giveUp);
    this.#running.delete(running);
    await this.#tellRunning();
    return end;
  }

  /** No two builds write into one channel at once. */
  #freeOutput(name: string | undefined, title: string): BuildOutput {
    const output = this.parts.outputs.of(name);
    const isTaken = [...this.#running].some((other) => other.output === output);
    return isTaken ? this.parts.outputs.of(title) : output;
  }

  async #show(job: WindowJob, running: RunningBuild): Promise<JobEnd> {
    const { title, quiet = false, inTerminal = false } = job;
    const { output, stop, detach } = running;
    const location = quiet ? vscode.ProgressLocation.Window : vscode.ProgressLocation.Notification;
    // A verdict that is about to be given anew stands until then; what others of the same round say stands beside it.
    if (!quiet && !running.beside) this.newRound();
    const isAlone = this.#running.size === 1;
    output.start(title, quiet || inTerminal || !isAlone);
    if (isAlone) this.#shown = output;
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
            running.doing = report.message;
            this.#drawStatus();
          });
          try {
            return await job.run(this.#session(job, running, progress), {
              output,
              afterwards: (work) => void running.done.then(work),
            });
          } finally {
            progress.dispose();
          }
        },
      );
      if (result !== undefined) await this.parts.verdict.tell(result, { ...job, output });
      return { result, stopped: result?.outcome === 'cancelled' || result?.outcome === 'detached' };
    } catch (error) {
      const stopped = stop.signal.aborted || detach.signal.aborted;
      if (error instanceof BuildProblemError) {
        this.parts.verdict.tellProblem(error.problem, { output, anyway: job.anyway });
        return { problem: error.problem, stopped };
      }
      if (!stopped) throw error;
      output.line(vscode.l10n.t('Build stopped before it began.'));
      return { stopped };
    } finally {
      output.flush();
    }
  }

  #session(job: WindowJob, running: RunningBuild, progress: BuildProgress): SessionOptions {
    const { repositoryRoot, treeRoot } = job.place;
    const round = running.beside ? this.#round : undefined;
    const followers: BuildFollower[] = [];
    return {
      signal: running.stop.signal,
      detach: running.detach.signal,
      onBegin: (build) => {
        const root = repositoryRoot ?? treeRoot;
        followers.push(this.parts.live.follow(root, build), this.parts.states.follow(root, build, round));
        // The try of a stage may have to build the stages before it, or not: the last one tells nothing of that.
        if (job.outlives && build.last !== undefined) progress.measureBy(stepDurations(build.last));
      },
      onEvent: (event) => {
        running.output.event(event);
        for (const follower of followers) follower.event(event);
        progress.take(event);
      },
    };
  }

  /** What outlives the window is left to its container; the rest is stopped. */
  #abandon(): void {
    this.#isLeaving = true;
    for (const { outlives, detach, stop } of this.#running) {
      if (outlives) detach.abort();
      else stop.abort();
    }
  }

  async #done(): Promise<void> {
    await Promise.all([...this.#running].map(({ done }) => done));
  }

  /** Menus and the status bar say what runs. */
  async #tellRunning(): Promise<void> {
    this.#drawStatus();
    await vscode.commands.executeCommand('setContext', 'pi-gen.building', this.isRunning());
  }

  #drawStatus(): void {
    const told = [...this.#running].filter(({ quiet }) => !quiet);
    const [only] = told;
    if (only === undefined) {
      this.#status.hide();
      return;
    }
    if (told.length === 1) {
      this.#status.text = `$(sync~spin) ${statusOf(only)}`;
      this.#status.tooltip = only.doing;
    } else {
      this.#status.text = `$(sync~spin) ${vscode.l10n.t('Building {0} images', told.length)}`;
      this.#status.tooltip = told
        .map((build) => (build.doing === undefined ? statusOf(build) : `${statusOf(build)}: ${build.doing}`))
        .join('\n');
    }
    this.#status.show();
  }

  async #tellBusy({ title, output }: RunningBuild): Promise<void> {
    const showLog = vscode.l10n.t('Show Log');
    const stop = vscode.l10n.t('Stop Build');
    const answer = await vscode.window.showInformationMessage(
      this.#running.size > 1
        ? vscode.l10n.t('Several builds are under way in this window. Wait for them, or stop them first.')
        : vscode.l10n.t('This window is at it already: {0}. Wait for it, or stop it first.', title),
      showLog,
      stop,
    );
    if (answer === showLog) output.show();
    if (answer === stop) await this.#stopPicked();
  }

  /** `Pi-gen: Stop Build`. Resolves when what is stopped has cleaned up. */
  async #stopPicked(): Promise<void> {
    const all = [...this.#running];
    const picked = all.length > 1 ? await pickToStop(all) : all;
    for (const { stop } of picked) stop.abort();
    await Promise.all(picked.map(({ done }) => done));
  }

  /** `Pi-gen: Show Build Output`. */
  async #showPicked(): Promise<void> {
    const all = [...this.#running];
    if (all.length > 1) {
      const picked = await vscode.window.showQuickPick(all.map(itemOf), {
        placeHolder: vscode.l10n.t('Whose log to show'),
      });
      if (picked !== undefined) this.#shown = picked.build.output;
      else return;
    } else if (all[0] !== undefined) this.#shown = all[0].output;
    this.#shown.show();
  }
}

/** Ending one takes its time: longest where the engine does not answer. */
function statusOf({ title, stop }: RunningBuild): string {
  return stop.signal.aborted ? vscode.l10n.t('Stopping: {0}', title) : title;
}

function itemOf(build: RunningBuild) {
  return { label: statusOf(build), ...(build.doing === undefined ? {} : { detail: build.doing }), build };
}

async function pickToStop(all: readonly RunningBuild[]): Promise<readonly RunningBuild[]> {
  const picked = await vscode.window.showQuickPick(
    all.map((build) => ({ ...itemOf(build), picked: true })),
    {
      canPickMany: true,
      title: vscode.l10n.t('Stop Build'),
      placeHolder: vscode.l10n.t('Which builds to stop'),
    },
  );
  return (picked ?? []).map(({ build }) => build);
}
