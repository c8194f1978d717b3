import * as vscode from 'vscode';
import { baseName, folderOf, joinPath } from '../../pigen/files/path';
import type { CommandRegistry } from '../command-registry';
import { uriOf } from '../paths';
import { Markers } from './markers';
import { isNode, pathOfNode } from './nodes';
import type { Node } from './nodes';
import type { ViewHistory } from './view-history';

type Act = (path: string, node: Node) => Promise<void>;

/**
 * What can be done to a line of the Stages view. All but deleting and renaming can be undone in it.
 * @param focused the line that a key press is about: unlike a menu, it hands over none
 */
export function registerStageCommands(
  commands: CommandRegistry,
  history: ViewHistory,
  focused: () => Promise<Node | undefined>,
): readonly vscode.Disposable[] {
  const register = (name: string, act: Act): vscode.Disposable =>
    commands.register(name, async (given: unknown) => {
      const node = isNode(given) ? given : await focused();
      if (node === undefined) return;
      const path = pathOfNode(node);
      if (path === undefined) {
        await vscode.window.showWarningMessage(
          vscode.l10n.t('This stage is not in the workspace: there is nothing to change.'),
        );
      } else await act(path, node);
    });
  const markers = new Markers(history);
  return [
    register('pi-gen.skipStage', (path) =>
      markers.change(vscode.l10n.t('Skip {0}', baseName(path)), [{ path: joinPath(path, 'SKIP'), text: '' }]),
    ),
    register('pi-gen.unskipStage', (path) =>
      markers.change(vscode.l10n.t('Run {0} again', baseName(path)), [
        { path: joinPath(path, 'SKIP'), text: undefined },
      ]),
    ),
    register('pi-gen.exportStage', (path, node) => exportStage(path, node, markers)),
    register('pi-gen.holdBackImage', (path) =>
      markers.change(vscode.l10n.t('Hold back the image of {0}', baseName(path)), [
        { path: joinPath(path, 'SKIP_IMAGES'), text: '' },
      ]),
    ),
    register('pi-gen.renameEntry', async (path, node) => {
      history.forget();
      await renameEntry(path, node);
    }),
    register('pi-gen.deleteEntry', async (path, node) => {
      history.forget();
      await deleteEntry(path, node);
    }),
    register('pi-gen.revealEntry', revealEntry),
    commands.register('pi-gen.undoInStages', () => history.undo()),
  ];
}

/** build.sh makes an image where EXPORT_IMAGE is and SKIP_IMAGES is not. */
async function exportStage(path: string, node: Node, markers: Markers): Promise<void> {
  if (node.kind !== 'stage' || node.stage === undefined) return;
  const { name, exportImage, skipImages } = node.stage;
  const suffix = name.replace(/^stage[-_.]?(?=.)/, '').replaceAll(/[^A-Za-z0-9._-]/g, '-');
  const exported = { path: joinPath(path, 'EXPORT_IMAGE'), text: `IMG_SUFFIX="-${suffix}"\n` };
  await markers.change(vscode.l10n.t('Export {0}', name), [
    ...(skipImages ? [{ path: joinPath(path, 'SKIP_IMAGES'), text: undefined }] : []),
    ...(exportImage ? [] : [exported]),
  ]);
}

/** A stage of the list may lie where the explorer shows nothing. */
async function revealEntry(path: string): Promise<void> {
  const uri = uriOf(path);
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) {
    await vscode.commands.executeCommand('revealInExplorer', uri);
    return;
  }
  const add = vscode.l10n.t('Add Folder to Workspace');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} is outside of this workspace, so the explorer does not show it.', path),
    add,
  );
  const folder =
    (await vscode.workspace.fs.stat(uri)).type & vscode.FileType.Directory ? path : folderOf(path);
  if (answer === add) {
    const end = vscode.workspace.workspaceFolders?.length ?? 0;
    vscode.workspace.updateWorkspaceFolders(end, 0, { uri: uriOf(folder) });
  }
}

async function renameEntry(path: string, node: Node): Promise<void> {
  // What has a name in lists and scripts is renamed there, too.
  if (node.kind !== 'step' || node.item.kind !== 'entry') {
    await vscode.commands.executeCommand('pi-gen.rename', path);
    return;
  }
  const name = baseName(path);
  const number = /^\d\d-/.exec(name)?.[0].length ?? 0;
  const given = await vscode.window.showInputBox({
    title: vscode.l10n.t('Rename {0}', name),
    value: name,
    valueSelection: [number, name.length],
    validateInput: (text) =>
      /^[A-Za-z0-9_.][A-Za-z0-9._-]*$/.test(text)
        ? undefined
        : vscode.l10n.t('Use letters, digits, hyphens, dots and underscores only.'),
  });
  if (given === undefined || given === name) return;
  const edit = new vscode.WorkspaceEdit();
  edit.renameFile(uriOf(path), uriOf(joinPath(folderOf(path), given)));
  await apply(edit, vscode.l10n.t('{0} could not be renamed to {1}.', name, given));
}

async function deleteEntry(path: string, node: Node): Promise<void> {
  const name = baseName(path);
  if (node.kind === 'root' || (node.kind === 'stage' && node.stage?.role === 'export')) {
    await vscode.window.showWarningMessage(vscode.l10n.t('{0} is part of pi-gen, and stays.', name));
    return;
  }
  const yes = vscode.l10n.t('Delete');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Delete {0} and all that is in it?', name),
    { modal: true, detail: path },
    yes,
  );
  if (answer === yes) await remove(path);
}

async function remove(path: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.deleteFile(uriOf(path), { recursive: true, ignoreIfNotExists: true });
  await apply(edit, vscode.l10n.t('{0} could not be deleted.', path));
}

async function apply(edit: vscode.WorkspaceEdit, complaint: string): Promise<void> {
  if (!(await vscode.workspace.applyEdit(edit))) await vscode.window.showErrorMessage(complaint);
}
