import * as vscode from 'vscode';

/** Takes one act back; false where that could not be done. */
type TakeBack = () => Promise<boolean>;

/**
 * What was done by the view's commands, to be taken back in it: the editor keeps such edits for the editors of the files that
 * they change, and a marker has none.
 */
export class ViewHistory {
  readonly #acts: { readonly title: string; readonly takeBack: TakeBack }[] = [];

  /** @param title for people: `Skip stage-x` */
  add(title: string, takeBack: TakeBack): void {
    this.#acts.push({ title, takeBack });
  }

  /** Something was done that cannot be taken back here: what was done before may no longer fit. */
  forget(): void {
    this.#acts.length = 0;
  }

  /** Takes back what was done last. */
  async undo(): Promise<void> {
    const last = this.#acts.pop();
    if (last === undefined) {
      vscode.window.setStatusBarMessage(vscode.l10n.t('There is nothing to undo in the Stages view.'), 5000);
    } else if (await last.takeBack()) {
      vscode.window.setStatusBarMessage(vscode.l10n.t('Undone: {0}', last.title), 5000);
    } else {
      this.forget();
      await vscode.window.showErrorMessage(
        vscode.l10n.t('This could not be undone, the files have changed since: {0}', last.title),
      );
    }
  }
}
