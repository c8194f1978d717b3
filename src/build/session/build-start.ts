import type { BuildLease } from './build-lease';
import type { BuildRecord } from './build-record';
import type { FollowOptions } from '../output/container-output';
import type { ContainerState } from '../engine/engine';
import type { OutputChunk, OutputPosition } from '../output/lines';
import type { LogFile } from '../output/log-file';
import type { NewContainerOptions } from './new-container';

/** How a session comes to its container. */
export interface BuildStart {
  /** The container runs, or has run, already. */
  readonly begun: boolean;
  /** Where in the container's output the session begins. */
  readonly position: OutputPosition;
  container(context: Omit<NewContainerOptions, 'platform' | 'labels'>): Promise<string>;
  output(container: string, follow: FollowOptions): AsyncGenerator<OutputChunk, ContainerState>;
}

/** The log of a build and the right to write it. */
export interface OwnedLog {
  readonly lease: BuildLease;
  readonly log: LogFile;
  readonly record: BuildRecord;
}
