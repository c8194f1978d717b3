import { isWithin } from '../../pigen/files/path';
import type { Stage, StageListEntry, StageTree, SubStage } from '../../pigen/tree/stage-tree';

/** The places of a tree's files in its run, as far as that is certain. */
export class RunPositions {
  readonly start = 0;
  /** Places of the list that stages take which are not here, and not pi-gen's own. */
  readonly strangers: readonly number[];
  readonly #positions = new Map<string, number>();
  readonly #subStages: readonly SubStage[];

  constructor(tree: StageTree) {
    this.#subStages = tree.stages.flatMap(({ subStages }) => subStages);
    const { source, entries, conditional } = tree.stageList;
    const strangers: number[] = [];
    let next = this.start + 1;
    // Several lists, or one under a condition: any stage may run before any other.
    if (source !== 'none' && conditional !== true && tree.stageLists.length <= 1) {
      const stages = new Map(tree.stages.map((stage) => [stage.path, stage]));
      for (const entry of entries) {
        const stage = entry.path === undefined ? undefined : stages.get(entry.path);
        if (stage !== undefined) next = this.#place(stage, next);
        else if (isStranger(entry)) strangers.push(next++);
      }
    } else if (tree.stageLists.some((list) => list.entries.some(isStranger))) strangers.push(this.start);
    for (const stage of tree.stages) {
      if (stage.role === 'export' && stage.position === undefined) next = this.#place(stage, next);
    }
    this.strangers = strangers;
  }

  /** When a script runs: at the start where that is not certain. */
  at(path: string): number {
    return this.#positions.get(path) ?? this.start;
  }

  /** When a package list or a script of the tree is read: at the end where that is not certain. */
  readAt(path: string): number {
    // What a script adds, it may add before it installs packages.
    return this.#positions.get(path) ?? Infinity;
  }

  /** The beginning of the sub-stage that a file lies in. */
  before(path: string): number {
    const subStage = this.#subStages.find((one) => isWithin(one.path, path));
    return (subStage && this.#positions.get(subStage.path)) ?? this.start;
  }

  #place(stage: Stage, from: number): number {
    let next = from;
    const add = (path: string): void => {
      if (!this.#positions.has(path)) this.#positions.set(path, next++);
    };
    if (stage.prerun !== undefined) add(stage.prerun.path);
    for (const subStage of stage.subStages) {
      add(subStage.path);
      for (const { path } of subStage.steps) add(path);
    }
    return next;
  }
}

/** Whether an entry of a stage list names a stage of which nothing is known. */
function isStranger({ path, upstream, unknown }: StageListEntry): boolean {
  return unknown === true || (path === undefined && !upstream);
}
