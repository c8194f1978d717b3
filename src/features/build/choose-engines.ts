import * as vscode from 'vscode';
import type { FileSystem } from '../../pigen/files/file-system';
import { enginesFor } from './build-engine';

/** By root of the tree, the engines that were chosen last, as settings name them; empty: the usual one. */
const memoryKey = 'pi-gen.chosenEngines';

/**
 * Lets the user say on which engines several images are built. Nobody is asked where the machine knows one alone. Undefined: the
 * user left.
 *
 * @param root absolute: the tree whose settings name the usual engine
 * @param count of images
 * @returns at least one, as settings name them; empty: the usual one
 */
export async function chooseEngines(
  disk: FileSystem,
  root: string,
  count: number,
  memory: vscode.Memento,
): Promise<readonly string[] | undefined> {
  const known = await enginesFor(disk, root);
  if (known.length < 2) return [''];
  const remembered = memory.get<Readonly<Record<string, readonly string[]>>>(memoryKey, {});
  const last = new Set(remembered[root] ?? ['']);
  const picked = await vscode.window.showQuickPick(
    known.map(({ name, endpoint }) => ({
      label: name === '' ? vscode.l10n.t('The usual engine') : name,
      description: endpoint.label,
      picked: last.has(name),
      name,
    })),
    {
      canPickMany: true,
      ignoreFocusOut: true,
      title: vscode.l10n.t('Where to Build {0} Images', count),
      placeHolder: vscode.l10n.t('As many are built at once as engines are picked'),
    },
  );
  if (picked === undefined || picked.length === 0) return undefined;
  const names = picked.map(({ name }) => name);
  await memory.update(memoryKey, { ...remembered, [root]: names });
  return names;
}
