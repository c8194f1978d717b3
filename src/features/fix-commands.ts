import * as vscode from 'vscode';
import { pathOfArgument } from './argument-path';
import type { CommandRegistry } from './command-registry';
import { makeExecutable } from './execute-bit';
import { uriOf } from './paths';

/** The commands that quick fixes call. */
export function registerFixCommands(commands: CommandRegistry): vscode.Disposable {
  return commands.register('pi-gen.makeExecutable', async (uris: unknown) => {
    if (!vscode.workspace.isTrusted) {
      await vscode.window.showWarningMessage(
        vscode.l10n.t('Trust this folder to let pi-gen Stages change execute bits of its files.'),
      );
      return;
    }
    const path = pathOfArgument(uris);
    const given = Array.isArray(uris)
      ? uris.filter((uri) => uri instanceof vscode.Uri)
      : path === undefined
        ? []
        : [uriOf(path)];
    const active = vscode.window.activeTextEditor?.document.uri;
    const failures = await makeExecutable(given.length === 0 && active !== undefined ? [active] : given);
    if (failures.length === 0) return;
    await vscode.window.showErrorMessage(
      vscode.l10n.t('The execute bit could not be set: {0}', failures.join('; ')),
    );
  });
}
