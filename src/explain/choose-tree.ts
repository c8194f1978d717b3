import { isWithin } from '../pigen/files/path';
import type { StageTree } from '../pigen/tree/stage-tree';
import { LocalPaths } from './local-paths';

/**
 * The tree of which a log most likely tells: the one in which the last things that ran can be found, else the one around
 * the log's own file, else the only one. Undefined where nothing tells.
 * @param paths what was running, by the log's paths, innermost last
 * @param logFile absolute, where the log is a file
 */
export function chooseTree(
  trees: readonly StageTree[],
  paths: readonly string[],
  logFile?: string,
): StageTree | undefined {
  const ranked = trees
    .map((tree) => ({
      tree,
      score: scoreOf(tree, paths),
      around: logFile !== undefined && isWithin(tree.root, logFile),
    }))
    .sort((a, b) => b.score - a.score || Number(b.around) - Number(a.around));
  const [best, second] = ranked;
  if (best === undefined || second === undefined) return best?.tree;
  return best.score > 0 || best.around ? best.tree : undefined;
}

/** The more precisely the paths are known, the more it is this tree. */
function scoreOf(tree: StageTree, paths: readonly string[]): number {
  const local = new LocalPaths(tree);
  return paths.reduce((score, path) => {
    const place = local.find(path);
    if (place === undefined) return score;
    if (place.step !== undefined || place.prerun !== undefined) return score + 4;
    return score + (place.subStage === undefined ? 1 : 2);
  }, 0);
}
