import * as vscode from 'vscode';
import { semanticTokens, tokenModifiers, tokenTypes } from '../../language/semantic-tokens';
import type { EditedTrees } from './edited-trees';
import { rangeIn } from './ranges';

export const legend = new vscode.SemanticTokensLegend([...tokenTypes], [...tokenModifiers]);

/** Colours code by where it runs. The colours are those of package.json, a theme's, or the user's. */
export class TokenColours implements vscode.DocumentSemanticTokensProvider {
  constructor(private readonly trees: EditedTrees) {}

  async provideDocumentSemanticTokens(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<vscode.SemanticTokens | undefined> {
    const file = await this.trees.open(document, token);
    if (file === undefined) return undefined;
    const builder = new vscode.SemanticTokensBuilder(legend);
    for (const { span, type, modifiers } of semanticTokens(file))
      builder.push(rangeIn(file, span), type, [...modifiers]);
    return builder.build();
  }
}
