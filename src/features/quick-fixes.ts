import * as vscode from 'vscode';
import type { Diagnostics, ShownFinding } from './diagnostics';
import { prepareFix } from './workspace-edit';

/** Offers the fixes of the findings under the cursor. */
export class QuickFixes implements vscode.CodeActionProvider {
  static readonly metadata: vscode.CodeActionProviderMetadata = {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
  };

  constructor(private readonly diagnostics: readonly Diagnostics[]) {}

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    return this.diagnostics.flatMap((diagnostics) => diagnostics.at(document, range)).flatMap(actionsFor);
  }
}

function actionsFor({ finding, diagnostic }: ShownFinding): vscode.CodeAction[] {
  return (finding.fixes ?? []).map((fix) => {
    const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
    const { edit, executable } = prepareFix(fix);
    action.diagnostics = [diagnostic];
    action.isPreferred = fix.preferred ?? false;
    if (edit.size > 0 || fix.edits.some(({ kind }) => kind !== 'make-executable')) action.edit = edit;
    if (executable.length > 0) {
      action.command = { command: 'pi-gen.makeExecutable', title: fix.title, arguments: [executable] };
    }
    return action;
  });
}
