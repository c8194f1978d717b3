import * as vscode from 'vscode';
import type { Finding } from '../pigen/finding';
import { isWithin } from '../pigen/files/path';
import { pathOf } from './paths';

/**
 * Those findings that are about the workspace: its files, and files open from elsewhere. A folder of a repository may be
 * opened alone, and the rest of the repository is then nobody's business.
 */
export function inWorkspace(findings: readonly Finding[]): readonly Finding[] {
  const folders = (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => pathOf(uri));
  const open = new Set(vscode.workspace.textDocuments.map(({ uri }) => pathOf(uri)));
  return findings.filter(({ file }) => open.has(file) || folders.some((folder) => isWithin(folder, file)));
}
