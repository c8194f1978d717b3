import path from 'node:path';
import * as vscode from 'vscode';

/** What a change may take to be seen in the diagnostics, in milliseconds; it is waited for by event, never by time. */
const limit = 30_000;

export interface Shown {
  readonly rule: string;
  readonly severity: string;
  /** 1-based. */
  readonly line: number;
  /** The text that is underlined. */
  readonly text: string;
}

export function workspaceFolder(index = 0): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[index];
  if (folder === undefined) throw new Error(`The window has no workspace folder ${index}.`);
  return folder.uri;
}

export function uriIn(folder: vscode.Uri, file: string): vscode.Uri {
  return vscode.Uri.file(path.join(folder.fsPath, file));
}

/** Opens a file in an editor, once its text is this one: a document that is known already follows its file a moment later. */
export async function openWritten(uri: vscode.Uri, text: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  await untilEvent(
    vscode.workspace.onDidChangeTextDocument,
    () => document.getText() === text,
    () => `${uri.path} should be\n${text}\nbut is\n${document.getText()}`,
  );
  return document;
}

/** Our diagnostics of a file, as they are now. */
export function ours(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'pi-gen');
}

export function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

export function rulesAt(uri: vscode.Uri): string[] {
  return ours(uri).map(ruleOf).sort();
}

/** Resolves once the condition holds, looked at again after every change of diagnostics; rejects with `describe()` in the end. */
export async function until(condition: () => boolean, describe: () => string): Promise<void> {
  await untilEvent(vscode.languages.onDidChangeDiagnostics, condition, describe);
}

/** Resolves once the condition holds, looked at again after every event; rejects with `describe()` in the end. */
async function untilEvent<Change>(
  event: vscode.Event<Change>,
  condition: () => boolean,
  describe: () => string,
): Promise<void> {
  if (condition()) return;
  await new Promise<void>((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      subscription.dispose();
      settle();
    };
    const subscription = event(() => {
      if (condition()) finish(resolve);
    });
    const timer = setTimeout(() => {
      finish(() => {
        reject(new Error(`Not so after ${limit / 1000} seconds: ${describe()}`));
      });
    }, limit);
  });
}

/** Waits until a file has diagnostics of exactly these rules (sorted by name), and answers with them. */
export async function untilRules(uri: vscode.Uri, ...rules: string[]): Promise<vscode.Diagnostic[]> {
  const wanted = rules.sort().join(', ');
  await until(
    () => rulesAt(uri).join(', ') === wanted,
    () => `${uri.path} should have [${wanted}] but has [${rulesAt(uri).join(', ')}]`,
  );
  return ours(uri);
}

/** Waits until the whole window shows exactly these findings, each as `file rule` with the file relative to `folder`. */
export async function untilAll(folder: vscode.Uri, ...wanted: string[]): Promise<void> {
  const now = () =>
    vscode.languages
      .getDiagnostics()
      .flatMap(([uri]) =>
        ours(uri).map((diagnostic) => `${path.relative(folder.fsPath, uri.fsPath)} ${ruleOf(diagnostic)}`),
      )
      .sort();
  const text = wanted.sort().join('\n');
  await until(
    () => now().join('\n') === text,
    () => `the findings should be\n${text}\nbut are\n${now().join('\n')}`,
  );
}

/** Puts a text in the place of a line (1-based) of an open document, without saving it. */
export async function replaceLine(document: vscode.TextDocument, line: number, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, document.lineAt(line - 1).range, text);
  await vscode.workspace.applyEdit(edit);
}

/** Takes back what is not saved and closes every editor. */
export async function closeAll(): Promise<void> {
  for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
