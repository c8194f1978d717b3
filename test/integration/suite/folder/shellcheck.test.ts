import assert from 'node:assert/strict';
import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { env } from 'node:process';
import * as vscode from 'vscode';
import { closeAll, openWritten, until, uriIn, workspaceFolder } from '../diagnostics';
import { findShellCheck } from '../../../../src/shellcheck/find-shellcheck';
import { activate } from '../extension';
import { restore } from '../restore';

const script = 'stage-kiosk/00-display/00-run.sh';
const text = `#!/bin/bash -e

on_chroot << EOF
echo 😀 \\$HOME/app
if true; then
	echo \\$HOME
fi
EOF
`;

describe('ShellCheck', () => {
  let folder: vscode.Uri;

  before(async () => {
    folder = workspaceFolder();
    await activate();
  });

  afterEach(async () => {
    await closeAll();
    await restore(folder);
  });

  it('underlines in the body of a heredoc exactly what it speaks of, and mends it there', async () => {
    const uri = uriIn(folder, script);
    await writeFile(uri.fsPath, text);
    // The file that is there now is known once it has findings of its own.
    await untilCodes(uri, 'SC2086', 'SC2086');
    const document = await openWritten(uri, text);
    const [finding] = ofShellCheck(uri);
    assert.ok(finding);
    assert.deepEqual(finding.range, new vscode.Range(3, 9, 3, 14));
    assert.equal(document.getText(finding.range), '$HOME');
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Information);
    assert.ok(typeof finding.code === 'object');
    assert.equal(finding.code.target.toString(), 'https://www.shellcheck.net/wiki/SC2086');
    await apply(uri, finding.range, 'Apply ShellCheck’s fix for SC2086');
    assert.equal(document.lineAt(3).text, 'echo 😀 "\\$HOME"/app');
    await untilCodes(uri, 'SC2086');
  });

  it('is silenced by a comment of its own, in the program that it is about', async () => {
    const uri = uriIn(folder, script);
    await writeFile(uri.fsPath, text);
    // The file that is there now is known once it has findings of its own.
    await untilCodes(uri, 'SC2086', 'SC2086');
    const document = await openWritten(uri, text);
    const last = ofShellCheck(uri).at(-1);
    assert.ok(last);
    await apply(uri, last.range, 'Disable SC2086 for this line');
    assert.equal(document.lineAt(5).text, '\t# shellcheck disable=SC2086');
    await untilCodes(uri, 'SC2086');
  });

  it('is shown as far as the settings want it: in heredocs alone, or without some codes', async () => {
    const uri = uriIn(folder, script);
    await writeFile(uri.fsPath, text.replace('on_chroot', 'install -d $1\non_chroot'));
    const settings = vscode.workspace.getConfiguration('pi-gen', folder);
    const set = async (name: string, value: unknown): Promise<void> => {
      await settings.update(`shellcheck.${name}`, value, vscode.ConfigurationTarget.WorkspaceFolder);
    };
    try {
      await untilCodes(uri, 'SC2086', 'SC2086', 'SC2086');
      await set('scripts', 'heredocs');
      await untilCodes(uri, 'SC2086', 'SC2086');
      await set('scripts', 'all');
      await untilCodes(uri, 'SC2086', 'SC2086', 'SC2086');
      await set('exclude', ['SC2086']);
      await untilCodes(uri);
    } finally {
      await set('scripts', undefined);
      await set('exclude', undefined);
    }
  });

  it('is killed when a key press makes it void, and what it would have said is never shown', async () => {
    if (process.platform === 'win32') return;
    const slow = path.join(path.dirname(folder.fsPath), 'slow-shellcheck');
    // Beside the fixtures of this suite: the ShellCheck of this machine, which notes its start and waits if told to.
    const fixtures = path.resolve(env['PI_GEN_STAGES_FIXTURE'] ?? '', '../../../unit/shellcheck');
    await copyFile(path.join(fixtures, 'counting-shellcheck.sh'), slow);
    await chmod(slow, 0o755);
    const real = await findShellCheck({ asked: undefined, environment: env });
    assert.ok(real.kind === 'found', 'ShellCheck is not installed');
    await writeFile(path.join(path.dirname(slow), 'real'), real.binary.path);
    const started = path.join(path.dirname(slow), 'started');
    const wait = path.join(path.dirname(slow), 'wait');
    await writeFile(wait, '');
    const uri = uriIn(folder, script);
    const settings = vscode.workspace.getConfiguration('pi-gen');
    try {
      await settings.update('shellcheck.path', slow, vscode.ConfigurationTarget.Global);
      await writeFile(uri.fsPath, text);
      const document = await openWritten(uri, text);
      const pid = await pidOf(started);
      await rm(wait);
      await replaceAll(document, text.replace('echo 😀 \\$HOME/app', 'kill \\$(cat /run/pid)'));
      await untilCodes(uri, 'SC2046', 'SC2086');
      assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    } finally {
      await settings.update('shellcheck.path', undefined, vscode.ConfigurationTarget.Global);
      await rm(wait, { force: true });
      await rm(started, { force: true });
    }
  });
});

function ofShellCheck(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'shellcheck')
    .sort((a, b) => a.range.start.compareTo(b.range.start));
}

function codesOf(uri: vscode.Uri): string[] {
  return ofShellCheck(uri)
    .map(({ code }) => String(typeof code === 'object' ? code.value : code))
    .sort();
}

async function untilCodes(uri: vscode.Uri, ...codes: string[]): Promise<void> {
  await until(
    () => codesOf(uri).join() === codes.join(),
    () => `ShellCheck should say [${codes.join()}] of ${uri.path} but says [${codesOf(uri).join()}]`,
  );
}

/** Applies an action once it is offered: what is said of an older version of the text has none. */
async function apply(uri: vscode.Uri, range: vscode.Range, title: string): Promise<void> {
  for (;;) {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const edit = actions.find((one) => one.title === title)?.edit;
    if (edit === undefined) continue;
    await vscode.workspace.applyEdit(edit);
    return;
  }
}

async function replaceAll(document: vscode.TextDocument, to: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), to);
  await vscode.workspace.applyEdit(edit);
}

/** The process that reads files, once it has noted its start. */
async function pidOf(started: string): Promise<number> {
  for (;;) {
    const lines = (await readFile(started, 'utf8').catch(() => '')).split('\n');
    const line = lines.find((one) => one.includes('--format=json1'));
    if (line !== undefined) return Number(line.split(' ')[0]);
    // The editor's own work goes on meanwhile.
    await vscode.commands.executeCommand('setContext', 'pi-gen.test', true);
  }
}
