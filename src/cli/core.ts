import { loadStageTree } from '../pigen/tree/load-stage-tree';
import { readGitIndex } from '../pigen/files/git-index';
import type { FileSystem } from '../pigen/files/file-system';
import { NodeFileSystem } from '../pigen/files/node-file-system';
import { OverlayFileSystem } from '../pigen/files/overlay-file-system';
import type { PackageIndex } from '../pigen/apt/package-index';
import { readText } from '../pigen/files/read-text';
import type { StageTree } from '../pigen/tree/stage-tree';
import { rules } from '../rules';
import { Checker } from '../rules/checker';
import { readAssignments } from '../shell/config-assignments';
import type { LazyBashParser } from '../shell/lazy-bash-parser';
import { lazyBashParser } from '../shell/lazy-bash-parser';

/** The core on the disk of this machine, as every command needs it. Its owner disposes of it. */
export class Core {
  readonly #disk = new NodeFileSystem();
  /** Where the bundle keeps the files that are read when they are needed. */
  readonly folder = __dirname.replaceAll('\\', '/');
  readonly fileSystem: FileSystem;
  readonly parser: LazyBashParser = lazyBashParser(this.#disk, this.folder);
  readonly checker: Checker;

  /** The rules that have a page. */
  readonly ruleNames: ReadonlySet<string> = new Set(rules.map(({ name }) => name));

  /**
   * @param texts to be seen in the place of files, by absolute path
   * @param packages what is known of names of packages
   */
  constructor(texts: ReadonlyMap<string, string> = new Map(), packages?: PackageIndex) {
    this.fileSystem = texts.size === 0 ? this.#disk : new OverlayFileSystem(this.#disk, texts);
    this.checker = new Checker({
      fs: this.fileSystem,
      parser: this.parser.get,
      ...(packages !== undefined && { packages }),
    });
  }

  /** The text of a local file; undefined where it cannot be read. */
  readonly readText = async (path: string): Promise<string | undefined> => {
    const text = await readText(this.fileSystem, path);
    return typeof text === 'string' ? text : undefined;
  };

  async loadTree(root: string, signal?: AbortSignal): Promise<StageTree> {
    const gitIndex = await readGitIndex(this.fileSystem, root);
    return loadStageTree(this.fileSystem, root, {
      readAssignments: async (text) => readAssignments(text, await this.parser.get()),
      gitIndex,
      signal,
    });
  }

  dispose(): void {
    this.checker.dispose();
    this.parser.dispose();
  }
}
