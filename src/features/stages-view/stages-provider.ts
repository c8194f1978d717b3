import * as vscode from 'vscode';
import { outlineOf } from '../../pigen/tree/stage-outline';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { childrenOf, idOf, pathOfNode } from './nodes';
import type { Node, RootNode } from './nodes';
import { treeItemOf } from './tree-item';
import type { ItemFacts } from './tree-item';

/** The lines of the Stages view. Trees are given to it as they are checked; nothing is read for the view alone. */
export class StagesProvider implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  #roots: readonly RootNode[] = [];
  #parents = new Map<string, Node | undefined>();
  #nodes = new Map<string, Node>();

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(private readonly facts: ItemFacts) {}

  dispose(): void {
    this.#changed.dispose();
  }

  /** Shows these trees. Lines keep their place and whether they are unfolded. */
  show(trees: readonly StageTree[]): void {
    this.#roots = trees
      .map((tree) => ({ kind: 'root' as const, tree, children: outlineOf(tree) }))
      .sort((a, b) => (a.tree.root < b.tree.root ? -1 : 1));
    this.#parents = new Map();
    this.#nodes = new Map();
    for (const root of this.#roots) {
      // A single tree needs no line of its own.
      if (this.#roots.length > 1) this.#add(root, undefined);
      else for (const child of root.children) this.#add(child, undefined);
    }
    this.#changed.fire(undefined);
  }

  /** Draws the lines of these paths again. */
  redraw(paths: readonly string[]): void {
    for (const path of paths) {
      const node = this.#nodes.get(path);
      if (node !== undefined) this.#changed.fire(node);
    }
  }

  /** The line of a file or folder; undefined where it has none. */
  find(path: string): Node | undefined {
    return this.#nodes.get(path);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return treeItemOf(node, this.facts);
  }

  getChildren(node?: Node): Node[] {
    if (node !== undefined) return [...childrenOf(node)];
    const [first, ...others] = this.#roots;
    if (first === undefined) return [];
    return others.length > 0 ? [...this.#roots] : [...first.children];
  }

  getParent(node: Node): Node | undefined {
    return this.#parents.get(idOf(node));
  }

  #add(node: Node, parent: Node | undefined): void {
    this.#parents.set(idOf(node), parent);
    const path = pathOfNode(node);
    if (path !== undefined && node.kind !== 'root') this.#nodes.set(path, node);
    for (const child of childrenOf(node)) this.#add(child, node);
  }
}
