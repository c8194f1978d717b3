import type { Prerun, Stage, StageTree, Step, SubStage } from '../pigen/tree/stage-tree';
import { postrunName } from '../pigen/tree/step-names';

/** Something of a tree that has a name of its own and that other files may name. */
export type TreeEntry =
  | { readonly kind: 'stage'; readonly path: string; readonly name: string; readonly stage: Stage }
  | {
      readonly kind: 'sub-stage';
      readonly path: string;
      readonly name: string;
      readonly stage: Stage;
      readonly subStage: SubStage;
    }
  | {
      readonly kind: 'step';
      readonly path: string;
      readonly name: string;
      readonly stage: Stage;
      /** Undefined for prerun.sh. */
      readonly subStage: SubStage | undefined;
      readonly step: Step | Prerun;
    }
  | { readonly kind: 'postrun'; readonly path: string; readonly name: string; readonly step: Prerun };

/** Of trees that were asked for: a tree never changes, a new check makes a new one. */
const known = new WeakMap<StageTree, ReadonlyMap<string, TreeEntry>>();

/** The stages, sub-stages and steps of a tree by their absolute paths, in pi-gen's order; then postrun.sh. */
export function entriesOf(tree: StageTree): ReadonlyMap<string, TreeEntry> {
  const found = known.get(tree) ?? readEntries(tree);
  known.set(tree, found);
  return found;
}

function readEntries(tree: StageTree): ReadonlyMap<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  const add = (entry: TreeEntry): void => {
    entries.set(entry.path, entry);
  };
  for (const stage of tree.stages) {
    add({ kind: 'stage', path: stage.path, name: stage.name, stage });
    const { prerun } = stage;
    if (prerun !== undefined) {
      add({ kind: 'step', path: prerun.path, name: 'prerun.sh', stage, subStage: undefined, step: prerun });
    }
    for (const subStage of stage.subStages) {
      add({ kind: 'sub-stage', path: subStage.path, name: subStage.name, stage, subStage });
      for (const step of subStage.steps)
        add({ kind: 'step', path: step.path, name: step.name, stage, subStage, step });
    }
  }
  const { postrun } = tree;
  if (postrun !== undefined) add({ kind: 'postrun', path: postrun.path, name: postrunName, step: postrun });
  return entries;
}

const names = new WeakMap<StageTree, ReadonlySet<string>>();

/** The names of a tree's stages, sub-stages and steps: a word without any of them is a path to none. */
export function entryNames(tree: StageTree): ReadonlySet<string> {
  const found = names.get(tree) ?? new Set([...entriesOf(tree).values()].map(({ name }) => name));
  names.set(tree, found);
  return found;
}

/** The only stage of a name; undefined where there is none, or several. */
export function stageNamed(tree: StageTree, name: string): TreeEntry | undefined {
  const [stage, ...others] = tree.stages.filter((one) => one.name === name);
  return stage === undefined || others.length > 0 ? undefined : entriesOf(tree).get(stage.path);
}

/** The file that stands for an entry in an editor: a folder's is the first that pi-gen would run of it. */
export function fileOf(entry: TreeEntry): string | undefined {
  switch (entry.kind) {
    case 'step':
      return 'kind' in entry.step && entry.step.kind === 'patches' ? `${entry.path}/series` : entry.path;
    case 'postrun':
      return entry.path;
    case 'sub-stage':
      return firstFile(entry.subStage);
    case 'stage':
      return (
        entry.stage.prerun?.path ??
        entry.stage.subStages.map(firstFile).find((path) => path !== undefined) ??
        entry.stage.others.find(({ kind }) => kind === 'file')?.path
      );
  }
}

function firstFile({ steps, others }: SubStage): string | undefined {
  const step = steps.find(({ kind }) => kind !== 'patches');
  return step?.path ?? others.find(({ kind }) => kind === 'file')?.path;
}
