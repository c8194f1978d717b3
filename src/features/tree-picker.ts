import * as vscode from 'vscode';
import { baseName } from '../pigen/files/path';

/** Lets the user pick one of several trees by their root; the only one is taken without asking. Undefined: cancelled. */
export async function pickRoot(roots: readonly string[], placeHolder: string): Promise<string | undefined> {
  if (roots.length <= 1) return roots[0];
  const picked = await vscode.window.showQuickPick(
    roots.map((root) => ({
      label: baseName(root),
      description: vscode.workspace.asRelativePath(root),
      root,
    })),
    { placeHolder, ignoreFocusOut: true },
  );
  return picked?.root;
}
