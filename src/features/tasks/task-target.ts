import { isWithin, joinPath, relativePath, resolvePath } from '../../pigen/files/path';
import type { Stage, StageTree } from '../../pigen/tree/stage-tree';
import type { PiGenTask } from './task-definition';

/** What a task of tasks.json comes to among the trees of a workspace. */
export interface TaskTarget {
  readonly task: PiGenTask['task'];
  readonly tree: StageTree;
  /** Of a task of the kind `stage`. */
  readonly stage: Stage | undefined;
  /** The sub-stage to begin with; undefined: the first. */
  readonly from: string | undefined;
  /** Absolute; undefined: that of the settings. */
  readonly configFile: string | undefined;
}

/** Why it comes to nothing. */
export type TargetMistake =
  | { readonly kind: 'no-trees' }
  | { readonly kind: 'no-tree-there'; readonly folder: string }
  /** `folders`: what `folder` of the task may be. */
  | { readonly kind: 'several-trees'; readonly folders: readonly string[] }
  | {
      readonly kind: 'unknown-stage';
      readonly stage: string;
      readonly root: string;
      readonly names: readonly string[];
    }
  | { readonly kind: 'unknown-sub-stage'; readonly subStage: string; readonly stage: string };

/** @param base the workspace folder of the task, absolute; undefined: it belongs to the whole workspace of several folders */
export function findTarget(
  task: PiGenTask,
  trees: readonly StageTree[],
  base: string | undefined,
): TaskTarget | TargetMistake {
  const tree = chooseTree(trees, task, base);
  if ('kind' in tree) return tree;
  const configFile = task.config === '' ? undefined : resolvePath(base ?? tree.root, task.config);
  if (task.task !== 'stage') return { task: task.task, tree, stage: undefined, from: undefined, configFile };
  const stage = findStage(tree, task.stage);
  if (stage === undefined) {
    const names = tree.stages.filter(({ role }) => role === 'stage').map(({ name }) => name);
    return { kind: 'unknown-stage', stage: task.stage, root: tree.root, names };
  }
  const from = task.from === '' ? undefined : task.from;
  return from === undefined || stage.subStages.some(({ name }) => name === from)
    ? { task: task.task, tree, stage, from, configFile }
    : { kind: 'unknown-sub-stage', subStage: from, stage: stage.name };
}

function chooseTree(
  trees: readonly StageTree[],
  { folder, stage }: PiGenTask,
  base: string | undefined,
): StageTree | TargetMistake {
  if (folder !== '') {
    const path = base === undefined ? undefined : resolvePath(base, folder);
    const named = trees.find(
      ({ root }) => root === path || (path === undefined && root.endsWith(joinPath('', folder))),
    );
    return named ?? { kind: 'no-tree-there', folder };
  }
  const near = trees.filter(({ root }) => base === undefined || isWithin(base, root) || isWithin(root, base));
  const [first, second] = near;
  if (first === undefined) return { kind: 'no-trees' };
  if (second === undefined) return first;
  const holding = near.filter((tree) => stage !== '' && findStage(tree, stage) !== undefined);
  const [only] = holding;
  if (only !== undefined && holding.length === 1) return only;
  const folders = near.map(({ root }) => (base === undefined ? root : relativePath(base, root) || '.'));
  return { kind: 'several-trees', folders };
}

/** By its path, relative to the tree's, or else by its name. */
function findStage(tree: StageTree, given: string): Stage | undefined {
  const stages = tree.stages.filter(({ role }) => role === 'stage');
  const path = resolvePath(tree.root, given);
  return stages.find((stage) => stage.path === path) ?? stages.find(({ name }) => name === given);
}
