import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { env } from 'node:process';
import * as vscode from 'vscode';
import { copyAptTree, TestRepository } from '../../../apt/repository';
import { closeAll, replaceLine, rulesAt, untilAll, untilRules, uriIn, workspaceFolder } from '../diagnostics';
import { activate } from '../extension';
import { restore } from '../restore';

const before = [
  'stage-radio/00-tuner/00-run-chroot.sh nested-on-chroot',
  'stage-radio/00-tuner/01-run.sh missing-errexit',
];

const marker = 'stage1/00-app/01-run-chroot.sh';

describe('the package index', () => {
  const fixtures = path.resolve(env['PI_GEN_STAGES_FIXTURE'] ?? '', '../../apt');
  let folder: vscode.Uri;
  let packages: vscode.Uri;
  let repository: TestRepository;

  beforeEach(async () => {
    folder = workspaceFolder();
    await activate();
    await untilAll(folder, ...before);
    repository = await TestRepository.start(fixtures);
    // Moved in as a whole, so that nobody looks at half of it.
    const made = path.join(path.dirname(folder.fsPath), 'pi-gen');
    await copyAptTree(fixtures, made, repository.address);
    // What shows that the tree is checked, where the packages are silent.
    await writeFile(path.join(made, marker), 'on_chroot << EOF\ntrue\nEOF\n');
    await rename(made, uriIn(folder, 'pi-gen').fsPath);
    packages = uriIn(folder, 'pi-gen/stage1/00-app/00-packages');
    await untilRules(uriIn(folder, `pi-gen/${marker}`), 'nested-on-chroot');
  });

  afterEach(async () => {
    await closeAll();
    await vscode.commands.executeCommand('notifications.clearAll');
    await repository.stop();
    await restore(folder);
    await untilAll(folder, ...before);
  });

  it('is asked of nobody, and says nothing, until it is fetched', () => {
    assert.deepEqual(rulesAt(packages), []);
    assert.deepEqual(repository.requests, []);
  });

  it('is fetched by its command, and a misspelt package is then underlined and put right', async () => {
    await vscode.commands.executeCommand('pi-gen.updatePackageIndex');
    assert.ok(repository.requests.some((asked) => asked.endsWith('/Packages.gz')));
    const [found] = await untilRules(packages, 'unknown-package');
    assert.ok(found);
    const document = await vscode.workspace.openTextDocument(packages);
    await vscode.window.showTextDocument(document);
    assert.equal(document.getText(found.range), 'pyhton3');

    const hovers = await vscode.commands.executeCommand<readonly vscode.Hover[]>(
      'vscode.executeHoverProvider',
      packages,
      found.range.start,
    );
    const said = hovers.flatMap(({ contents }) => contents as vscode.MarkdownString[]);
    assert.ok(said.some(({ value }) => value.includes('Near it: `python3`')));
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      packages,
      found.range.start.translate(0, 2),
    );
    assert.ok(list.items.some(({ label }) => label === 'python3'));

    const actions = await vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      packages,
      found.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ title }) => title === 'Change pyhton3 to python3');
    assert.ok(fix?.edit);
    await vscode.workspace.applyEdit(fix.edit);
    assert.equal(document.lineAt(1).text, 'python3');
    await untilRules(packages);
  });

  it('leaves the packages alone where a repository cannot be asked', async () => {
    repository.files.delete('/archive/dists/trixie/InRelease');
    await vscode.commands.executeCommand('pi-gen.updatePackageIndex');
    const script = await vscode.workspace.openTextDocument(uriIn(folder, `pi-gen/${marker}`));
    await replaceLine(script, 1, 'true << EOF');
    // A check that begins after the update.
    await untilRules(script.uri);
    assert.deepEqual(rulesAt(packages), []);
  });

  it('is fetched by itself where the setting says so', async () => {
    const settings = vscode.workspace.getConfiguration('pi-gen');
    await settings.update('packages.updateIndex', 'daily', vscode.ConfigurationTarget.Global);
    try {
      await replaceLine(await vscode.workspace.openTextDocument(packages), 1, 'vim tree');
      await untilRules(packages, 'unknown-package');
    } finally {
      await settings.update('packages.updateIndex', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
