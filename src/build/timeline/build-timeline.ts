import type { FrameKind } from '../../explain/explanation';

/** How long one part of a build took: the image of its container, a stage, a sub-stage, a step. */
export interface TimedPart {
  readonly kind: FrameKind | 'image';
  /** Local path where there is one, else the container's. Absolute, with `/`. Empty for the image. */
  readonly path: string;
  readonly containerPath: string;
  /** Base name of the stage that it belongs to; undefined outside of stages. */
  readonly stage: string | undefined;
  /** Until its end, or, where it did not come to one, until the build's, or until now. */
  readonly milliseconds: number;
  /** Whether pi-gen came to its end. */
  readonly ended: boolean;
}

/** What a stage came to. */
export interface StageSize {
  /** Base name. */
  readonly stage: string;
  /** Bytes of the files of its root file system; undefined where only what was added is known. */
  readonly total: number | undefined;
  /** Bytes that it added to the root file system of the stage before it; below 0 where it removed more. */
  readonly added: number;
  /** Packages that it added; undefined where that is not known. */
  readonly packages: number | undefined;
}

/** Where the sizes of stages are found: in the work folder when the container has ended, or in a line of the log (sizeOfLine). */
export type SizeSource = { readonly kind: 'work'; readonly folder: string } | { readonly kind: 'log' };

/** What of a plan its timeline is about. */
export interface TimelineSubject {
  /** What is built: the same for builds that can be measured against each other. For people. */
  readonly variant: string;
  /** Whether it runs as the tree says: no step is left out, or traced, for this build alone. */
  readonly whole: boolean;
  readonly sizes: SizeSource;
}

/** How long a build and its parts took, and what its stages came to. Plain data, as it is kept on disk. */
export interface BuildTimeline extends Pick<TimelineSubject, 'variant' | 'whole'> {
  /** Of the build's session: no two builds have the same. */
  readonly id: string;
  /** ISO 8601. */
  readonly began: string;
  /** From its beginning until its end, or until now. */
  readonly milliseconds: number;
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** In the order in which they began. */
  readonly parts: readonly TimedPart[];
  readonly sizes: readonly StageSize[];
}

/** Whether a part runs something, and holds no others. */
export function isStep({ kind }: Pick<TimedPart, 'kind'>): boolean {
  return kind !== 'tree' && kind !== 'stage' && kind !== 'sub-stage' && kind !== 'image';
}

/** How long the steps took that came to their end: milliseconds by the container's path, in their order. */
export function stepDurations({ parts }: Pick<BuildTimeline, 'parts'>): ReadonlyMap<string, number> {
  return new Map(
    parts.flatMap((part): readonly (readonly [string, number])[] =>
      isStep(part) && part.ended ? [[part.containerPath, part.milliseconds]] : [],
    ),
  );
}

/**
 * The build that another one is measured against: the last one before it that passed and was of the same; where none has
 * passed, the last one at all. Undefined: there is none.
 *
 * @param builds the newest first
 */
export function buildBefore(
  build: Pick<BuildTimeline, 'id' | 'variant' | 'began'>,
  builds: readonly BuildTimeline[],
): BuildTimeline | undefined {
  const earlier = builds.filter(
    ({ id, variant, began }) => id !== build.id && variant === build.variant && began <= build.began,
  );
  return earlier.find(({ outcome, whole }) => outcome === 'succeeded' && whole) ?? earlier[0];
}
