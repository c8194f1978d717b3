import { isExported, orderOf } from './order';
import type { OrderItem } from './order';
import { isWithin } from '../files/path';
import type { Stage, StageTree, SubStage } from './stage-tree';

/** A step, prerun.sh or postrun.sh, or an entry that pi-gen passes over. */
export interface StepNode {
  readonly kind: 'step';
  readonly item: OrderItem;
}

export interface SubStageNode {
  readonly kind: 'sub-stage';
  readonly subStage: SubStage;
  readonly stage: Stage;
  readonly steps: readonly StepNode[];
}

export interface StageNode {
  readonly kind: 'stage';
  /** Tells it from all others, those of other trees too, and stays the same when the tree is read again. */
  readonly key: string;
  readonly name: string;
  /** Undefined for a stage that the list names and that is not here. */
  readonly stage: Stage | undefined;
  /** Absolute path of the symbolic link through which the stage list names it. */
  readonly link: string | undefined;
  /** Why pi-gen passes over the whole stage; undefined where it runs it, or where nothing is known. */
  readonly reason: string | undefined;
  /** It is pi-gen's own, and comes with the pi-gen that this repository is built with. */
  readonly upstream: boolean;
  /** An image is written of it. */
  readonly exported: boolean;
  readonly children: readonly (StepNode | SubStageNode)[];
}

/** What stands at the top of a tree: its stages, and postrun.sh. */
export type TopNode = StageNode | StepNode;

/** What a tree holds, as pi-gen goes through it: the stages in their order, with what is in each in the order in which it runs. */
export function outlineOf(tree: StageTree): readonly TopNode[] {
  const items = orderOf(tree);
  const nodes: TopNode[] = [];
  const shown = new Set<Stage>();
  for (const item of items) {
    if (item.path === undefined) nodes.push(absentStage(item, `${tree.root} ${nodes.length}`));
    if (item.kind === 'postrun') nodes.push({ kind: 'step', item });
    const stage = stageOf(tree, item);
    if (stage === undefined || shown.has(stage)) continue;
    shown.add(stage);
    nodes.push(stageNode(stage, items, tree));
  }
  for (const stage of tree.stages) if (!shown.has(stage)) nodes.push(stageNode(stage, items, tree));
  return nodes;
}

function stageOf(tree: StageTree, { path }: OrderItem): Stage | undefined {
  return path === undefined ? undefined : tree.stages.find((stage) => isWithin(stage.path, path));
}

function absentStage({ name, reason, passedOver }: OrderItem, key: string): StageNode {
  return {
    kind: 'stage',
    key,
    name,
    stage: undefined,
    link: undefined,
    reason,
    upstream: passedOver === undefined,
    exported: false,
    children: [],
  };
}

function stageNode(stage: Stage, all: readonly OrderItem[], { stageList }: StageTree): StageNode {
  const items = withoutRepeats(all.filter(({ path }) => path !== undefined && isWithin(stage.path, path)));
  const steps = (subStage: string | undefined, isEntry: boolean): readonly StepNode[] =>
    items
      .filter((item) => item.subStage === subStage && (item.kind === 'entry') === isEntry)
      .map((item) => ({ kind: 'step', item }));
  const subStages = stage.subStages.filter(isShown).map((subStage): SubStageNode => {
    const { name } = subStage;
    return { kind: 'sub-stage', subStage, stage, steps: [...steps(name, false), ...steps(name, true)] };
  });
  return {
    kind: 'stage',
    key: stage.path,
    name: stage.name,
    stage,
    link: stageList.entries.find(({ path }) => path === stage.path)?.link,
    reason: reasonOf(stage, items),
    upstream: false,
    exported: isExported(stage),
    children: [...steps(undefined, false), ...subStages, ...steps(undefined, true)],
  };
}

/** A stage that the list names twice runs twice, and is one line. */
function withoutRepeats(items: readonly OrderItem[]): readonly OrderItem[] {
  return [...new Map(items.toReversed().map((item) => [item.path, item])).values()].toReversed();
}

/** `files` and other folders that hold no steps are no part of the run. */
function isShown({ name, steps, skip }: SubStage): boolean {
  return steps.length > 0 || skip || /^\d\d-/.test(name);
}

function reasonOf({ skip }: Stage, items: readonly OrderItem[]): string | undefined {
  if (skip) return 'The stage holds a SKIP file: pi-gen takes its rootfs as an earlier build left it.';
  const [first] = items;
  const isAll = first?.passedOver === 'not-listed' || first?.passedOver === 'not-exported';
  return isAll ? first.reason : undefined;
}
