import { branches } from '../../pigen/branches';
import type { StageTree } from '../../pigen/tree/stage-tree';

const ofPiGen: ReadonlySet<string> = new Set(branches.flatMap((branch) => branch.exportedVariables));

/**
 * Whether bash in the chroot may have a variable from pi-gen (of any branch) or from a config. A tree with a build.sh of
 * its own may export whatever it likes, which is in capitals then.
 */
export function mayBeExported(tree: StageTree): (name: string) => boolean {
  const assigned = tree.configs.flatMap((config) => config.assignments);
  const ofConfigs = new Set(assigned.filter((one) => one.exported).map(({ name }) => name));
  return (name) =>
    ofPiGen.has(name) || ofConfigs.has(name) || (tree.layout === 'pi-gen' && /^[A-Z][A-Z0-9_]+$/.test(name));
}
