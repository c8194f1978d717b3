import * as vscode from 'vscode';
import { foldsOf } from '../../language/folding';
import { outlineOf } from '../../language/symbols';
import type { OutlineEntry } from '../../language/symbols';
import type { TreeFile } from '../../language/tree-file';
import type { EditedTrees } from './edited-trees';
import { rangeIn } from './ranges';

const kinds: Readonly<Record<OutlineEntry['kind'], vscode.SymbolKind>> = {
  function: vscode.SymbolKind.Function,
  chroot: vscode.SymbolKind.Namespace,
  variable: vscode.SymbolKind.Variable,
  package: vscode.SymbolKind.Package,
  'stage-list': vscode.SymbolKind.Array,
  patch: vscode.SymbolKind.File,
};

/** The outline: functions and chroot blocks, config's variables, packages. */
export class Outlines implements vscode.DocumentSymbolProvider {
  constructor(private readonly trees: EditedTrees) {}

  async provideDocumentSymbols(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<vscode.DocumentSymbol[] | undefined> {
    const file = await this.trees.open(document, token);
    return file && outlineOf(file).map((entry) => symbolOf(file, entry));
  }
}

function symbolOf(
  file: TreeFile,
  { name, detail, kind, span, selection, children }: OutlineEntry,
): vscode.DocumentSymbol {
  const symbol = new vscode.DocumentSymbol(
    name,
    detail,
    kinds[kind],
    rangeIn(file, span),
    rangeIn(file, selection),
  );
  symbol.children = children.map((child) => symbolOf(file, child));
  return symbol;
}

/** Folding by function, block, heredoc and comment. */
export class Foldings implements vscode.FoldingRangeProvider {
  constructor(private readonly trees: EditedTrees) {}

  async provideFoldingRanges(
    document: vscode.TextDocument,
    _context: vscode.FoldingContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.FoldingRange[] | undefined> {
    const file = await this.trees.open(document, token);
    if (file?.script === undefined) return undefined;
    return foldsOf(file).map(
      ({ start, end, kind }) => new vscode.FoldingRange(start, end, kind && foldKinds[kind]),
    );
  }
}

const foldKinds = {
  comment: vscode.FoldingRangeKind.Comment,
  region: vscode.FoldingRangeKind.Region,
};
