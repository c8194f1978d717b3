import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { joinPath } from '../../pigen/path';
import type { BuildEvent } from '../build-event';

/** How long the steps of a build took: milliseconds by the container's path, in their order. */
export type StepDurations = ReadonlyMap<string, number>;

/** How long the last passed build of each tree took, kept in a folder. What cannot be read or written is as good as not there. */
export class BuildHistory {
  /** @param folder absolute; made where it is missing */
  constructor(private readonly folder: string) {}

  /** @param key names what is built: the same for two builds whose steps take about as long */
  async read(key: string): Promise<StepDurations | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#file(key), 'utf8'));
      if (!Array.isArray(value)) return undefined;
      return new Map(value.filter(isDuration));
    } catch {
      return undefined;
    }
  }

  async write(key: string, durations: StepDurations): Promise<void> {
    const file = this.#file(key);
    const temporary = `${file}.${randomBytes(6).toString('hex')}`;
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(temporary, JSON.stringify([...durations]));
      await rename(temporary, file);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  #file(key: string): string {
    return joinPath(this.folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  }
}

function isDuration(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number';
}

export interface Estimate {
  /** Milliseconds that the rest of the steps took last time. */
  readonly left: number;
  /** From 0 to 1: what of the last build's time lies behind. */
  readonly done: number;
  /** From 0 to 1: the running step's part of the last build's time. Undefined where it had no such step. */
  readonly share: number | undefined;
}

/** Measures a running build against the last one. Only steps count: those that run something and hold no others. */
export class BuildClock {
  readonly #durations = new Map<string, number>();
  readonly #ended = new Set<string>();
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

  /** How long the steps took that have ended. */
  get durations(): StepDurations {
    return this.#durations;
  }

  take(event: BuildEvent): void {
    if (event.event === 'step-began' && isStep(event.kind)) {
      this.#current = { path: event.containerPath, began: this.now() };
    } else if (event.event === 'step-ended' && isStep(event.kind)) {
      this.#durations.set(event.containerPath, event.milliseconds);
      this.#ended.add(event.containerPath);
      this.#current = undefined;
    }
  }

  /** Undefined as long as nothing is known: no earlier build, or none of its steps has begun. */
  estimate(): Estimate | undefined {
    const { last } = this;
    if (last === undefined || this.#total === 0 || (this.#current === undefined && this.#ended.size === 0)) {
      return undefined;
    }
    const behind = sum([...last].filter(([path]) => this.#ended.has(path)).map(([, duration]) => duration));
    const usual = this.#current === undefined ? undefined : last.get(this.#current.path);
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

function isStep(kind: string): boolean {
  return kind !== 'tree' && kind !== 'stage' && kind !== 'sub-stage';
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
