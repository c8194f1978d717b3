import * as vscode from 'vscode';
import { BuildStates } from '../../build/timeline/build-states';
import type { BuildState } from '../../build/timeline/build-states';
import type { BegunBuild } from '../../build/timeline/session-timeline';
import { readAllTimelines } from '../../build/timeline/timeline-store';
import { joinPath } from '../../pigen/files/path';
import type { BuildFollower } from '../timeline/live-timeline';

/** Follows builds by their events; at first, knows what is kept of those of earlier windows. */
export class StepStates implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<readonly string[]>();
  readonly #builds = new BuildStates(() => Date.now());
  readonly #trees = new Set<string>();

  /** The paths whose state has changed. */
  readonly onDidChange = this.#changed.event;

  /** What builds do with a file or folder, or did last: of each of those that run at the same time. */
  of(path: string): readonly BuildState[] {
    return this.#builds.of(path);
  }

  /** How long a step took the last time that it came to its end, in milliseconds; undefined where that is not known. */
  lastDuration(path: string): number | undefined {
    return this.#builds.lastDuration(path);
  }

  /** Takes up what the last builds of a tree did, in another window or a terminal. Looks once for each tree. */
  async takeUp(root: string): Promise<void> {
    if (this.#trees.has(root)) return;
    this.#trees.add(root);
    const { builds } = await readAllTimelines(joinPath(root, 'deploy'));
    this.#changed.fire(this.#builds.addKept(root, builds));
  }

  /**
   * A build begins.
   *
   * @param root absolute: the tree or repository that is built
   * @param round builds that were asked for together have the same
   */
  follow(root: string, { id, variant, began }: BegunBuild, round: number | undefined): BuildFollower {
    const build = { root, id, variant, began, round };
    this.#changed.fire(this.#builds.begin(build));
    return {
      event: (event) => {
        const paths = this.#builds.take(build, event);
        if (paths.length > 0) this.#changed.fire(paths);
      },
    };
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
