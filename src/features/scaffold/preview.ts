import * as vscode from 'vscode';
import type { NewFile } from '../../scaffold/stage-template';
import { answerOf } from './wizard';
import type { Left, StepPlace, WizardStep } from './wizard';

const scheme = 'pi-gen-preview';

interface PreviewItem extends vscode.QuickPickItem {
  /** Undefined: the item that writes. */
  readonly file: NewFile | undefined;
}

/** Shows what a wizard is about to write before it is written. */
export class Preview implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: this.#changed.event,
    provideTextDocumentContent: (uri) => this.#texts.get(uri.path) ?? '',
  });

  dispose(): void {
    this.#provider.dispose();
    this.#changed.dispose();
  }

  /** The last question of a wizard: the files, each to be looked at, and whether to write them. @param root shown before their paths */
  step(root: string, files: () => readonly NewFile[]): WizardStep {
    return (place) => this.#ask(place, root, files());
  }

  async #ask(place: StepPlace, root: string, files: readonly NewFile[]): Promise<Left | undefined> {
    const pick = vscode.window.createQuickPick<PreviewItem>();
    pick.placeholder = vscode.l10n.t('Write these files? Pick one to look at it first.');
    pick.items = [
      {
        label: `$(check) ${files.length === 1 ? vscode.l10n.t('Write 1 file') : vscode.l10n.t('Write {0} files', files.length)}`,
        description: vscode.l10n.t('into {0}', root),
        file: undefined,
      },
      ...files.map((file) => ({
        label: `$(file) ${file.path}`,
        description: file.executable ? vscode.l10n.t('executable') : '',
        file,
      })),
    ];
    const answer = await answerOf<'write'>(pick, place, (resolve) => [
      pick.onDidAccept(() => {
        const [item] = pick.activeItems;
        if (item?.file === undefined) resolve('write');
        else void this.#show(item.file);
      }),
    ]);
    return answer === 'write' ? undefined : answer;
  }

  async #show({ path, text }: NewFile): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${path}` });
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(uri, { preview: true, preserveFocus: true });
  }
}
