import type { StageNode, StepNode, SubStageNode, TopNode } from '../../pigen/tree/stage-outline';
import type { StageTree } from '../../pigen/tree/stage-tree';

/** The root of a tree, shown where the workspace holds several. */
export interface RootNode {
  readonly kind: 'root';
  readonly tree: StageTree;
  /** Its stages, and postrun.sh. */
  readonly children: readonly TopNode[];
}

/** A line of the Stages view. */
export type Node = RootNode | StageNode | SubStageNode | StepNode;

/** What tells a line apart from all others, and stays the same when the tree is read again. */
export function idOf(node: Node): string {
  switch (node.kind) {
    case 'root':
      return node.tree.root;
    case 'stage':
      return node.key;
    case 'sub-stage':
      return node.subStage.path;
    case 'step':
      return node.item.path ?? node.item.name;
  }
}

/** The file or folder behind a line; undefined for a stage that is not here. */
export function pathOfNode(node: Node): string | undefined {
  switch (node.kind) {
    case 'root':
      return node.tree.root;
    case 'stage':
      return node.stage?.path;
    case 'sub-stage':
      return node.subStage.path;
    case 'step':
      return node.item.path;
  }
}

export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'root':
    case 'stage':
      return node.children;
    case 'sub-stage':
      return node.steps;
    case 'step':
      return [];
  }
}

/** Whether what a command is called with is a line of the view. */
export function isNode(given: unknown): given is Node {
  if (typeof given !== 'object' || given === null || !('kind' in given)) return false;
  return ['root', 'stage', 'sub-stage', 'step'].includes(String(given.kind));
}
