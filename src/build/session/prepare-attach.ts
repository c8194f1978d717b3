import type { FileSystem } from '../../pigen/files/file-system';
import { loadStageTree } from '../../pigen/tree/load-stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import { readAssignments } from '../../shell/config-assignments';
import type { BuildOptions } from './build-options';
import type { Engine } from '../engine/engine';
import { secretsOfBuild } from './found-build';
import type { FoundBuild } from './found-build';
import { logExplainer } from '../output/log-explainer';

/**
 * What attachBuild needs to know of a build besides what its container tells. Rejects with a BuildProblemError where the
 * engine cannot be asked, or when `signal` is aborted, with its reason.
 *
 * @param knownRules rules that have a page, for the findings of a failed build
 */
export async function prepareAttach(
  build: FoundBuild,
  engine: Engine,
  fs: FileSystem,
  parser: BashParser,
  knownRules: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Required<Pick<BuildOptions, 'secrets' | 'explain'>>> {
  const read = (text: string) => readAssignments(text, parser);
  const tree = await loadStageTree(fs, build.repositoryRoot ?? build.treeRoot, {
    readAssignments: read,
    signal,
  });
  return {
    secrets: await secretsOfBuild(engine, build, read),
    explain: logExplainer(tree, build.plan.paths, knownRules, fs, parser),
  };
}
