import * as vscode from 'vscode';

/** Says that a command has no stage to work on, with a button that begins one. */
export async function offerNewStage(message: string): Promise<void> {
  const begin = vscode.l10n.t('New Stage…');
  const answer = await vscode.window.showWarningMessage(message, begin);
  if (answer === begin) await vscode.commands.executeCommand('pi-gen.newStage');
}
