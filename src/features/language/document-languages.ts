import * as vscode from 'vscode';
import { placeOfFile } from '../../language/tree-file';
import type { FileRole } from '../../language/tree-file';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { pathOf } from '../paths';

/** The languages of files whose names say nothing outside of a tree. */
const languages: Partial<Record<FileRole, string>> = {
  config: 'pi-gen-config',
  export: 'pi-gen-config',
  packages: 'pi-gen-packages',
  debconf: 'pi-gen-debconf',
  series: 'pi-gen-series',
};

/**
 * Gives documents of trees their language as they are opened: names such as `config` and `series` mean something there alone, so
 * package.json claims them nowhere. A language that the user or another extension has chosen stays.
 */
export class DocumentLanguages implements vscode.Disposable {
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(
    private readonly treeOf: (path: string) => StageTree | undefined,
    onDidCheck: vscode.Event<unknown>,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.#subscriptions = [
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.#set(document);
      }),
      onDidCheck(() => {
        for (const document of vscode.workspace.textDocuments) this.#set(document);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #set(document: vscode.TextDocument): void {
    if (document.uri.scheme !== 'file' || document.languageId !== 'plaintext' || document.isClosed) return;
    const path = pathOf(document.uri);
    const tree = this.treeOf(path);
    const language = tree && languages[placeOfFile(tree, path).role];
    if (language === undefined) return;
    vscode.languages.setTextDocumentLanguage(document, language).then(undefined, (error: unknown) => {
      // The document was closed meanwhile.
      if (!document.isClosed) this.log.warn(`The language of ${path} could not be set`, error);
    });
  }
}
