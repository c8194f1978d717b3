import { folderOf, isWithin } from '../../pigen/files/path';
import { upstreamStage } from '../../pigen/tree/stage-list';
import type { Stage, StageTree } from '../../pigen/tree/stage-tree';

/** pi-gen's own stages come last: whoever writes into those maintains a fork. */
export function ownStages({ stages }: Pick<StageTree, 'stages'>): readonly Stage[] {
  const isPiGens = ({ name }: Stage): boolean => upstreamStage.test(name);
  const listed = stages.filter(({ role }) => role === 'stage');
  return [...listed.filter((stage) => !isPiGens(stage)), ...listed.filter(isPiGens)];
}

type Tree = Pick<StageTree, 'root' | 'layout' | 'stages'>;

/** Where a new stage may go: beside the stages that are there, and into workspace folders that hold none. Absolute paths. */
export function foldersForStage(
  trees: readonly Tree[],
  workspaceFolders: readonly string[],
): readonly string[] {
  const beside = trees.flatMap((tree) => {
    const own = ownStages(tree).map(({ path }) => folderOf(path));
    return tree.layout === 'pi-gen' || own.length === 0 ? [tree.root] : own;
  });
  return [...new Set([...beside, ...withoutTree(trees, workspaceFolders)])];
}

/** Where a new config or workflow may go: the roots of the trees, and workspace folders that hold none. Absolute paths. */
export function foldersForFile(
  trees: readonly Tree[],
  workspaceFolders: readonly string[],
): readonly string[] {
  return [...new Set([...trees.map(({ root }) => root), ...withoutTree(trees, workspaceFolders)])];
}

function withoutTree(trees: readonly Tree[], workspaceFolders: readonly string[]): readonly string[] {
  return workspaceFolders.filter(
    (folder) => !trees.some(({ root }) => isWithin(folder, root) || isWithin(root, folder)),
  );
}
