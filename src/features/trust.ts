import * as vscode from 'vscode';

/** Whether containers and programs may be run for this workspace; says so where not. Menus know it too, but other extensions can call commands. */
export function isTrusted(): boolean {
  if (vscode.workspace.isTrusted) return true;
  void vscode.window.showWarningMessage(
    vscode.l10n.t(
      "A build is root on the engine's machine, so builds and what belongs to them run in trusted folders only.",
    ),
  );
  return false;
}
