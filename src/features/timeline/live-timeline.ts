import * as vscode from 'vscode';
import type { BuildEvent } from '../../build/build-event';
import { newestFirst } from '../../build/timeline/timeline-store';
import type { BuildTimeline } from '../../build/timeline/build-timeline';
import type { BegunBuild } from '../../build/timeline/session-timeline';
import { TimelineRecorder, ageOf } from '../../build/timeline/timeline-recorder';

export interface FollowedBuild {
  /** Absolute: the tree or repository that is built. */
  readonly root: string;
  /** Absolute: what is kept of the build stands beside it. */
  readonly logFile: string;
  readonly timeline: BuildTimeline;
}

/** Takes the events of one build. */
export interface BuildFollower {
  event(event: BuildEvent): void;
}

interface Followed {
  readonly root: string;
  readonly logFile: string;
  readonly recorder: TimelineRecorder;
}

/** Follows the builds of this window, so that their timelines can be shown while they run. */
export class LiveTimeline implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<FollowedBuild>();
  /** Those that run, and those that ended since the last one began. */
  readonly #followed = new Set<Followed>();

  /** A step of a build began or ended, or the build itself. */
  readonly onDidChange = this.#changed.event;

  /** The builds of a tree or repository that run, or were the last ones to: the newest first. */
  of(root: string): readonly BuildTimeline[] {
    return newestFirst(
      [...this.#followed].filter((one) => one.root === root).map(({ recorder }) => recorder.timeline),
    );
  }

  /** @param root absolute: the tree or repository that is built */
  follow(root: string, { id, variant, whole, began, logFile }: BegunBuild): BuildFollower {
    for (const one of this.#followed) {
      if (one.recorder.timeline.outcome !== 'running') this.#followed.delete(one);
    }
    const about = { id, variant, whole, began };
    const recorder = new TimelineRecorder(about, () => performance.now(), ageOf(began));
    const followed = { root, logFile, recorder };
    this.#followed.add(followed);
    this.#tell(followed);
    return {
      event: (event) => {
        if (event.event === 'line') return;
        recorder.take(event);
        this.#tell(followed);
      },
    };
  }

  /** A build that goes on without this window: nothing more is heard of it here. */
  dispose(): void {
    this.#changed.dispose();
  }

  #tell({ root, logFile, recorder }: Followed): void {
    this.#changed.fire({ root, logFile, timeline: recorder.timeline });
  }
}
