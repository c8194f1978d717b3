import type { BuildEvent } from '../build-event';
import type { BuildTimeline, StageSize, TimedPart } from './build-timeline';

interface OpenPart {
  readonly index: number;
  readonly began: number;
}

/** Milliseconds since a build began, by the machine's clock; 0 where that is not known. @param began ISO 8601 */
export function ageOf(began: string): number {
  const age = Date.now() - Date.parse(began);
  return age > 0 ? age : 0;
}

/** Follows a build by its events, and tells how long its parts took so far. */
export class TimelineRecorder {
  readonly #parts: TimedPart[] = [];
  /** By the container's path. */
  readonly #open = new Map<string, OpenPart>();
  readonly #sizes: StageSize[] = [];
  readonly #began: number;
  #outcome: BuildTimeline['outcome'] = 'running';
  #ended: number | undefined;

  /**
   * @param now milliseconds since any moment
   * @param age milliseconds since the build began: it may be taken up long after
   */
  constructor(
    private readonly about: Pick<BuildTimeline, 'id' | 'variant' | 'whole' | 'began'>,
    private readonly now: () => number,
    age = 0,
  ) {
    this.#began = now() - age;
  }

  take(event: BuildEvent): void {
    switch (event.event) {
      case 'image-step':
        // The build begins with it: what is sent to the engine for it is its own.
        if (event.step === 1)
          this.#begin({ kind: 'image', path: '', containerPath: '', stage: undefined }, this.#began);
        break;
      case 'step-began': {
        const { kind, path, containerPath, stage, ago } = event;
        const began = Math.max(this.#began, this.now() - ago);
        this.#end('', undefined, began);
        this.#begin({ kind, path, containerPath, stage }, began);
        break;
      }
      case 'step-ended':
        this.#end(event.containerPath, event.milliseconds, this.now());
        break;
      case 'stage-size': {
        const { stage, total, added, packages } = event;
        this.#sizes.push({ stage, total, added, packages });
        break;
      }
      case 'ended':
        this.end(event.cancelled ? 'cancelled' : event.exitCode === 0 ? 'succeeded' : 'failed', event.ago);
        break;
      default:
        break;
    }
  }

  /**
   * The build is over: what is still open is what it died in. Said twice, the first time counts.
   *
   * @param ago milliseconds since it was
   */
  end(outcome: Exclude<BuildTimeline['outcome'], 'running'>, ago = 0): void {
    if (this.#ended !== undefined) return;
    this.#ended = Math.max(this.#began, this.now() - ago);
    this.#outcome = outcome;
    for (const [path, { index, began }] of this.#open) {
      this.#set(index, { milliseconds: Math.max(0, Math.round(this.#ended - began)) });
      this.#open.delete(path);
    }
  }

  /** As it stands now. */
  get timeline(): BuildTimeline {
    return {
      ...this.about,
      milliseconds: Math.round(this.#milliseconds()),
      outcome: this.#outcome,
      parts: this.#parts.map((part) => ({ ...part, ...this.#soFar(part) })),
      sizes: [...this.#sizes],
    };
  }

  #soFar({ containerPath, ended }: TimedPart): Partial<TimedPart> {
    const open = ended ? undefined : this.#open.get(containerPath);
    return open === undefined ? {} : { milliseconds: Math.round(this.now() - open.began) };
  }

  /** What comes after pi-gen's own end, as copying the results, is none of the build's. */
  #milliseconds(): number {
    const [image, tree] = (['image', 'tree'] as const).map((kind) =>
      this.#parts.find((part) => part.kind === kind && part.ended),
    );
    if (tree !== undefined) return tree.milliseconds + (image?.milliseconds ?? 0);
    return (this.#ended ?? this.now()) - this.#began;
  }

  #begin(part: Omit<TimedPart, 'milliseconds' | 'ended'>, began: number): void {
    const index = this.#parts.push({ ...part, milliseconds: 0, ended: false }) - 1;
    this.#open.set(part.containerPath, { index, began });
  }

  #end(containerPath: string, milliseconds: number | undefined, at: number): void {
    const open = this.#open.get(containerPath);
    if (open === undefined) return;
    this.#open.delete(containerPath);
    this.#set(open.index, { milliseconds: milliseconds ?? Math.round(at - open.began), ended: true });
  }

  #set(index: number, values: Partial<TimedPart>): void {
    const part = this.#parts[index];
    if (part !== undefined) this.#parts[index] = { ...part, ...values };
  }
}
