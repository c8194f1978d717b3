import * as vscode from 'vscode';
import type { Fix } from '../pigen/finding';
import { rangeOf, uriOf } from './paths';

export interface PreparedFix {
  readonly edit: vscode.WorkspaceEdit;
  /** Files to be made executable after the edit: a WorkspaceEdit knows no modes. */
  readonly executable: readonly vscode.Uri[];
}

/** A fix as the editor applies it: one edit, undone in one step. */
export function prepareFix(fix: Fix): PreparedFix {
  const edit = new vscode.WorkspaceEdit();
  const executable: vscode.Uri[] = [];
  for (const change of fix.edits) {
    switch (change.kind) {
      case 'replace':
        if (change.lineEnding === undefined) {
          edit.replace(uriOf(change.file), rangeOf(change.range), change.text);
        } else {
          edit.set(uriOf(change.file), [
            vscode.TextEdit.setEndOfLine(vscode.EndOfLine.LF),
            vscode.TextEdit.replace(rangeOf(change.range), change.text),
          ]);
        }
        break;
      case 'create':
        edit.createFile(uriOf(change.file), { contents: new TextEncoder().encode(change.text) });
        if (change.executable) executable.push(uriOf(change.file));
        break;
      case 'rename':
        edit.renameFile(uriOf(change.from), uriOf(change.to));
        break;
      case 'delete':
        edit.deleteFile(uriOf(change.file));
        break;
      case 'make-executable':
        executable.push(uriOf(change.file));
        break;
    }
  }
  return { edit, executable };
}
