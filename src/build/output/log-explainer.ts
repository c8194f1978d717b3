import { explainLog } from '../../explain/explain-log';
import type { Failure } from '../../explain/explanation';
import type { FileSystem } from '../../pigen/files/file-system';
import { readText } from '../../pigen/files/read-text';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { analyseScript } from '../../shell/analyse-script';
import type { BashParser } from '../../shell/bash-parser';
import type { PathPair } from '../plan/build-plan';

/** Explains the log of a failed build by the stages that were built. For BuildOptions.explain. */
export function logExplainer(
  tree: StageTree,
  paths: readonly PathPair[],
  knownRules: ReadonlySet<string> | undefined,
  fs: FileSystem,
  parser: BashParser,
): (logChunks: AsyncIterable<string>) => Promise<readonly Failure[]> {
  return async (logChunks) => {
    const { failures } = await explainLog(logChunks, {
      tree,
      paths,
      failed: true,
      ...(knownRules === undefined ? {} : { knownRules }),
      analyse: (text, place) => analyseScript(parser, text, place),
      readText: async (path) => {
        const text = await readText(fs, path);
        return typeof text === 'string' ? text : undefined;
      },
    });
    return failures;
  };
}
