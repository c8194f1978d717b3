import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activate } from '../extension';

describe('Check Environment', () => {
  const settings = vscode.workspace.getConfiguration('pi-gen');
  before(async () => {
    await activate();
    await settings.update('docker.engine', 'unix:///nowhere/docker.sock', vscode.ConfigurationTarget.Global);
  });
  after(async () => {
    await settings.update('docker.engine', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('opens a report that names what fails and what to do about it', async () => {
    await vscode.commands.executeCommand('pi-gen.checkEnvironment');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'pi-gen-report');
    assert.equal(document.languageId, 'markdown');
    const text = document.getText();
    assert.match(text, /- \*\*Engine\*\*: fails\. No Docker engine at unix:\/\/\/nowhere\/docker\.sock/);
    assert.match(text, / {2}- Start Docker/);
    assert.match(text, /\| pi-gen Stages \| \d+\.\d+\.\d+ on .*VS Code \d/);
    assert.equal(document.isDirty, false);
  });
});
