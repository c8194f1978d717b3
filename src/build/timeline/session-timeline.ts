import type { BuildEvent } from '../build-event';
import { buildBefore } from './build-timeline';
import type { BuildTimeline, TimelineSubject } from './build-timeline';
import { TimelineRecorder, ageOf } from './timeline-recorder';
import { keepTimeline, readTimelines } from './timeline-store';

/** What a build tells of itself as it begins. */
export interface BegunBuild extends Pick<BuildTimeline, 'id' | 'variant' | 'whole' | 'began'> {
  /** Absolute: what was kept of earlier builds stands beside it. */
  readonly logFile: string;
  /** What it can be measured against. */
  readonly last: BuildTimeline | undefined;
}

export interface TimedBuild {
  readonly session: string;
  /** ISO 8601. */
  readonly began: string;
  readonly logFile: string;
}

/** Reads what a build can be measured against. Never rejects. */
export async function begunBuild(
  { session: id, began, logFile }: TimedBuild,
  { variant, whole }: TimelineSubject,
): Promise<BegunBuild> {
  const about = { id, variant, whole, began };
  const { builds } = await readTimelines(logFile);
  return { ...about, logFile, last: buildBefore(about, builds) };
}

/** Measures a build by its events, and keeps how long it took beside its log. */
export class SessionTimeline {
  readonly #recorder: TimelineRecorder;
  readonly #logFile: string;

  constructor({ session: id, began, logFile }: TimedBuild, { variant, whole }: TimelineSubject) {
    const about = { id, variant, whole, began };
    this.#recorder = new TimelineRecorder(about, () => performance.now(), ageOf(began));
    this.#logFile = logFile;
  }

  take(event: BuildEvent): void {
    this.#recorder.take(event);
  }

  /**
   * The build is over. One that came to none of pi-gen's steps is not kept: it would only push out one that did. Never
   * rejects: gives in words what is amiss.
   *
   * @param ago milliseconds since pi-gen ended
   */
  async keep(outcome: 'succeeded' | 'failed' | 'cancelled', ago: number): Promise<string | undefined> {
    this.#recorder.end(outcome, ago);
    const { timeline } = this.#recorder;
    const hasRun = timeline.parts.some(({ kind }) => kind !== 'image');
    return hasRun ? keepTimeline(this.#logFile, timeline) : undefined;
  }
}
