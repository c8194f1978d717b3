import * as vscode from 'vscode';
import type { BuildEvent } from '../../build/build-event';

/** What a build does with a stage, sub-stage or step, or did last. */
export type StepState =
  | { readonly state: 'running'; readonly since: number }
  | { readonly state: 'done'; readonly milliseconds: number }
  | { readonly state: 'failed' };

/** Follows a build by its events. */
export class StepStates implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<readonly string[]>();
  /** By local path. */
  readonly #states = new Map<string, StepState>();

  /** The paths whose state has changed. */
  readonly onDidChange = this.#changed.event;

  get(path: string): StepState | undefined {
    return this.#states.get(path);
  }

  /** A build begins: what the last one did is forgotten. */
  start(): void {
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

/** `3 s`, `12 min 5 s`; nothing while it runs. */
export function durationText(state: StepState): string {
  if (state.state !== 'done') return '';
  const seconds = Math.round(state.milliseconds / 1000);
  if (seconds < 1) return vscode.l10n.t('under 1 s');
  if (seconds < 60) return vscode.l10n.t('{0} s', seconds);
  return vscode.l10n.t('{0} min {1} s', Math.floor(seconds / 60), seconds % 60);
}
