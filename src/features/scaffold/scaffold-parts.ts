import type { FileSystem } from '../../pigen/files/file-system';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import type { Preview } from './preview';

/** What the commands that write stages work with. */
export interface ScaffoldParts {
  readonly fileSystem: FileSystem;
  readonly parser: () => Promise<BashParser>;
  /** Trees as they were last checked. */
  readonly trees: () => readonly StageTree[];
  readonly preview: Preview;
}
