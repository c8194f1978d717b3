import * as vscode from 'vscode';
import type { Finding, Fix } from '../pigen/finding';
import { compatibleFixes, preferredFix } from '../rules/apply-fixes';
import { silencingFixes } from '../rules/control/silencing-fixes';
import type { Checked } from '../rules/control/silencing-fixes';
import type { Diagnostics, ShownFinding } from './diagnostics';
import { pathOf } from './paths';
import { prepareFix } from './workspace-edit';

const fixAllKind = vscode.CodeActionKind.SourceFixAll.append('pi-gen');

/** Offers the fixes of the findings under the cursor, ways to silence them, and all fixes of a file at once. */
export class QuickFixes implements vscode.CodeActionProvider {
  static readonly metadata: vscode.CodeActionProviderMetadata = {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, fixAllKind],
  };

  /**
   * @param checks what rules and ShellCheck found
   * @param failures what a failed build says
   * @param checked the last check of the tree that a file belongs to
   * @param settle resolves once a file is checked as it is now
   */
  constructor(
    private readonly checks: readonly Diagnostics[],
    private readonly failures: Diagnostics,
    private readonly checked: (file: string) => Checked | undefined,
    private readonly settle: (file: string) => Promise<void>,
  ) {}

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] | Promise<vscode.CodeAction[]> {
    if (wantsFixAll(context.only)) return this.#fixAll(document);
    const found = this.checks.flatMap((one) => one.at(document, range));
    const failed = this.failures.at(document, range);
    return [
      ...[...found, ...failed].flatMap(ownFixes),
      ...failed.flatMap((shown) => this.#fixesOfFailure(document, shown)),
      ...this.#fixesOfRule(document, found),
      ...found.flatMap((shown) => this.#silencing(document, shown)),
      ...found.flatMap(pageOfCode),
    ];
  }

  /** What is right nearly always and changes this text only: it is applied without a look, when saving. */
  async #fixAll(document: vscode.TextDocument): Promise<vscode.CodeAction[]> {
    // Who saves right after a key press has not waited for the check.
    await this.settle(pathOf(document.uri));
    const fixes = this.#fixesIn(document, this.#all(document));
    if (fixes.length === 0) return [];
    return [actionOf(together(vscode.l10n.t('Fix all pi-gen findings'), fixes), fixAllKind)];
  }

  /** One action for a rule that has several findings in the file. */
  #fixesOfRule(document: vscode.TextDocument, under: readonly ShownFinding[]): vscode.CodeAction[] {
    const all = this.#all(document);
    const names = new Set(under.map(({ finding }) => nameOf(finding)));
    return [...names].flatMap((name) => {
      const same = all.filter(({ finding }) => nameOf(finding) === name);
      // Who asks for one code of ShellCheck has looked at it.
      const fixes = this.#fixesIn(document, same, (finding) =>
        finding.code === undefined ? preferredFix(finding) : finding.fixes?.[0],
      );
      if (fixes.length < 2) return [];
      const title = vscode.l10n.t('Fix all {0} in this file', name);
      const action = actionOf(together(title, fixes), vscode.CodeActionKind.QuickFix);
      action.diagnostics = same.map(({ diagnostic }) => diagnostic);
      return [action];
    });
  }

  /** Those of the rule that sees the same cause elsewhere in the file, and to take the finding away. */
  #fixesOfFailure(document: vscode.TextDocument, { finding, diagnostic }: ShownFinding): vscode.CodeAction[] {
    const ofRule = this.checks
      .flatMap((one) => one.ofRule(finding.file, finding.rule))
      .filter(({ version }) => version === undefined || version === document.version);
    const dismiss = new vscode.CodeAction(
      vscode.l10n.t('Dismiss what the build says of this line'),
      vscode.CodeActionKind.QuickFix,
    );
    dismiss.diagnostics = [diagnostic];
    dismiss.command = {
      command: 'pi-gen.dismissBuildFinding',
      title: dismiss.title,
      arguments: [finding.file, finding.rule, finding.range.start.line],
    };
    return [...ofRule.flatMap(ownFixes), dismiss];
  }

  #silencing(document: vscode.TextDocument, { finding, diagnostic }: ShownFinding): vscode.CodeAction[] {
    const checked = this.checked(pathOf(document.uri));
    if (checked === undefined) return [];
    return silencingFixes(finding, checked, document.getText()).map((fix) => {
      const action = actionOf(fix, vscode.CodeActionKind.QuickFix);
      action.diagnostics = [diagnostic];
      return action;
    });
  }

  #all(document: vscode.TextDocument): readonly ShownFinding[] {
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    return this.checks.flatMap((one) => one.at(document, whole));
  }

  /** The fixes that change nothing but the text of the document, as many as go together: preferred ones unless told otherwise. */
  #fixesIn(
    document: vscode.TextDocument,
    shown: readonly ShownFinding[],
    choose: (finding: Finding) => Fix | undefined = preferredFix,
  ): readonly Fix[] {
    const file = pathOf(document.uri);
    return compatibleFixes(
      shown.map(({ finding }) => finding),
      (finding) => {
        const fix = choose(finding);
        return fix?.edits.every((edit) => edit.kind === 'replace' && edit.file === file) === true
          ? fix
          : undefined;
      },
    );
  }
}

/** The rule, or the code of the checker that goes by the rule's name. */
function nameOf({ rule, code }: Finding): string {
  return code?.name ?? rule;
}

/** What ShellCheck's finding means stands in its wiki. */
function pageOfCode({ finding: { code }, diagnostic }: ShownFinding): vscode.CodeAction[] {
  if (code === undefined) return [];
  const title = vscode.l10n.t('Open the page about {0}', code.name);
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.command = { command: 'vscode.open', title, arguments: [vscode.Uri.parse(code.page)] };
  action.diagnostics = [diagnostic];
  return [action];
}

/** Such an action is made only when asked for, as on saving: else it would stand in every menu. */
function wantsFixAll(only: vscode.CodeActionKind | undefined): boolean {
  if (only === undefined || only.value === '') return false;
  return fixAllKind.contains(only) || only.contains(fixAllKind);
}

function together(title: string, fixes: readonly Fix[]): Fix {
  return { title, edits: fixes.flatMap(({ edits }) => edits) };
}

function ownFixes({ finding, diagnostic }: ShownFinding): vscode.CodeAction[] {
  return (finding.fixes ?? []).map((fix) => {
    const action = actionOf(fix, vscode.CodeActionKind.QuickFix);
    action.diagnostics = [diagnostic];
    action.isPreferred = fix.preferred ?? false;
    return action;
  });
}

function actionOf(fix: Fix, kind: vscode.CodeActionKind): vscode.CodeAction {
  const action = new vscode.CodeAction(fix.title, kind);
  const { edit, executable } = prepareFix(fix);
  if (edit.size > 0 || fix.edits.some(({ kind: change }) => change !== 'make-executable')) action.edit = edit;
  if (executable.length > 0) {
    action.command = { command: 'pi-gen.makeExecutable', title: fix.title, arguments: [executable] };
  }
  return action;
}
