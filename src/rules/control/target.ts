import { branches, branchOfVersion, findBranch } from '../../pigen/branches';
import type { Branch } from '../../pigen/branches';
import { findRelease, releaseOf } from '../../pigen/release';
import type { Release } from '../../pigen/release';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { SettingsFile } from './settings-file';

/** What the stages are built with and for. */
export interface Target {
  /** Name in branches.ts; undefined where nothing tells. */
  readonly branch: string | undefined;
  /** Debian release; undefined where nothing tells. */
  readonly release: Release | undefined;
  /** The branches that may be meant: several where the release alone is known, which leaves the architecture open. */
  readonly branches: readonly Branch[];
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
  const release = findRelease(chosen) ?? releaseOf({ ...tree, branch });
  const told = settings?.branch === undefined ? toldBranches(tree) : [settings.branch];
  const known = told.flatMap((name) => findBranch(name) ?? []);
  return {
    branch,
    release,
    branches: known.length === 0 ? branches.filter((one) => one.release === release) : known,
  };
}

/** The branches that the tree itself, or the workflows of a repository of stages, name; empty where one of them may be any. */
function toldBranches(tree: StageTree): readonly (string | undefined)[] {
  const versions = tree.workflows.flatMap(({ steps }) =>
    steps.flatMap(({ inputs }) => inputs.filter(({ name }) => name === 'pi-gen-version')),
  );
  if (tree.layout === 'pi-gen' || versions.length === 0) return [tree.branch];
  const named = versions.map(({ value }) => (value === undefined ? undefined : branchOfVersion(value)));
  return named.includes(undefined) ? [] : [...new Set(named)];
}
