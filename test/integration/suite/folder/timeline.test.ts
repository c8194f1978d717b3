import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import builds from '../../../fixtures/timeline/builds.json';
import { activate } from '../extension';

describe('Show Build Timeline', () => {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const deploy = path.join(root, 'deploy');
  before(async () => {
    await activate();
    await mkdir(deploy, { recursive: true });
    await writeFile(path.join(deploy, '.build-docker.log.timeline'), JSON.stringify(builds));
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await rm(deploy, { recursive: true });
  });

  it('opens a page that asks for what is kept, and is shown it', async () => {
    await vscode.commands.executeCommand('pi-gen.showTimeline');
    // The tab has this name once its page has run, said so and was sent the builds.
    const tab = await activeTab(`Timeline: ${path.basename(root)}`);
    assert.ok(tab.input instanceof vscode.TabInputWebview);
    assert.match(tab.input.viewType, /pi-gen\.timeline/);
  });
});

/** The active tab, when it has a name. */
async function activeTab(name: string): Promise<vscode.Tab> {
  for (;;) {
    const { activeTab: tab } = vscode.window.tabGroups.activeTabGroup;
    if (tab?.label === name) return tab;
    await new Promise<void>((resolve) => {
      const change = vscode.window.tabGroups.onDidChangeTabs(() => {
        change.dispose();
        resolve();
      });
    });
  }
}
