import * as vscode from 'vscode';
import { logLanguage } from './log-language';
import { readOnlyLogScheme } from './read-only-logs';

/** Languages that VS Code gives a text of which it knows nothing. */
const plainLanguages = new Set(['plaintext', 'log']);
/** Files, and the logs that we show ourselves. */
const schemes = new Set(['file', readOnlyLogScheme]);
export const logNames = /\.(?:log|txt)$/i;
/** A log of GitHub or of a container has lines of other tools on top. */
const linesLookedAt = 2000;
/** `log` of pi-gen's scripts/common, or the group into which pi-gen-action rewrites it. */
export const announcement =
  /\[\d\d:\d\d:\d\d\] (?:Begin|Skip) \/|##\[group\]\S*\/(?:stage[\w.-]*|export-(?:image|noobs))(?:\/|$)/;

/**
 * Shows what holds a build of pi-gen as the log that it is, under whatever name it was saved. Each document once: who
 * then chooses another language keeps it.
 */
export class LogDetection implements vscode.Disposable {
  readonly #seen = new Set<string>();
  readonly #subscription: vscode.Disposable;

  constructor() {
    this.#subscription = vscode.workspace.onDidOpenTextDocument((document) => void this.#look(document));
    for (const document of vscode.workspace.textDocuments) void this.#look(document);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #look(document: vscode.TextDocument): Promise<void> {
    const key = document.uri.toString();
    if (!schemes.has(document.uri.scheme) || !logNames.test(document.uri.path)) return;
    if (!plainLanguages.has(document.languageId) || this.#seen.has(key)) return;
    this.#seen.add(key);
    const head = document.getText(new vscode.Range(0, 0, linesLookedAt, 0));
    if (head.split('\n').some((line) => announcement.test(line))) {
      await vscode.languages.setTextDocumentLanguage(document, logLanguage);
    }
  }
}
