import { branches, findBranch } from '../pigen/branches';
import type { StageTree } from '../pigen/stage-tree';

/** The variables that bash in the chroot has from pi-gen (of any branch, where the tree's is unknown) and from the configs. */
export function exportedVariables(tree: StageTree): ReadonlySet<string> {
  const branch = findBranch(tree.branch);
  const known = branch === undefined ? branches : [branch];
  return new Set([
    ...known.flatMap((one) => one.exportedVariables),
    ...tree.configs
      .flatMap((config) => config.assignments)
      .flatMap((one) => (one.exported ? [one.name] : [])),
  ]);
}
