import * as vscode from 'vscode';
import { untilAll, untilRules, uriIn, workspaceFolder } from '../diagnostics';
import { activate } from '../extension';

const camera = 'stage-camera/00-lens/00-run-chroot.sh';
const speaker = 'stage-speaker/00-amplifier/00-run-chroot.sh';

/** How often the editor is asked to change its folders, and for how long each time, in milliseconds. */
const attempts = 5;
const patience = 2000;

describe('a workspace of two folders', () => {
  let first: vscode.Uri;
  let second: vscode.Uri;
  before(async () => {
    first = workspaceFolder(0);
    second = workspaceFolder(1);
    await activate();
  });

  it('has the findings of both', async () => {
    await untilRules(uriIn(first, camera), 'nested-on-chroot');
    await untilRules(uriIn(second, speaker), 'nested-on-chroot');
  });

  it('is checked by the settings of each', async () => {
    const settings = vscode.workspace.getConfiguration('pi-gen', second);
    await settings.update('diagnostics.enabled', false, vscode.ConfigurationTarget.WorkspaceFolder);
    await untilAll(first, `${camera} nested-on-chroot`);
    await settings.update('diagnostics.enabled', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    await untilRules(uriIn(second, speaker), 'nested-on-chroot');
  });

  it('loses the findings of a folder that is taken out, and gets them back', async () => {
    await changeFolders([first], 1, 1);
    await untilAll(first, `${camera} nested-on-chroot`);
    await changeFolders([first, second], 1, 0, { uri: second });
    await untilRules(uriIn(second, speaker), 'nested-on-chroot');
  });
});

/**
 * Changes the folders of the workspace and waits until they are these. The editor writes each change to the workspace's file,
 * and now and then drops one that comes while it still reads the last one back: it is then asked again.
 */
async function changeFolders(
  wanted: readonly vscode.Uri[],
  ...change: Parameters<typeof vscode.workspace.updateWorkspaceFolders>
): Promise<void> {
  const done = (): boolean =>
    (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.path).join() ===
    wanted.map(({ path }) => path).join();
  for (let attempt = 0; attempt < attempts && !done(); attempt++) {
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        subscription.dispose();
        resolve();
      };
      const subscription = vscode.workspace.onDidChangeWorkspaceFolders(() => {
        if (done()) finish();
      });
      const timer = setTimeout(finish, patience);
      vscode.workspace.updateWorkspaceFolders(...change);
    });
  }
  if (!done()) throw new Error(`The editor has not changed its folders after ${attempts} requests.`);
}
