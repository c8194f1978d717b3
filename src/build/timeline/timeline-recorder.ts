import type { BuildEvent } from '../build-event';
import type { BuildTimeline, StageSize, TimedPart } from './build-timeline';

interface OpenPart {
  readonly index: number;
  readonly began: number;
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

  /** @param now milliseconds since any moment */
  constructor(
    private readonly about: Pick<BuildTimeline, 'id' | 'variant' | 'whole' | 'began'>,
    private readonly now: () => number,
  ) {
    this.#began = now();
  }

  take(event: BuildEvent): void {
    switch (event.event) {
      case 'image-step':
        if (event.step === 1) this.#begin({ kind: 'image', path: '', containerPath: '', stage: undefined });
        break;
      case 'step-began': {
        this.#end('', undefined);
        const { kind, path, containerPath, stage } = event;
        this.#begin({ kind, path, containerPath, stage });
        break;
      }
      case 'step-ended':
        this.#end(event.containerPath, event.milliseconds);
        break;
      case 'stage-size': {
        const { stage, total, added, packages } = event;
        this.#sizes.push({ stage, total, added, packages });
        break;
      }
      case 'ended':
        this.end(event.cancelled ? 'cancelled' : event.exitCode === 0 ? 'succeeded' : 'failed');
        break;
      default:
        break;
    }
  }

  /** The build is over: what is still open is what it died in. Said twice, the first time counts. */
  end(outcome: Exclude<BuildTimeline['outcome'], 'running'>): void {
    if (this.#ended !== undefined) return;
    this.#ended = this.now();
    this.#outcome = outcome;
    for (const [path, { index, began }] of this.#open) {
      this.#set(index, { milliseconds: Math.round(this.#ended - began) });
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

  /** What was ended by pi-gen's own stamps counts as they say: a build may have been taken up long after. */
  #milliseconds(): number {
    const [image, tree] = (['image', 'tree'] as const).map((kind) =>
      this.#parts.find((part) => part.kind === kind && part.ended),
    );
    if (tree !== undefined) return tree.milliseconds + (image?.milliseconds ?? 0);
    return (this.#ended ?? this.now()) - this.#began;
  }

  #begin(part: Omit<TimedPart, 'milliseconds' | 'ended'>): void {
    const index = this.#parts.push({ ...part, milliseconds: 0, ended: false }) - 1;
    this.#open.set(part.containerPath, { index, began: this.now() });
  }

  #end(containerPath: string, milliseconds: number | undefined): void {
    const open = this.#open.get(containerPath);
    if (open === undefined) return;
    this.#open.delete(containerPath);
    this.#set(open.index, { milliseconds: milliseconds ?? Math.round(this.now() - open.began), ended: true });
  }

  #set(index: number, values: Partial<TimedPart>): void {
    const part = this.#parts[index];
    if (part !== undefined) this.#parts[index] = { ...part, ...values };
  }
}
