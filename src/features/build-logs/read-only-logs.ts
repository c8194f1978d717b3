import * as vscode from 'vscode';

export const readOnlyLogScheme = 'pi-gen-log';
/** How many are kept: enough to go back to the one before. */
const kept = 5;

/** Logs that are no file here, such as one of GitHub or of the clipboard, as read-only documents. */
export class ReadOnlyLogs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(readOnlyLogScheme, this);

  /** @param name of the document's tab, ending in `.log`; a log of the same name is replaced */
  add(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: readOnlyLogScheme, path: `/${name}` });
    const key = uri.toString();
    this.#texts.delete(key);
    this.#texts.set(key, text);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > kept && oldest !== undefined) this.#texts.delete(oldest);
    this.#changed.fire(uri);
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return (
      this.#texts.get(uri.toString()) ??
      vscode.l10n.t('This log is no longer kept. Run the command again to see it.')
    );
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
