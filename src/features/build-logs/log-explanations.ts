import { setImmediate } from 'node:timers/promises';
import { chooseTree } from '../../explain/choose-tree';
import { LogExplainer } from '../../explain/explain-log';
import type { Explanation } from '../../explain/explanation';
import type { FileSystem } from '../../pigen/file-system';
import { readText } from '../../pigen/read-text';
import type { StageTree } from '../../pigen/stage-tree';
import { analyseScript } from '../../shell/analyse-script';
import type { BashParser } from '../../shell/bash-parser';

/** How much of a log is read at once, in UTF-16 units: some milliseconds of work, after which the editor gets its turn. */
const sliceLength = 256 * 1024;

export interface ExplainedLog {
  readonly explanation: Explanation;
  /** The tree against which it was explained. */
  readonly tree: StageTree | undefined;
}

/** Explains logs against the trees of the workspace. */
export class LogExplanations {
  constructor(
    private readonly fileSystem: FileSystem,
    private readonly parser: () => Promise<BashParser>,
    /** The trees as they are now; resolves once they are known. */
    private readonly trees: () => Promise<readonly StageTree[]>,
    private readonly ruleNames: ReadonlySet<string>,
  ) {}

  /**
   * Rejects where the chunks do; what cannot be read of the tree leaves the explanation less precise.
   * @param logFile absolute, where the log is a file: of several trees that fit, the one around it is meant
   */
  async explain(chunks: AsyncIterable<string>, logFile?: string): Promise<ExplainedLog> {
    const explainer = new LogExplainer();
    for await (const chunk of chunks) explainer.push(chunk);
    // A last line without its end still counts for what was running.
    explainer.push('\n');
    const tree = chooseTree(await this.trees(), explainer.openPaths, logFile);
    const explanation = await explainer.explain({
      ...(tree && { tree }),
      readText: async (path) => {
        const text = await readText(this.fileSystem, path);
        return typeof text === 'string' ? text : undefined;
      },
      analyse: async (text, place) => analyseScript(await this.parser(), text, place),
      knownRules: this.ruleNames,
    });
    return { explanation, tree };
  }
}

/** Hands a text out in slices, between which others get their turn. Rejects with the signal's reason. */
export async function* slicesOf(text: string, signal: AbortSignal): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += sliceLength) {
    await setImmediate();
    signal.throwIfAborted();
    yield text.slice(start, start + sliceLength);
  }
}
