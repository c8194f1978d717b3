import * as vscode from 'vscode';
import { untilAll, untilRules, uriIn, workspaceFolder } from '../diagnostics';
import { activate } from '../extension';

const camera = 'stage-camera/00-lens/00-run-chroot.sh';
const speaker = 'stage-speaker/00-amplifier/00-run-chroot.sh';

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
    vscode.workspace.updateWorkspaceFolders(1, 1);
    await untilAll(first, `${camera} nested-on-chroot`);
    vscode.workspace.updateWorkspaceFolders(1, 0, { uri: second });
    await untilRules(uriIn(second, speaker), 'nested-on-chroot');
  });
});
