import * as vscode from 'vscode';
import { pathOf, uriOf } from '../paths';

/** How many problems a file has, in words, for those who do not see the number that the editor draws beside its name. */
export class SpokenProblems {
  /** What was last said of a file; files of which nothing was said are not among them. */
  readonly #said = new Map<string, string>();

  /** `1 error, 2 warnings`; undefined where there are none. */
  textOf(path: string): string | undefined {
    const text = wordsOf(vscode.languages.getDiagnostics(uriOf(path)));
    if (text === undefined) this.#said.delete(path);
    else this.#said.set(path, text);
    return text;
  }

  /** The paths of these files of which something else is to be said now. */
  changedIn(uris: readonly vscode.Uri[]): readonly string[] {
    return uris
      .filter(({ scheme }) => scheme === 'file')
      .map(pathOf)
      .filter((path) => this.#said.get(path) !== this.textOf(path));
  }
}

function wordsOf(diagnostics: readonly vscode.Diagnostic[]): string | undefined {
  const count = (wanted: vscode.DiagnosticSeverity): number =>
    diagnostics.filter(({ severity }) => severity === wanted).length;
  const errors = count(vscode.DiagnosticSeverity.Error);
  const warnings = count(vscode.DiagnosticSeverity.Warning);
  const words = [
    ...(errors === 0 ? [] : [errors === 1 ? vscode.l10n.t('1 error') : vscode.l10n.t('{0} errors', errors)]),
    ...(warnings === 0
      ? []
      : [warnings === 1 ? vscode.l10n.t('1 warning') : vscode.l10n.t('{0} warnings', warnings)]),
  ];
  return words.length === 0 ? undefined : words.join(', ');
}
