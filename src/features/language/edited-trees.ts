import type * as vscode from 'vscode';
import { treeFile } from '../../language/tree-file';
import type { TreeFile } from '../../language/tree-file';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import { pathOf } from '../paths';

interface Known {
  readonly version: number;
  readonly tree: StageTree;
  readonly file: TreeFile;
}

/** Documents of trees as they stand in the editor, each parsed once for every version of its text. */
export class EditedTrees {
  readonly #known = new WeakMap<vscode.TextDocument, Known>();

  /**
   * @param treeOf the tree that a file belongs to, as it was last checked
   * @param parser loads the parser at the first call
   */
  constructor(
    private readonly treeOf: (path: string) => StageTree | undefined,
    private readonly parser: () => Promise<BashParser>,
  ) {}

  /** The tree of a document; undefined for one that lies in none. */
  tree(document: vscode.TextDocument): StageTree | undefined {
    return document.uri.scheme === 'file' ? this.treeOf(pathOf(document.uri)) : undefined;
  }

  /**
   * A document in its tree, as its text is now; undefined outside of trees, for a file that pi-gen has no use for, and where
   * nobody waits for the answer any more. Rejects where the parser cannot be loaded.
   */
  async open(document: vscode.TextDocument, token?: vscode.CancellationToken): Promise<TreeFile | undefined> {
    const tree = this.tree(document);
    if (tree === undefined) return undefined;
    const { version } = document;
    const known = this.#known.get(document);
    if (known?.version === version && known.tree === tree) return useful(known.file);
    const text = document.getText();
    const parser = await this.parser();
    if (token?.isCancellationRequested === true) return undefined;
    const file = treeFile(tree, pathOf(document.uri), text, parser);
    this.#known.set(document, { version, tree, file });
    return useful(file);
  }
}

function useful(file: TreeFile): TreeFile | undefined {
  return file.role === 'other' ? undefined : file;
}
