import * as vscode from 'vscode';
import type { TextRange } from '../pigen/text';

/** The core's form of a file's path: absolute, `/` on every platform. */
export function pathOf(uri: vscode.Uri): string {
  return uri.fsPath.replaceAll('\\', '/');
}

export function uriOf(path: string): vscode.Uri {
  return vscode.Uri.file(path);
}

export function rangeOf(range: TextRange): vscode.Range {
  return new vscode.Range(range.start.line, range.start.column, range.end.line, range.end.column);
}
