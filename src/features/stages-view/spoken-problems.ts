import * as vscode from 'vscode';
import { folderOf } from '../../pigen/files/path';
import { pathOf } from '../paths';

interface Count {
  readonly errors: number;
  readonly warnings: number;
}

/** How many problems a file or folder has, in words, for those who do not see what the editor draws beside its name. */
export class SpokenProblems {
  /** What was last said of a path; those of which nothing was said are not among them. */
  readonly #said = new Map<string, string>();
  #counts: ReadonlyMap<string, Count> | undefined;

  /** `1 error, 2 warnings`, of a file or of all that a folder holds; undefined where there are none. */
  textOf(path: string): string | undefined {
    this.#counts ??= countAll();
    const text = wordsOf(this.#counts.get(path));
    if (text === undefined) this.#said.delete(path);
    else this.#said.set(path, text);
    return text;
  }

  /** What was counted does not hold any more. */
  forget(): void {
    this.#counts = undefined;
  }

  /** Those of the files, and of the folders around them, of which something else is to be said now. */
  changedIn(uris: readonly vscode.Uri[]): readonly string[] {
    const files = uris.filter(({ scheme }) => scheme === 'file').map(pathOf);
    return [...new Set(files.flatMap(withFolders))].filter(
      (path) => this.#said.get(path) !== this.textOf(path),
    );
  }
}

/** By path, a folder counting with all that it holds. */
function countAll(): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>();
  for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) {
    if (uri.scheme !== 'file') continue;
    const count = (wanted: vscode.DiagnosticSeverity): number =>
      diagnostics.filter(({ severity }) => severity === wanted).length;
    const errors = count(vscode.DiagnosticSeverity.Error);
    const warnings = count(vscode.DiagnosticSeverity.Warning);
    if (errors + warnings === 0) continue;
    for (const path of withFolders(pathOf(uri))) {
      const before = counts.get(path) ?? { errors: 0, warnings: 0 };
      counts.set(path, { errors: before.errors + errors, warnings: before.warnings + warnings });
    }
  }
  return counts;
}

/** A path and all folders above it. */
function withFolders(path: string): readonly string[] {
  const folder = folderOf(path);
  return folder === path || folder === '' ? [path] : [path, ...withFolders(folder)];
}

function wordsOf(count: Count | undefined): string | undefined {
  if (count === undefined) return undefined;
  const { errors, warnings } = count;
  const words = [
    ...(errors === 0 ? [] : [errors === 1 ? vscode.l10n.t('1 error') : vscode.l10n.t('{0} errors', errors)]),
    ...(warnings === 0
      ? []
      : [warnings === 1 ? vscode.l10n.t('1 warning') : vscode.l10n.t('{0} warnings', warnings)]),
  ];
  return words.join(', ');
}
