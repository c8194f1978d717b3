import assert from 'node:assert/strict';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { env } from 'node:process';
import * as vscode from 'vscode';
import { copyAptTree, TestRepository } from '../../../apt/repository';
import { ours, untilRules, uriIn, workspaceFolder } from '../diagnostics';
import { activate } from '../extension';

describe('a folder that the user does not trust', () => {
  let folder: vscode.Uri;
  before(async () => {
    folder = workspaceFolder();
    await activate();
  });

  it('is not trusted in this run', () => {
    assert.equal(vscode.workspace.isTrusted, false);
  });

  it('is checked all the same', async () => {
    await untilRules(uriIn(folder, 'stage-radio/00-tuner/00-run-chroot.sh'), 'nested-on-chroot');
  });

  it('is explained all the same, and offers no build', async () => {
    const script = await vscode.workspace.openTextDocument(uriIn(folder, 'stage-kiosk/00-display/00-run.sh'));
    const position = script.positionAt(script.getText().indexOf('on_chroot'));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      script.uri,
      position,
    );
    assert.ok(hovers.length > 0);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      script.uri,
    );
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      ['Step 2 of 4 of stage-kiosk · on the build host'],
    );
  });

  it('is not checked by ShellCheck, which is a program that runs', async () => {
    const script = uriIn(folder, 'stage-kiosk/00-display/00-run.sh');
    const before = await readFile(script.fsPath, 'utf8');
    // The rules have spoken of the script as it is now once this is there, and ShellCheck would be next.
    await writeFile(script.fsPath, '#!/bin/bash\ncp $1 files\ncp $2 files\n');
    await untilRules(script, 'missing-errexit');
    await writeFile(script.fsPath, '#!/bin/bash -e\necho $1\nfor file in $(ls); do echo $file; done\n');
    await untilRules(script);
    await writeFile(script.fsPath, '#!/bin/bash\ncp $1 files\ncp $2 files\n');
    await untilRules(script, 'missing-errexit');
    const all = vscode.languages.getDiagnostics().flatMap(([, diagnostics]) => diagnostics);
    assert.deepEqual(
      all.filter(({ source }) => source === 'shellcheck'),
      [],
    );
    await writeFile(script.fsPath, before);
    await untilRules(script);
  });

  it('has nothing run for it: a command that another extension calls ends at once, with a word', async () => {
    // Trusted, most of them would ask what is meant, and wait.
    const commands = [
      'buildImage',
      'buildStage',
      'rebuildFromHere',
      'watchStage',
      'buildWorkflow',
      'attachToBuild',
    ];
    const others = [
      'traceStep',
      'skipStepOnce',
      'updateClone',
      'checkEnvironment',
      'cleanUp',
      'explainWorkflowRun',
    ];
    for (const name of [...commands, ...others]) await vscode.commands.executeCommand(`pi-gen.${name}`);
    await vscode.commands.executeCommand('notifications.clearAll');
  });

  it('keeps its execute bits: changing one runs git', async function () {
    if (process.platform === 'win32') return;
    const script = uriIn(folder, 'stage-kiosk/00-display/00-run.sh');
    await chmod(script.fsPath, 0o644);
    await untilRules(script, 'not-executable');
    assert.equal(ours(script).length, 1);
    // It answers with a message, and ends when that is closed.
    let ended = false;
    const command = Promise.resolve(vscode.commands.executeCommand('pi-gen.makeExecutable', [script]));
    void command.finally(() => (ended = true));
    while (!isTrue(ended)) await vscode.commands.executeCommand('notifications.clearAll');
    await command;
    assert.equal((await stat(script.fsPath)).mode & 0o111, 0);
  });

  it('has nobody asked for packages: its files name the addresses', async () => {
    const fixtures = path.resolve(env['PI_GEN_STAGES_FIXTURE'] ?? '', '../../apt');
    const repository = await TestRepository.start(fixtures);
    const tree = uriIn(folder, 'pi-gen').fsPath;
    try {
      const made = path.join(path.dirname(folder.fsPath), 'pi-gen');
      await copyAptTree(fixtures, made, repository.address);
      await writeFile(path.join(made, 'stage1/00-app/01-run-chroot.sh'), 'on_chroot << EOF\ntrue\nEOF\n');
      await rename(made, tree);
      await untilRules(uriIn(folder, 'pi-gen/stage1/00-app/01-run-chroot.sh'), 'nested-on-chroot');
      await vscode.commands.executeCommand('pi-gen.updatePackageIndex');
      assert.deepEqual(repository.requests, []);
    } finally {
      await repository.stop();
      await rm(tree, { recursive: true, force: true });
    }
  });

  it('cannot choose the engine: such settings count only once the folder is trusted', () => {
    const manifest = vscode.extensions.getExtension<unknown>('pi-gen-stages.pi-gen-stages')?.packageJSON as {
      capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
      contributes: { configuration: { properties: Record<string, unknown> }[] };
    };
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, 'limited');
    const properties = manifest.contributes.configuration.flatMap((group) => Object.keys(group.properties));
    const powerful = properties.filter((name) => !/^pi-gen\.(?:diagnostics\.|codeLens\.|rules$)/.test(name));
    assert.deepEqual([...restrictedConfigurations].sort(), powerful.sort());
  });
});

/** Keeps the compiler from taking a variable that changes elsewhere for a constant. */
function isTrue(value: boolean): boolean {
  return value;
}
