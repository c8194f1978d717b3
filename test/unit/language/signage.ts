import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { treeFile } from '../../../src/language/tree-file';
import type { TreeFile } from '../../../src/language/tree-file';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import type { StageTree } from '../../../src/pigen/tree/stage-tree';
import type { BashParser } from '../../../src/shell/bash-parser';
import { readAssignments } from '../../../src/shell/config-assignments';
import { loadParser } from '../shell/parser';

/** The tree of test/fixtures/language/signage, with the texts of its files or others in their place. */
export class Signage {
  readonly fs = new NodeFileSystem();

  private constructor(
    readonly tree: StageTree,
    readonly parser: BashParser,
  ) {}

  static async load(): Promise<Signage> {
    const root = path.resolve(import.meta.dirname, '../../fixtures/language/signage');
    const parser = await loadParser();
    const tree = await loadStageTree(new NodeFileSystem(), root, {
      readAssignments: (text) => readAssignments(text, parser),
    });
    return new Signage(tree, parser);
  }

  /** @param name relative to the tree */
  path(name: string): string {
    return `${this.tree.root}/${name}`;
  }

  async open(name: string): Promise<TreeFile> {
    return this.edited(name, await readFile(this.path(name), 'utf8'));
  }

  /** A file with an unsaved text. */
  edited(name: string, text: string): TreeFile {
    return treeFile(this.tree, this.path(name), text, this.parser);
  }

  dispose(): void {
    this.parser.dispose();
  }
}

/** The offset of the first `‸` in a needle that the text holds once the mark is taken out. */
export function offsetOf({ text }: { readonly text: string }, needle: string): number {
  const mark = needle.indexOf('‸');
  const found = text.indexOf(needle.replace('‸', ''));
  if (found < 0 || mark < 0) throw new Error(`The text does not hold ${needle}`);
  return found + mark;
}
