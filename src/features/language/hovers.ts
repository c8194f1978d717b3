import * as vscode from 'vscode';
import { hoverAt } from '../../language/hover';
import { describePackage } from '../../language/describe-package';
import { packageAt } from '../../language/package-names';
import type { TreeFile } from '../../language/tree-file';
import type { EditedTrees } from './edited-trees';
import type { PackageLookup } from './package-lookup';
import { markdownOf, offsetIn, rangeIn } from './ranges';

/** Says what the thing under the mouse is to pi-gen. */
export class Hovers implements vscode.HoverProvider {
  constructor(
    private readonly trees: EditedTrees,
    private readonly packages: PackageLookup,
  ) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const file = await this.trees.open(document, token);
    if (file === undefined) return undefined;
    const offset = offsetIn(file, position);
    const found = hoverAt(file, offset);
    if (found !== undefined) return new vscode.Hover(markdownOf(found.markdown), rangeIn(file, found.span));
    return this.#package(file, offset, token);
  }

  async #package(
    file: TreeFile,
    offset: number,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const named = packageAt(file, offset);
    if (named === undefined) return undefined;
    const found = await this.packages.find(file, named.name);
    if (found === undefined || token.isCancellationRequested) return undefined;
    return new vscode.Hover(markdownOf(describePackage(named.name, found)), rangeIn(file, named.span));
  }
}
