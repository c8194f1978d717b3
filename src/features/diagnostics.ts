import * as vscode from 'vscode';
import type { Finding, Severity } from '../pigen/finding';
import { pathOf, rangeOf, uriOf } from './paths';

export const diagnosticSource = 'pi-gen';

const severityOf: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** A finding as the editor shows it, next to the diagnostic made from it. */
export interface ShownFinding {
  readonly finding: Finding;
  readonly diagnostic: vscode.Diagnostic;
  /** Version of the open document that the finding is about; undefined where the file is not open. */
  readonly version: number | undefined;
}

/**
 * Shows findings as diagnostics, by the tree (or build) that they come from, and finds them again for the quick fixes.
 */
export class Diagnostics implements vscode.Disposable {
  readonly #collection: vscode.DiagnosticCollection;
  /** By origin, then by file. */
  readonly #shown = new Map<string, Map<string, ShownFinding[]>>();

  constructor(
    name: string,
    private readonly pages: vscode.Uri,
  ) {
    this.#collection = vscode.languages.createDiagnosticCollection(name);
  }

  /** Puts the findings of one origin in the place of those it had before. */
  show(origin: string, findings: readonly Finding[]): void {
    const before = this.#shown.get(origin);
    const now = new Map<string, ShownFinding[]>();
    for (const finding of findings) {
      const version = vscode.workspace.textDocuments.find(
        (open) => pathOf(open.uri) === finding.file,
      )?.version;
      const shown = { finding, diagnostic: this.#diagnostic(finding), version };
      const others = now.get(finding.file);
      if (others === undefined) now.set(finding.file, [shown]);
      else others.push(shown);
    }
    this.#shown.set(origin, now);
    this.#publish(new Set([...(before?.keys() ?? []), ...now.keys()]));
  }

  clear(origin: string): void {
    const before = this.#shown.get(origin);
    if (before === undefined) return;
    this.#shown.delete(origin);
    this.#publish(new Set(before.keys()));
  }

  /** Whether the same rule says something of the same line already, or of the file that the finding is about as a whole. */
  has({ file, rule, range }: Finding): boolean {
    const { start, end } = range;
    const isWhole = start.line === end.line && start.column === end.column;
    return this.ofRule(file, rule).some(({ finding }) => isWhole || finding.range.start.line === start.line);
  }

  /** All findings of one origin. */
  ofOrigin(origin: string): readonly Finding[] {
    return [...(this.#shown.get(origin)?.values() ?? [])].flat().map(({ finding }) => finding);
  }

  /** What a rule says of a file. */
  ofRule(file: string, rule: string): readonly ShownFinding[] {
    return this.#of(file).filter(({ finding }) => finding.rule === rule);
  }

  /** All that is shown. */
  get all(): readonly ShownFinding[] {
    return [...this.#shown.values()].flatMap((files) => [...files.values()].flat());
  }

  /** The findings that touch a range of a document, as long as the document is still the one that they are about. */
  at(document: vscode.TextDocument, range: vscode.Range): readonly ShownFinding[] {
    return this.#of(pathOf(document.uri)).filter(
      ({ diagnostic, version }) =>
        (version === undefined || version === document.version) &&
        diagnostic.range.intersection(range) !== undefined,
    );
  }

  dispose(): void {
    this.#shown.clear();
    this.#collection.dispose();
  }

  #of(file: string): readonly ShownFinding[] {
    return [...this.#shown.values()].flatMap((files) => files.get(file) ?? []);
  }

  #publish(files: ReadonlySet<string>): void {
    for (const file of files) {
      const diagnostics = this.#of(file).map(({ diagnostic }) => diagnostic);
      this.#collection.set(uriOf(file), diagnostics.length === 0 ? undefined : diagnostics);
    }
  }

  #codeOf({ rule, code, docs }: Finding): NonNullable<vscode.Diagnostic['code']> {
    if (code !== undefined) return { value: code.name, target: vscode.Uri.parse(code.page) };
    return docs === undefined ? rule : { value: rule, target: vscode.Uri.joinPath(this.pages, docs) };
  }

  #diagnostic(finding: Finding): vscode.Diagnostic {
    const diagnostic = new vscode.Diagnostic(
      rangeOf(finding.range),
      finding.message,
      severityOf[finding.severity],
    );
    // What another checker says goes by its name, and links to its own page.
    diagnostic.source = finding.code === undefined ? diagnosticSource : finding.rule;
    diagnostic.code = this.#codeOf(finding);
    if (finding.related !== undefined) {
      diagnostic.relatedInformation = finding.related.map(
        ({ file, range, message }) =>
          new vscode.DiagnosticRelatedInformation(new vscode.Location(uriOf(file), rangeOf(range)), message),
      );
    }
    return diagnostic;
  }
}
