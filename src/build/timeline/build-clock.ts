import type { BuildEvent } from '../build-event';
import { isStep } from './build-timeline';

/** How long the steps of a build took: milliseconds by the container's path, in their order. */
export type StepDurations = ReadonlyMap<string, number>;

export interface Estimate {
  /** Milliseconds that the rest of the steps took last time. */
  readonly left: number;
  /** From 0 to 1: what of the last build's time lies behind. */
  readonly done: number;
  /** From 0 to 1: the running step's part of the last build's time. Undefined where it had no such step. */
  readonly share: number | undefined;
}

/**
 * Measures a running build against the last one. Only steps count: those that run something and hold no others. Where a step
 * begins, all that ran before it last time are behind: a stage that is tried again passes over what is kept.
 */
export class BuildClock {
  readonly #behind = new Set<string>();
  readonly #total: number;
  #current: { readonly path: string; readonly began: number } | undefined;

  /**
   * @param last undefined: there is nothing to measure against
   * @param now milliseconds since any moment
   */
  constructor(
    private readonly last: StepDurations | undefined,
    private readonly now: () => number,
  ) {
    this.#total = sum(last?.values() ?? []);
  }

  take(event: BuildEvent): void {
    if (event.event === 'step-began' && isStep(event)) {
      this.#current = { path: event.containerPath, began: this.now() - event.ago };
      this.#passBefore(event.containerPath);
    } else if (event.event === 'step-ended' && isStep(event)) {
      this.#behind.add(event.containerPath);
      this.#current = undefined;
    }
  }

  #passBefore(path: string): void {
    if (this.last?.has(path) !== true) return;
    for (const earlier of this.last.keys()) {
      if (earlier === path) return;
      this.#behind.add(earlier);
    }
  }

  /** Undefined as long as nothing is known: no earlier build, or none of its steps has begun. */
  estimate(): Estimate | undefined {
    const { last } = this;
    if (last === undefined || this.#total === 0) return undefined;
    const known = [...last].filter(([path]) => this.#behind.has(path));
    const usual = this.#current === undefined ? undefined : last.get(this.#current.path);
    if (known.length === 0 && usual === undefined) return undefined;
    const behind = sum(known.map(([, duration]) => duration));
    const running = this.#current === undefined ? 0 : this.now() - this.#current.began;
    // A step that takes longer than it did holds the clock.
    const left = Math.max(0, this.#total - behind - Math.min(running, usual ?? 0));
    return {
      left,
      done: 1 - left / this.#total,
      share: usual === undefined ? undefined : usual / this.#total,
    };
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
