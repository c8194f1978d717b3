import type { Failure } from '../../explain/explanation';
import type { Artifact, RefusedEntry } from '../results/artifacts';
import type { BuildProblem } from '../build-problem';
import type { EventSink } from '../output/log-recorder';
import type { BegunBuild } from '../timeline/session-timeline';

export interface BuildOptions {
  /** Stops the build, whatever it is doing, and cleans up. */
  readonly signal: AbortSignal;
  /**
   * Lets go of the build: it goes on in its container, and attachBuild takes it up again. One that has not begun there yet
   * is stopped.
   */
  readonly detach?: AbortSignal;
  readonly onEvent: EventSink;
  /** Told once, before all events, of a build that begins or is taken up. */
  readonly onBegin?: (build: BegunBuild) => void;
  /** Keeps the container of a build that pi-gen ended with a failure, so that one can look into it. */
  readonly keepFailed?: boolean;
  /** Absolute path of the complete log on this machine. */
  readonly logFile: string;
  /** Values that are masked wherever they would be shown or written. */
  readonly secrets: Iterable<string>;
  /** Reads the log of a failed build, once it is complete. What it rejects with is passed over. */
  readonly explain?: (logChunks: AsyncIterable<string>) => Promise<readonly Failure[]>;
  readonly platform?: NodeJS.Platform;
  /** Milliseconds that a stopped build has to undo its mounts before it is ended by force. Default 10 s. */
  readonly stopPatience?: number;
  /** Milliseconds before each try to find a lost engine again. A minute in all by default. */
  readonly reconnectPauses?: readonly number[];
}

export interface BuildResult {
  /** `detached`: the build goes on without us. */
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'detached';
  /** pi-gen's; undefined where it never came to one. */
  readonly exitCode: number | undefined;
  /** The likeliest first; empty where the build succeeded or was cancelled. */
  readonly failures: readonly Failure[];
  /** Set where the build failed for a reason outside of the stages. */
  readonly problem: BuildProblem | undefined;
  readonly artifacts: readonly Artifact[];
  /** Entries of the results that were not copied because they could do harm here. */
  readonly refused: readonly RefusedEntry[];
  readonly logFile: string;
  /** Name of the container where it was kept on request, or could not be removed. */
  readonly containerLeft: string | undefined;
}
