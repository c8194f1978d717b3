import * as vscode from 'vscode';
import type { BuildEvent } from '../../build/build-event';
import { BuildClock } from '../../build/timeline/build-clock';
import type { StepDurations } from '../../build/timeline/build-clock';
import { baseName } from '../../pigen/files/path';

/** Milliseconds after which the time that is left is told anew, whatever the build does. */
const tellInterval = 10_000;

export interface ProgressReport {
  readonly message: string;
  /** Percent of the last build's time that have passed since the last report. */
  readonly increment: number;
}

/** What the notification of a build says: its step, that step's part of the last build's time, and the time that is left. */
export class BuildProgress implements vscode.Disposable {
  #clock = new BuildClock(undefined, () => performance.now());
  readonly #timer: NodeJS.Timeout;
  #doing: string | undefined;
  #told = 0;

  constructor(private readonly report: (report: ProgressReport) => void) {
    this.#timer = setInterval(() => {
      this.#tell();
    }, tellInterval);
  }

  /** Before the first step begins. @param last how long the steps took last time */
  measureBy(last: StepDurations): void {
    this.#clock = new BuildClock(last, () => performance.now());
  }

  take(event: BuildEvent): void {
    this.#clock.take(event);
    const doing = progressOf(event);
    if (doing === undefined) return;
    this.#doing = doing;
    this.#tell();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    if (this.#doing === undefined) return;
    const estimate = this.#clock.estimate();
    if (estimate === undefined) {
      this.report({ message: this.#doing, increment: 0 });
      return;
    }
    const percent = Math.floor(estimate.done * 100);
    const increment = Math.max(0, percent - this.#told);
    this.#told += increment;
    const parts = [
      this.#doing,
      ...(estimate.share === undefined ? [] : [shareOf(estimate.share)]),
      leftOf(estimate.left),
    ];
    this.report({ message: parts.join(', '), increment });
  }
}

function shareOf(share: number): string {
  const percent = Math.round(share * 100);
  return percent < 1
    ? vscode.l10n.t('under 1 % of the last build')
    : vscode.l10n.t('{0} % of the last build', percent);
}

function leftOf(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  return minutes <= 1 ? vscode.l10n.t('about a minute left') : vscode.l10n.t('{0} min left', minutes);
}

/** What a build is doing; undefined where an event changes nothing of that. */
function progressOf(event: BuildEvent): string | undefined {
  switch (event.event) {
    case 'image-step':
      return vscode.l10n.t('image of the build container, step {0} of {1}', event.step, event.total);
    case 'step-began':
      return event.stage === undefined
        ? baseName(event.containerPath)
        : stepMessage(event.stage, event.containerPath);
    default:
      return undefined;
  }
}

/** `stage-x › 00-install › 00-run.sh`. */
function stepMessage(stage: string, path: string): string {
  const parts = path.split('/');
  const from = parts.lastIndexOf(stage);
  return (from < 0 ? parts.slice(-1) : parts.slice(from)).join(' › ');
}
