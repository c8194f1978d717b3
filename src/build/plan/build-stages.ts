import { baseName, isWithin, relativePath } from '../../pigen/files/path';
import type { StageList, StageListEntry, StageTree } from '../../pigen/tree/stage-tree';
import type { PlannedStage } from './create-build-plan';
import type { BuildProblem } from '../build-problem';

export type BuildStages =
  /** `stages` undefined: the config's own list holds as it is written. */
  | { readonly ok: true; readonly stages: readonly PlannedStage[] | undefined }
  | { readonly ok: false; readonly problem: BuildProblem };

/** Of pi-gen's own stages, those that make a system without a desktop: what own stages usually stand on. */
const liteStages: readonly string[] = ['stage0', 'stage1', 'stage2'];

/**
 * Which stages a build runs. In a repository without pi-gen: its list, with pi-gen's stages from the tree; where nothing
 * lists them, pi-gen's stage0 to stage2 and then all stages of the repository by path.
 */
export function stagesOfBuild(
  tree: StageTree,
  repository: StageTree | undefined,
  list: StageList,
): BuildStages {
  if (repository === undefined) {
    const outside = list.entries.some(({ path }) => path !== undefined && !isWithin(tree.root, path));
    return outside ? plannedStages(tree, list) : { ok: true, stages: undefined };
  }
  return list.entries.length > 0
    ? plannedStages(tree, list)
    : { ok: true, stages: usualStages(tree, repository) };
}

function usualStages(tree: StageTree, repository: StageTree): readonly PlannedStage[] {
  const own = repository.stages.filter(({ role, path }) => role === 'stage' && !isWithin(tree.root, path));
  const base = tree.stages
    .filter(({ name }) => liteStages.includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    ...base.map(({ path }): PlannedStage => ({ kind: 'tree', path: relativePath(tree.root, path) })),
    ...own.map(({ path }): PlannedStage => ({ kind: 'folder', path })),
  ];
}

/** The entries of a list, each where it is: in the tree, or a folder to be copied in. */
export function plannedStages(tree: StageTree, list: StageList): BuildStages {
  const stages: PlannedStage[] = [];
  for (const entry of list.entries) {
    const stage = plannedEntry(tree, entry);
    if (stage === undefined) return { ok: false, problem: unknownEntry(tree, list, entry) };
    stages.push(stage);
  }
  return { ok: true, stages };
}

function plannedEntry(tree: StageTree, { path, text, upstream }: StageListEntry): PlannedStage | undefined {
  if (path !== undefined) {
    return isWithin(tree.root, path)
      ? { kind: 'tree', path: relativePath(tree.root, path) }
      : { kind: 'folder', path };
  }
  const name = baseName(text.replace(/\/+$/, ''));
  const own = tree.stages.find((stage) => stage.name === name);
  return upstream && own !== undefined
    ? { kind: 'tree', path: relativePath(tree.root, own.path) }
    : undefined;
}

function unknownEntry(tree: StageTree, list: StageList, entry: StageListEntry): BuildProblem {
  const named = `${list.file === undefined ? 'The stage list' : `The stage list in ${list.file}`} names "${entry.text}"`;
  if (entry.upstream) {
    return {
      kind: 'bad-plan',
      message: `${named}, which the pi-gen tree ${tree.root} does not hold.`,
      wayOut: 'Use another branch of pi-gen, or take the stage out of the list.',
    };
  }
  const why =
    entry.unknown === true
      ? 'and which folder that is cannot be told beforehand'
      : 'and there is no such folder';
  return {
    kind: 'bad-plan',
    message: `${named}, ${why}: the stages cannot be put together.`,
    wayOut: 'Write the path of the stage into the list, or build with a config of your own that names it.',
  };
}
