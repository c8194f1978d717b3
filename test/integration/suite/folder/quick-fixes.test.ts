import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import {
  closeAll,
  openWritten,
  ours,
  until,
  untilAll,
  untilRules,
  uriIn,
  workspaceFolder,
} from '../diagnostics';
import { activate } from '../extension';
import { restore } from '../restore';

const run = promisify(execFile);
const nested = 'stage-radio/00-tuner/00-run-chroot.sh';
const withoutErrexit = 'stage-radio/00-tuner/01-run.sh';

describe('quick fixes', () => {
  let folder: vscode.Uri;
  before(async () => {
    folder = workspaceFolder();
    await activate();
  });
  beforeEach(() => untilAll(folder, `${nested} nested-on-chroot`, `${withoutErrexit} missing-errexit`));
  afterEach(async () => {
    await closeAll();
    await restore(folder);
  });

  it('unwrap a nested on_chroot in one step that can be undone', async () => {
    const document = await open(uriIn(folder, nested));
    const action = await preferredFix(document.uri);
    assert.equal(action.title, 'Remove the on_chroot wrapper and keep its body');
    assert.equal(action.kind?.value, vscode.CodeActionKind.QuickFix.value);
    assert.ok(action.edit);
    const before = document.getText();
    await vscode.workspace.applyEdit(action.edit);
    assert.equal(
      document.getText(),
      '#!/bin/bash -e\n\napt-get clean\n\nadduser "${FIRST_USER_NAME}" audio\n',
    );
    await untilRules(document.uri);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
    await untilRules(document.uri, 'nested-on-chroot');
  });

  it('add -e to the first line', async () => {
    const document = await open(uriIn(folder, withoutErrexit));
    const action = await preferredFix(document.uri);
    assert.ok(action.edit);
    await vscode.workspace.applyEdit(action.edit);
    assert.equal(document.lineAt(0).text, '#!/bin/bash -e');
    await untilRules(document.uri);
  });

  it('silence a finding by a comment above it', async () => {
    const document = await open(uriIn(folder, nested));
    const [finding] = ours(document.uri);
    assert.ok(finding);
    const before = document.getText();
    const action = await fixNamed(document.uri, finding.range, 'Disable nested-on-chroot for this line');
    await vscode.workspace.applyEdit(action.edit ?? new vscode.WorkspaceEdit());
    assert.equal(document.lineAt(finding.range.start.line).text, '# pigen: disable=nested-on-chroot');
    await untilRules(document.uri);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
    await untilRules(document.uri, 'nested-on-chroot');
  });

  it('turn a rule off in .pigen.yaml, seen before it is saved', async () => {
    const settings = uriIn(folder, '.pigen.yaml');
    await writeFile(settings.fsPath, 'rules:\n  nested-on-chroot: warning\n');
    const graver = uriIn(folder, nested);
    await until(
      () => ours(graver).some(({ severity }) => severity === vscode.DiagnosticSeverity.Warning),
      () => 'nested-on-chroot became no warning',
    );
    const document = await open(uriIn(folder, withoutErrexit));
    const [finding] = ours(document.uri);
    assert.ok(finding);
    const action = await fixNamed(document.uri, finding.range, 'Disable missing-errexit in .pigen.yaml');
    assert.ok(action.edit);
    await vscode.workspace.applyEdit(action.edit);
    await untilRules(document.uri);
    const written = await vscode.workspace.openTextDocument(settings);
    assert.equal(written.getText(), 'rules:\n  missing-errexit: off\n  nested-on-chroot: warning\n');
    await written.save();
  });

  it('mend all that needs no look, when asked for source.fixAll.pi-gen', async () => {
    const document = await open(uriIn(folder, withoutErrexit));
    for (const kind of ['source.fixAll', 'source.fixAll.pi-gen']) {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        new vscode.Range(0, 0, 0, 0),
        kind,
      );
      const own = actions.filter((action) => action.kind?.value === 'source.fixAll.pi-gen');
      assert.deepEqual(
        own.map(({ title }) => title),
        ['Fix all pi-gen findings'],
      );
      assert.ok(own[0]?.edit?.has(document.uri));
    }
  });

  it('mend on saving what was typed a moment ago', async () => {
    const document = await open(uriIn(folder, withoutErrexit));
    const settings = vscode.workspace.getConfiguration('', document.uri);
    const onSave = { 'source.fixAll.pi-gen': 'explicit' };
    await settings.update('editor.codeActionsOnSave', onSave, vscode.ConfigurationTarget.WorkspaceFolder);
    // Longer than any save: only what does not wait for it can be in time.
    await settings.update('pi-gen.diagnostics.delay', 5000, vscode.ConfigurationTarget.Global);
    try {
      const end = document.lineAt(document.lineCount - 1).range.end;
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, end, '\non_chroot systemctl enable tuner\n');
      await vscode.workspace.applyEdit(edit);
      await vscode.commands.executeCommand('workbench.action.files.save');
      assert.equal(document.isDirty, false);
      const saved = await readFile(document.uri.fsPath, 'utf8');
      assert.ok(saved.startsWith('#!/bin/bash -e\n'), saved);
      assert.match(saved, /on_chroot << 'EOF'\nsystemctl enable tuner\nEOF\n/);
    } finally {
      await settings.update('pi-gen.diagnostics.delay', undefined, vscode.ConfigurationTarget.Global);
      const target = vscode.ConfigurationTarget.WorkspaceFolder;
      await settings.update('editor.codeActionsOnSave', undefined, target);
    }
  });

  it('change several files in one step that can be undone', async () => {
    const host = uriIn(folder, 'stage-radio/00-tuner/00-run.sh');
    const before = [
      '#!/bin/bash -e\n\n# The finding moves to the line of this text.\non_chroot << EOF\napt-get clean\nEOF\n\nldconfig\n',
      '#!/bin/bash\n\ninstall -d "${ROOTFS_DIR}/opt/tuner"\ninstall -d "${ROOTFS_DIR}/opt/radio"\n',
    ] as const;
    await writeFile(host.fsPath, before[1], { mode: 0o755 });
    const block = uriIn(folder, nested);
    await writeFile(block.fsPath, before[0]);
    const other = await openWritten(host, before[1]);
    const document = await openWritten(block, before[0]);
    // What is there now is known once each file has the finding of its new text.
    await untilRules(host, 'missing-errexit');
    await until(
      () => ours(block).some(({ range }) => range.start.line === 3),
      () => 'the block that was moved down by a line has no finding there',
    );
    const [finding] = await untilRules(block, 'nested-on-chroot');
    assert.ok(finding);
    const title = 'Move the on_chroot block to 00-run.sh, which runs on the build host';
    const action = await fixNamed(block, finding.range, title);
    assert.ok(action.edit);
    assert.equal(action.edit.entries().length, 2);
    await vscode.workspace.applyEdit(action.edit);
    const after = [
      '#!/bin/bash -e\n\n# The finding moves to the line of this text.\n\nldconfig\n',
      `${before[1]}\non_chroot << EOF\napt-get clean\nEOF\n`,
    ];
    assert.deepEqual([document.getText(), other.getText()], after);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('undo');
    assert.deepEqual([document.getText(), other.getText()], before);
  });

  it('are there at once for who asks right after a key press', async () => {
    const document = await open(uriIn(folder, withoutErrexit));
    const settings = vscode.workspace.getConfiguration('', document.uri);
    // Longer than any look at a menu: only what does not wait for it can be in time.
    await settings.update('pi-gen.diagnostics.delay', 10_000, vscode.ConfigurationTarget.Global);
    try {
      const last = document.lineCount - 1;
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.lineAt(last).range.end, '\non_chroot systemctl enable tuner\n');
      await vscode.workspace.applyEdit(edit);
      const actions = await fixesAt(document.uri, document.lineAt(last + 1).range);
      const titles = actions.map(({ title }) => title);
      assert.ok(titles.includes('Disable on-chroot-arguments for this line'), titles.join(', '));
    } finally {
      await settings.update('pi-gen.diagnostics.delay', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('heed the setting of a rule', async () => {
    const uri = uriIn(folder, withoutErrexit);
    const settings = vscode.workspace.getConfiguration('pi-gen', uri);
    await settings.update('rules', { 'missing-errexit': 'off' }, vscode.ConfigurationTarget.WorkspaceFolder);
    await untilRules(uri);
    await settings.update('rules', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    await untilRules(uri, 'missing-errexit');
  });

  it('know nothing of a text that has changed since', async () => {
    const document = await open(uriIn(folder, nested));
    const [finding] = ours(document.uri);
    assert.ok(finding);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '# first\n# second\n');
    await vscode.workspace.applyEdit(edit);
    // Either the old findings are void, or the new ones are there: a fix never hits the wrong lines.
    for (const action of await fixesAt(document.uri, finding.range)) {
      for (const change of action.edit?.get(document.uri) ?? []) {
        assert.ok(change.range.start.line >= 6, action.title);
      }
    }
  });

  it('set the execute bit on disk and in the git index', async function () {
    if (process.platform === 'win32') return;
    await run('git', ['init', '--quiet'], { cwd: folder.fsPath });
    const script = uriIn(folder, 'stage-kiosk/00-display/00-run.sh');
    await chmod(script.fsPath, 0o644);
    await run('git', ['add', '.'], { cwd: folder.fsPath });
    const document = await open(script);
    await untilRules(script, 'not-executable');

    const action = await preferredFix(document.uri);
    assert.ok(action.command);
    await vscode.commands.executeCommand(
      action.command.command,
      ...((action.command.arguments ?? []) as unknown[]),
    );
    await untilRules(script);
    assert.equal((await stat(script.fsPath)).mode & 0o777, 0o755);
    const listed = await run('git', ['ls-files', '--stage', '--', script.fsPath], { cwd: folder.fsPath });
    assert.match(listed.stdout, /^100755 /);
  });

  it('rename a file that pi-gen ignores', async () => {
    const ignored = uriIn(folder, 'stage-kiosk/01-browser/01-run_chroot.sh');
    const right = uriIn(folder, 'stage-kiosk/01-browser/01-run-chroot.sh');
    await writeFile(ignored.fsPath, 'apt-get clean\n');
    await open(ignored);
    await untilRules(ignored, 'ignored-file');
    const action = await preferredFix(ignored);
    assert.ok(action.edit);
    await vscode.workspace.applyEdit(action.edit);
    await untilRules(ignored);
    assert.equal(await readFile(right.fsPath, 'utf8'), 'apt-get clean\n');
  });
});

async function open(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

async function fixesAt(uri: vscode.Uri, range: vscode.Range): Promise<vscode.CodeAction[]> {
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
  );
  return actions;
}

async function fixNamed(uri: vscode.Uri, range: vscode.Range, title: string): Promise<vscode.CodeAction> {
  const actions = await fixesAt(uri, range);
  const found = actions.find((action) => action.title === title);
  assert.ok(found, actions.map((action) => action.title).join(', '));
  return found;
}

/** The one fix that is right nearly always, of the only finding of a file. */
async function preferredFix(uri: vscode.Uri): Promise<vscode.CodeAction> {
  const [finding] = ours(uri);
  assert.ok(finding);
  const preferred = (await fixesAt(uri, finding.range)).filter(({ isPreferred }) => isPreferred);
  assert.equal(preferred.length, 1, preferred.map(({ title }) => title).join(', '));
  return preferred[0]!;
}
