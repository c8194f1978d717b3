import * as vscode from 'vscode';
import { pathOf } from './paths';

/** The texts of open documents that differ from their files, kept up to date, for the core to see what is on screen. */
export class UnsavedTexts implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #subscriptions: vscode.Disposable[];

  constructor() {
    for (const document of vscode.workspace.textDocuments) this.#note(document);
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        this.#note(document);
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        this.#note(document);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#texts.delete(pathOf(document.uri));
      }),
    ];
  }

  /** By absolute path. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#texts.clear();
  }

  #note(document: vscode.TextDocument): void {
    if (document.uri.scheme !== 'file') return;
    if (document.isDirty) this.#texts.set(pathOf(document.uri), document.getText());
    else this.#texts.delete(pathOf(document.uri));
  }
}
