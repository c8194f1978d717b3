import { writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as vscode from 'vscode';

/** What was left when so many rounds were over. */
export interface Remains {
  readonly round: number;
  /** Bytes of the extension host's heap and of what hangs on it outside, such as the parser's memory, after all garbage is gone. */
  readonly bytes: number;
  /** Documents of past rounds that something still holds. */
  readonly documents: number;
}

/** Milliseconds for one thing to come true. */
const patience = 60_000;

/** A mistake that a check finds in any script: inside the chroot no service can be started. */
const mistake = 'on_chroot << EOF\nsystemctl start something\nEOF\n';

/** Called by the host, with a tree open: opens, edits and closes its scripts in turns, and writes down what is left. */
export async function run(): Promise<void> {
  const environment = process.env;
  const result = environment['PIGEN_BENCH_RESULT'];
  if (result === undefined) throw new Error('PIGEN_BENCH_RESULT is not set.');
  const rounds = Number(environment['PIGEN_BENCH_ROUNDS']);
  const isChecked = environment['PIGEN_BENCH_FINDINGS'] === 'yes';
  await vscode.extensions.getExtension(environment['PIGEN_BENCH_EXTENSION'] ?? '')?.activate();
  const scripts = await vscode.workspace.findFiles('**/*-run.sh');
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const past: WeakRef<vscode.TextDocument>[] = [];
  const remains: Remains[] = [];
  for (let round = 1; round <= rounds; round++) {
    const script = scripts[round % scripts.length];
    if (script === undefined) throw new Error('The tree has no scripts.');
    past.push(await openEditClose(script, isChecked));
    if (round % (rounds / 10) === 0) {
      for (let i = 0; i < 3; i++) {
        await setImmediate();
        collectGarbage();
      }
      const { heapUsed, external } = process.memoryUsage();
      const documents = past.filter((document) => document.deref() !== undefined).length;
      remains.push({ round, bytes: heapUsed + external, documents });
    }
  }
  await writeFile(result, JSON.stringify(remains));
}

async function openEditClose(script: vscode.Uri, isChecked: boolean): Promise<WeakRef<vscode.TextDocument>> {
  // Not openTextDocument, after which the editor itself keeps a document for some minutes.
  await vscode.commands.executeCommand('vscode.open', script);
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.uri.path !== script.path) throw new Error(`${script.path} is not in front.`);
  const { document } = editor;
  const end = document.lineAt(document.lineCount - 1).range.end;
  await editor.edit((edit) => {
    edit.insert(end, mistake);
  });
  if (isChecked) await untilFound(script);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  await untilClosed(script);
  return new WeakRef(document);
}

function untilFound(script: vscode.Uri): Promise<void> {
  const isFound = (): boolean =>
    vscode.languages.getDiagnostics(script).some(({ source }) => source === 'pi-gen');
  return until(`a finding in ${script.path}`, vscode.languages.onDidChangeDiagnostics, isFound);
}

function untilClosed(script: vscode.Uri): Promise<void> {
  const isClosed = (): boolean => vscode.workspace.textDocuments.every(({ uri }) => uri.path !== script.path);
  return until(`the end of ${script.path}`, vscode.workspace.onDidCloseTextDocument, isClosed);
}

function until(what: string, event: vscode.Event<unknown>, isTrue: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    if (isTrue()) {
      resolve();
      return;
    }
    const timer = setTimeout(() => {
      subscription.dispose();
      reject(new Error(`Nothing came of ${what} within ${patience / 1000} seconds.`));
    }, patience);
    const subscription = event(() => {
      if (!isTrue()) return;
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    });
  });
}
