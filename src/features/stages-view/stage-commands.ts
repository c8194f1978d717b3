import * as vscode from 'vscode';
import { baseName, folderOf, joinPath } from '../../pigen/files/path';
import type { CommandRegistry } from '../command-registry';
import { uriOf } from '../paths';
import { isNode, pathOfNode } from './nodes';
import type { Node } from './nodes';

type Act = (path: string, node: Node) => Promise<void>;

/**
 * What can be done to a line of the Stages view. Each is one edit, which the editor can undo.
 * @param focused the line that a key press is about: unlike a menu, it hands over none
 */
export function registerStageCommands(
  commands: CommandRegistry,
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
  return [
    register('pi-gen.skipStage', (path) => create(joinPath(path, 'SKIP'), '')),
    register('pi-gen.unskipStage', (path) => remove(joinPath(path, 'SKIP'))),
    register('pi-gen.exportStage', exportStage),
    register('pi-gen.holdBackImage', (path) => create(joinPath(path, 'SKIP_IMAGES'), '')),
    register('pi-gen.renameEntry', renameEntry),
    register('pi-gen.deleteEntry', deleteEntry),
    register('pi-gen.revealEntry', async (path) => {
      await vscode.commands.executeCommand('revealInExplorer', uriOf(path));
    }),
  ];
}

/** build.sh makes an image where EXPORT_IMAGE is and SKIP_IMAGES is not. */
async function exportStage(path: string, node: Node): Promise<void> {
  if (node.kind !== 'stage' || node.stage === undefined) return;
  const { name, exportImage, skipImages } = node.stage;
  if (skipImages) await remove(joinPath(path, 'SKIP_IMAGES'));
  const suffix = name.replace(/^stage[-_.]?(?=.)/, '').replaceAll(/[^A-Za-z0-9._-]/g, '-');
  if (!exportImage) await create(joinPath(path, 'EXPORT_IMAGE'), `IMG_SUFFIX="-${suffix}"\n`);
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

async function create(path: string, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uriOf(path), { contents: new TextEncoder().encode(text), ignoreIfExists: true });
  await apply(edit, vscode.l10n.t('{0} could not be written.', path));
}

async function remove(path: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.deleteFile(uriOf(path), { recursive: true, ignoreIfNotExists: true });
  await apply(edit, vscode.l10n.t('{0} could not be deleted.', path));
}

async function apply(edit: vscode.WorkspaceEdit, complaint: string): Promise<void> {
  if (!(await vscode.workspace.applyEdit(edit))) await vscode.window.showErrorMessage(complaint);
}
