import { loadStageTree } from '../pigen/load-stage-tree';
import { readGitIndex } from '../pigen/git-index';
import { NodeFileSystem } from '../pigen/node-file-system';
import { readText } from '../pigen/read-text';
import type { StageTree } from '../pigen/stage-tree';
import { rules } from '../rules';
import { Checker } from '../rules/checker';
import { readAssignments } from '../shell/config-assignments';
import type { LazyBashParser } from '../shell/lazy-bash-parser';
import { lazyBashParser } from '../shell/lazy-bash-parser';

/** The core on the disk of this machine, as every command needs it. Its owner disposes of it. */
export class Core {
  readonly fileSystem = new NodeFileSystem();
  readonly parser: LazyBashParser = lazyBashParser(this.fileSystem, __dirname.replaceAll('\\', '/'));
  readonly checker = new Checker({ fs: this.fileSystem, parser: this.parser.get });

  /** The rules that have a page. */
  readonly ruleNames: ReadonlySet<string> = new Set(rules.map(({ name }) => name));

  /** The text of a local file; undefined where it cannot be read. */
  readonly readText = async (path: string): Promise<string | undefined> => {
    const text = await readText(this.fileSystem, path);
    return typeof text === 'string' ? text : undefined;
  };

  async loadTree(root: string, signal?: AbortSignal): Promise<StageTree> {
    const [parser, gitIndex] = await Promise.all([this.parser.get(), readGitIndex(this.fileSystem, root)]);
    return loadStageTree(this.fileSystem, root, {
      readAssignments: (text) => readAssignments(text, parser),
      gitIndex,
      signal,
    });
  }

  dispose(): void {
    this.checker.dispose();
    this.parser.dispose();
  }
}
