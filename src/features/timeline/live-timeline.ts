import * as vscode from 'vscode';
import type { BuildEvent } from '../../build/build-event';
import type { BuildTimeline } from '../../build/timeline/build-timeline';
import type { BegunBuild } from '../../build/timeline/session-timeline';
import { TimelineRecorder } from '../../build/timeline/timeline-recorder';

export interface FollowedBuild extends BegunBuild {
  readonly timeline: BuildTimeline;
}

/** Follows the build of this window, so that its timeline can be shown while it runs. */
export class LiveTimeline implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<FollowedBuild>();
  #begun: BegunBuild | undefined;
  #recorder: TimelineRecorder | undefined;

  /** A step of the build began or ended, or the build itself. */
  readonly onDidChange = this.#changed.event;

  /** The build that runs, or was the last one to. */
  get build(): FollowedBuild | undefined {
    if (this.#begun === undefined || this.#recorder === undefined) return undefined;
    return { ...this.#begun, timeline: this.#recorder.timeline };
  }

  begin(begun: BegunBuild): void {
    this.#begun = begun;
    const { id, variant, whole, began } = begun;
    this.#recorder = new TimelineRecorder({ id, variant, whole, began }, () => performance.now());
    this.#tell();
  }

  event(event: BuildEvent): void {
    if (event.event === 'line' || this.#recorder === undefined) return;
    this.#recorder.take(event);
    this.#tell();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #tell(): void {
    const { build } = this;
    if (build !== undefined) this.#changed.fire(build);
  }
}
