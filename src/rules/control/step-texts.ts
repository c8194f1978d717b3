import type { FileSystem } from '../../pigen/file-system';
import { readText } from '../../pigen/read-text';
import type { StageTree, StepKind } from '../../pigen/stage-tree';

const kinds: readonly StepKind[] = ['packages', 'packages-nr', 'debconf'];
const sizeLimit = 1024 * 1024;

/** The texts of a tree's package lists and debconf files, by absolute path: of those that can be read. */
export async function stepTexts(fs: FileSystem, tree: StageTree): Promise<ReadonlyMap<string, string>> {
  const steps = tree.stages.flatMap(({ subStages }) => subStages.flatMap((subStage) => subStage.steps));
  const read = steps
    .filter(({ kind }) => kinds.includes(kind))
    .map(async ({ path }) => [path, await readText(fs, path, sizeLimit)] as const);
  const texts = new Map<string, string>();
  for (const [path, text] of await Promise.all(read)) if (typeof text === 'string') texts.set(path, text);
  return texts;
}
