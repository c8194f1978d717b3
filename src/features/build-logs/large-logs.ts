import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { announcement, logNames } from './log-detection';

/** Above this VS Code hands no document to extensions (its limit for keeping a text in step with them), in bytes. */
const longestDocument = 50 * 1024 * 1024;
/** So much of a file tells whether it is a log of pi-gen. */
const headLength = 512 * 1024;

/** Says of a log that is too large for outline, folding and links that this is so, and that it can be explained all the same. */
export class LargeLogs implements vscode.Disposable {
  readonly #told = new Set<string>();
  readonly #subscription: vscode.Disposable;

  constructor() {
    this.#subscription = vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
      for (const tab of opened) void this.#look(tab);
    });
    for (const { tabs } of vscode.window.tabGroups.all) for (const tab of tabs) void this.#look(tab);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #look({ input }: vscode.Tab): Promise<void> {
    if (!(input instanceof vscode.TabInputText)) return;
    const { uri } = input;
    if (uri.scheme !== 'file' || !logNames.test(uri.path) || this.#told.has(uri.toString())) return;
    const { size } = await stat(uri.fsPath).catch(() => ({ size: 0 }));
    if (size <= longestDocument || this.#told.has(uri.toString())) return;
    this.#told.add(uri.toString());
    if (!(await isLogOfPiGen(uri.fsPath))) return;
    const explain = vscode.l10n.t('Explain');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        '{0} has {1} MB: VS Code hands no file above 50 MB to extensions, so this log has no outline, folding or links. It can be explained all the same.',
        vscode.workspace.asRelativePath(uri),
        Math.round(size / 1024 / 1024),
      ),
      explain,
    );
    if (answer === explain) await vscode.commands.executeCommand('pi-gen.explainBuildLog', uri);
  }
}

/** False also where the file cannot be read. */
async function isLogOfPiGen(file: string): Promise<boolean> {
  try {
    let head = '';
    for await (const chunk of createReadStream(file, { encoding: 'utf8', end: headLength })) {
      head += String(chunk);
    }
    return announcement.test(head);
  } catch {
    return false;
  }
}
