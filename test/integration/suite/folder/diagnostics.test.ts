import assert from 'node:assert/strict';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import {
  closeAll,
  ours,
  replaceLine,
  rulesAt,
  until,
  untilAll,
  untilRules,
  uriIn,
  workspaceFolder,
} from '../diagnostics';
import { activate } from '../extension';
import { restore } from '../restore';

const nested = 'stage-radio/00-tuner/00-run-chroot.sh';
const withoutErrexit = 'stage-radio/00-tuner/01-run.sh';
const clean = 'stage-kiosk/01-browser/00-run-chroot.sh';
const heredoc = ['on_chroot << EOF', 'apt-get clean', 'EOF', ''].join('\n');

describe('diagnostics', () => {
  let folder: vscode.Uri;
  const atRest = () => untilAll(folder, `${nested} nested-on-chroot`, `${withoutErrexit} missing-errexit`);

  before(async () => {
    folder = workspaceFolder();
    await activate();
  });
  beforeEach(() => atRest());
  afterEach(async () => {
    await closeAll();
    await restore(folder);
  });

  it('are there for files that were never opened', () => {
    assert.deepEqual(rulesAt(uriIn(folder, nested)), ['nested-on-chroot']);
    assert.deepEqual(rulesAt(uriIn(folder, withoutErrexit)), ['missing-errexit']);
  });

  it('underline the call, with the reason, the source and a link to the page of the rule', async () => {
    const uri = uriIn(folder, nested);
    const [finding] = ours(uri);
    assert.ok(finding);
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(finding.range.start.line, 4);
    assert.match(document.getText(finding.range), /^on_chroot/);
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Error);
    assert.match(finding.message, /already runs .* inside the chroot/);
    assert.equal(finding.source, 'pi-gen');
    assert.ok(typeof finding.code === 'object');
    assert.equal(finding.code.value, 'nested-on-chroot');
    assert.match(finding.code.target.path, /\/docs\/rules\/nested-on-chroot\.md$/);
    const page = await vscode.workspace.fs.readFile(finding.code.target);
    assert.match(new TextDecoder().decode(page), /nested-on-chroot/);
  });

  it('follow the text on screen, saved or not', async () => {
    const document = await vscode.workspace.openTextDocument(uriIn(folder, clean));
    await vscode.window.showTextDocument(document);
    await replaceLine(document, 3, heredoc);
    const [finding] = await untilRules(document.uri, 'nested-on-chroot');
    assert.equal(finding?.range.start.line, 2);
    assert.ok(document.isDirty);

    await replaceLine(document, 2, '\n\n');
    await untilRules(document.uri, 'nested-on-chroot');
    await untilLine(document.uri, 4);
    await vscode.commands.executeCommand('undo');
    await vscode.commands.executeCommand('undo');
    await untilRules(document.uri);
  });

  it('go back to the file when an unsaved document is closed', async () => {
    const document = await vscode.workspace.openTextDocument(uriIn(folder, clean));
    await vscode.window.showTextDocument(document);
    await replaceLine(document, 3, heredoc);
    await untilRules(document.uri, 'nested-on-chroot');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await untilRules(document.uri);
  });

  it('stay after a save, and go with the next one', async () => {
    const document = await vscode.workspace.openTextDocument(uriIn(folder, clean));
    const before = document.getText();
    await vscode.window.showTextDocument(document);
    await replaceLine(document, 3, heredoc);
    await document.save();
    await untilRules(document.uri, 'nested-on-chroot');

    const all = new vscode.Range(0, 0, document.lineCount, 0);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, all, before);
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await untilRules(document.uri);
  });

  it('follow a script that is renamed in the editor', async () => {
    const asChroot = uriIn(folder, nested);
    const asHost = uriIn(folder, 'stage-radio/00-tuner/02-run.sh');
    await renameFile(asChroot, asHost);
    // The same text runs on the host now, where on_chroot is right; but it has no execute bit.
    await untilRules(asChroot);
    await untilRules(asHost, 'not-executable');
  });

  it('go with a script that is deleted in the editor, and come back with it', async () => {
    const uri = uriIn(folder, nested);
    const contents = await vscode.workspace.fs.readFile(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.deleteFile(uri);
    await vscode.workspace.applyEdit(edit);
    await untilRules(uri);
    await vscode.workspace.fs.writeFile(uri, contents);
  });

  it('see what another program writes, renames and deletes', async () => {
    const uri = uriIn(folder, 'stage-radio/01-antenna/00-run-chroot.sh');
    const moved = uriIn(folder, 'stage-radio/02-antenna/00-run-chroot.sh');
    await mkdir(uriIn(folder, 'stage-radio/01-antenna').fsPath);
    await writeFile(uri.fsPath, heredoc);
    await untilRules(uri, 'nested-on-chroot');

    await rename(
      uriIn(folder, 'stage-radio/01-antenna').fsPath,
      uriIn(folder, 'stage-radio/02-antenna').fsPath,
    );
    await untilRules(uri);
    await untilRules(moved, 'nested-on-chroot');

    await writeFile(moved.fsPath, 'apt-get clean\n');
    await untilRules(moved);

    await writeFile(moved.fsPath, heredoc);
    await untilRules(moved, 'nested-on-chroot');
    await rm(uriIn(folder, 'stage-radio/02-antenna').fsPath, { recursive: true });
    await untilRules(moved);
  });

  it('see a change of the execute bit alone', async function () {
    if (process.platform === 'win32') return;
    const prerun = uriIn(folder, 'stage-radio/prerun.sh');
    await chmod(prerun.fsPath, 0o644);
    await untilRules(prerun, 'not-executable');
    await chmod(prerun.fsPath, 0o755);
    await untilRules(prerun);
  });

  it('say of a stage what is missing in it', async () => {
    const prerun = uriIn(folder, 'stage-radio/prerun.sh');
    await rm(prerun.fsPath);
    await untilRules(uriIn(folder, nested), 'missing-copy-previous', 'nested-on-chroot');
  });

  it('are silent where nothing is wrong, and outside of stages', async () => {
    await writeFile(uriIn(folder, 'notes-run-chroot.sh').fsPath, heredoc);
    await mkdir(uriIn(folder, 'work/kiosk/stage-radio/rootfs/00-a').fsPath, { recursive: true });
    const inRootfs = uriIn(folder, 'work/kiosk/stage-radio/rootfs/00-a/00-run-chroot.sh');
    await writeFile(inRootfs.fsPath, heredoc);
    // A change that is seen, so that the check which it starts has seen the others too.
    const seen = uriIn(folder, 'stage-kiosk/01-browser/01-run-chroot.sh');
    await writeFile(seen.fsPath, heredoc);
    await untilRules(seen, 'nested-on-chroot');
    assert.deepEqual(rulesAt(inRootfs), []);
    assert.deepEqual(rulesAt(uriIn(folder, 'notes-run-chroot.sh')), []);
  });

  it('go when checks are switched off, and come back', async () => {
    const settings = vscode.workspace.getConfiguration('pi-gen');
    await settings.update('diagnostics.enabled', false, vscode.ConfigurationTarget.Workspace);
    await untilAll(folder);
    await settings.update('diagnostics.enabled', undefined, vscode.ConfigurationTarget.Workspace);
    await atRest();
  });
});

async function renameFile(from: vscode.Uri, to: vscode.Uri): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.renameFile(from, to);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

async function untilLine(uri: vscode.Uri, line: number): Promise<void> {
  await until(
    () => ours(uri)[0]?.range.start.line === line,
    () =>
      `the finding should be in line ${line}, 0-based, but is in ${ours(uri)[0]?.range.start.line ?? 'none'}`,
  );
}
