import type { Artifact } from './results/artifacts';
import type { Failure, FrameKind } from '../explain/explanation';
import type { BuildProblem } from './build-problem';
import type { OutputStream } from './output/lines';
import type { StageSize } from './timeline/build-timeline';

/** What is running: a part of the stage tree that pi-gen announces with `Begin` and `End`. */
export interface RunningStep {
  /** Local path where there is one, else the container's. Absolute, with `/`. */
  readonly path: string;
  readonly containerPath: string;
  readonly kind: FrameKind;
  /** Base name of the stage that it belongs to; undefined outside of stages. */
  readonly stage: string | undefined;
}

/** What a build tells while it runs, in the order in which it happens. Secrets are masked. */
export type BuildEvent =
  /** A step of the Dockerfile begins. `step` counts from 1. */
  | { readonly event: 'image-step'; readonly step: number; readonly total: number; readonly text: string }
  /** `ago`: milliseconds since it began; above 0 where that is told late, as of a build that is taken up, and then to the second. */
  | ({ readonly event: 'step-began'; readonly ago: number } & RunningStep)
  /** `milliseconds` since it began, by this machine's clock; to the second where its beginning or end is told late. */
  | ({ readonly event: 'step-ended'; readonly milliseconds: number } & RunningStep)
  /** pi-gen passed over a step, and said so. */
  | { readonly event: 'step-skipped'; readonly path: string; readonly reason: string }
  /** A line of output, pi-gen's own stamps included. `engine` is what this program and the engine have to say. */
  | { readonly event: 'line'; readonly text: string; readonly stream: OutputStream | 'engine' }
  /** A result was copied to this machine. */
  | ({ readonly event: 'artifact' } & Artifact)
  /** What a stage came to, once the build is over. */
  | ({ readonly event: 'stage-size' } & StageSize)
  | { readonly event: 'failed'; readonly failures: readonly Failure[] }
  /**
   * The last one, always. `exitCode` is pi-gen's; null where it never came to one. `ago`: milliseconds since pi-gen failed, where
   * that is told late.
   */
  | {
      readonly event: 'ended';
      readonly exitCode: number | null;
      readonly cancelled: boolean;
      readonly ago?: number;
    };

/** A problem in the form in which failed builds are told. */
export function failureOfProblem(problem: BuildProblem): Failure {
  return {
    class: problem.kind,
    cause: problem.message,
    fix: problem.wayOut,
    certainty: 'certain',
    step: undefined,
    finding: undefined,
    logLine: undefined,
  };
}
