import * as vscode from 'vscode';
import type { BuildEvent } from '../../build/build-event';
import type { BuildTimeline } from '../../build/timeline/build-timeline';
import { readAllTimelines } from '../../build/timeline/timeline-store';
import { shownDuration } from '../../build/timeline/timeline-words';
import { joinPath } from '../../pigen/files/path';
import { timelineWords } from '../timeline/timeline-words';

/** What a build does with a stage, sub-stage or step, or did last. */
export type StepState =
  | { readonly state: 'running'; readonly since: number }
  | { readonly state: 'done'; readonly milliseconds: number }
  | { readonly state: 'failed' };

/** Follows a build by its events; at first, knows what is kept of those of earlier windows. */
export class StepStates implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<readonly string[]>();
  /** By local path. */
  readonly #states = new Map<string, StepState>();
  /** How long each took when it last came to its end. Milliseconds by local path. */
  readonly #durations = new Map<string, number>();
  readonly #trees = new Set<string>();
  #hasStarted = false;

  /** The paths whose state has changed. */
  readonly onDidChange = this.#changed.event;

  get(path: string): StepState | undefined {
    return this.#states.get(path);
  }

  /** How long a step took the last time that it came to its end, in milliseconds; undefined where that is not known. */
  lastDuration(path: string): number | undefined {
    return this.#durations.get(path);
  }

  /** Takes up what the last builds of a tree did, in another window or a terminal. Looks once for each tree. */
  async takeUp(root: string): Promise<void> {
    if (this.#trees.has(root)) return;
    this.#trees.add(root);
    const { builds } = await readAllTimelines(joinPath(root, 'deploy'));
    this.#changed.fire(builds.flatMap((build) => this.#takeBuild(build)));
  }

  /** Of each path the newest build counts. */
  #takeBuild({ parts, outcome }: BuildTimeline): readonly string[] {
    const taken: string[] = [];
    for (const { path, ended, milliseconds } of parts) {
      if (path === '') continue;
      if (ended && !this.#durations.has(path)) this.#durations.set(path, milliseconds);
      // Since a build has begun here, what it does is all that counts.
      if (this.#hasStarted || this.#states.has(path) || (!ended && outcome !== 'failed')) continue;
      this.#states.set(path, ended ? { state: 'done', milliseconds } : { state: 'failed' });
      taken.push(path);
    }
    return taken;
  }

  /** A build begins: what the last one did is forgotten, but for how long it took. */
  start(): void {
    this.#hasStarted = true;
    const paths = [...this.#states.keys()];
    this.#states.clear();
    this.#changed.fire(paths);
  }

  event(event: BuildEvent): void {
    switch (event.event) {
      case 'step-began':
        this.#set(event.path, { state: 'running', since: Date.now() });
        break;
      case 'step-ended':
        this.#durations.set(event.path, event.milliseconds);
        this.#set(event.path, { state: 'done', milliseconds: event.milliseconds });
        break;
      case 'ended':
        // What is still open is what the build died in.
        for (const [path, { state }] of this.#states) {
          if (state !== 'running') continue;
          if (event.cancelled) this.#remove(path);
          else this.#set(path, { state: 'failed' });
        }
        break;
      default:
        break;
    }
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #set(path: string, state: StepState): void {
    this.#states.set(path, state);
    this.#changed.fire([path]);
  }

  #remove(path: string): void {
    this.#states.delete(path);
    this.#changed.fire([path]);
  }
}

/** `3 s`, `12 min 5 s`; of what has not come to its end, how long it took before: `last 3 s`. Empty where that is not known. */
export function durationText(state: StepState | undefined, last: number | undefined): string {
  if (state?.state === 'done') return shownDuration(state.milliseconds, timelineWords());
  return last === undefined ? '' : vscode.l10n.t('last {0}', shownDuration(last, timelineWords()));
}
