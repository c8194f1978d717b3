import { branches } from '../../pigen/branches';
import { findRelease, releaseOf } from '../../pigen/release';
import type { Release } from '../../pigen/release';
import type { StageTree } from '../../pigen/stage-tree';
import type { SettingsFile } from './settings-file';

/** What the stages are built with and for. */
export interface Target {
  /** Name in branches.ts; undefined where nothing tells. */
  readonly branch: string | undefined;
  /** Debian release; undefined where nothing tells. */
  readonly release: Release | undefined;
}

/** What is known of the target: as asked for, else from .pigen.yaml, the config, a workflow, and the tree's build.sh. */
export function targetOf(
  tree: StageTree,
  settings: SettingsFile | undefined,
  asked: string | undefined,
): Target {
  const chosen = asked ?? settings?.release;
  const branch =
    settings?.branch ??
    tree.branch ??
    // Each branch's stage0 can make one release only.
    branches.find(({ release }) => release === chosen)?.name;
  return { branch, release: findRelease(chosen) ?? releaseOf({ ...tree, branch }) };
}
