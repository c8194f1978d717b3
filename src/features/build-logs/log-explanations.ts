import { setImmediate } from 'node:timers/promises';
import { chooseTree } from '../../explain/choose-tree';
import { LogExplainer } from '../../explain/explain-log';
import type { Explanation } from '../../explain/explanation';
import type { TargetFiles } from '../../explain/log-targets';
import { withRuleFindings } from '../../explain/with-rule-findings';
import type { FileSystem } from '../../pigen/files/file-system';
import type { Finding } from '../../pigen/finding';
import { readText } from '../../pigen/files/read-text';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { LineIndex } from '../../pigen/text';
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
  /** What links of a log want to know of the files that they lead to. */
  readonly targetFiles: TargetFiles = {
    kindOf: async (path) => {
      const stat = await this.fileSystem.stat(path).catch(() => undefined);
      return stat?.kind;
    },
    script: async (path) => {
      const text = await this.#text(path);
      if (text === undefined) return undefined;
      const script = analyseScript(await this.parser(), text, 'host');
      return { path, text, lines: new LineIndex(text), script };
    },
  };

  constructor(
    private readonly fileSystem: FileSystem,
    private readonly parser: () => Promise<BashParser>,
    /** The trees as they are now; resolves once they are known. */
    private readonly trees: () => Promise<readonly StageTree[]>,
    private readonly ruleNames: ReadonlySet<string>,
    /** What the rules say now. */
    private readonly ruleFindings: () => readonly Finding[],
  ) {}

  /**
   * Rejects where the chunks do; what cannot be read of the tree leaves the explanation less precise.
   * @param logFile absolute, where the log is a file: of several trees that fit, the one around it is meant
   */
  async explain(chunks: AsyncIterable<string>, logFile?: string): Promise<ExplainedLog> {
    const explainer = new LogExplainer();
    for await (const chunk of chunks) explainer.push(chunk);
    return this.explainRead(explainer, logFile);
  }

  /** The same of a log that has been read already, as often as the trees change. */
  async explainRead(explainer: LogExplainer, logFile?: string): Promise<ExplainedLog> {
    explainer.end();
    const tree = chooseTree(await this.trees(), explainer.openPaths, logFile);
    const explanation = await explainer.explain({
      ...(tree && { tree }),
      readText: (path) => this.#text(path),
      analyse: async (text, place) => analyseScript(await this.parser(), text, place),
      knownRules: this.ruleNames,
    });
    const failures = withRuleFindings(explanation.failures, this.ruleFindings());
    return { explanation: { ...explanation, failures }, tree };
  }

  async #text(path: string): Promise<string | undefined> {
    const text = await readText(this.fileSystem, path);
    return typeof text === 'string' ? text : undefined;
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
