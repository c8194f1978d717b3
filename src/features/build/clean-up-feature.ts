import * as vscode from 'vscode';
import type { BuildProblem } from '../../build/build-problem';
import { listOurs, readableSize, removeOurs } from '../../build/clean-up/clean-up';
import type { CleanUpItem } from '../../build/clean-up/clean-up';
import { enginesInUse } from '../../build/clean-up/engines-in-use';
import type { CloneStore } from '../../build/plan/pi-gen-clone';
import type { FileSystem } from '../../pigen/files/file-system';
import { joinPath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { readBuildSettings } from './build-settings';
import type { CommandRegistry } from '../command-registry';
import { uriOf } from '../paths';
import { editorRequest } from './preflight';
import { isTrusted } from '../trust';

export interface CleanUpParts {
  readonly disk: FileSystem;
  readonly clones: CloneStore;
  readonly trees: () => readonly StageTree[];
  readonly commands: CommandRegistry;
}

/** `Pi-gen: Clean Up…`: lists what is ours on the engine and on this machine, and removes what is picked. */
export function registerCleanUp(parts: CleanUpParts): vscode.Disposable {
  return parts.commands.register('pi-gen.cleanUp', () => cleanUp(parts));
}

async function cleanUp({ disk, clones, trees }: CleanUpParts): Promise<void> {
  if (!isTrusted()) return;
  const [tree] = trees();
  const folder = tree === undefined ? vscode.workspace.workspaceFolders?.[0]?.uri : uriOf(tree.root);
  const setting = folder === undefined ? '' : readBuildSettings(folder).engine;
  const deployFolders = trees().map(({ root }) => joinPath(root, 'deploy'));
  const found = await withCancel(vscode.l10n.t('Looking for what builds have left'), async (signal) => {
    const { engines, problems } = await enginesInUse(editorRequest(setting, disk), deployFolders, signal);
    const listed = await listOurs({ engines, clones, deployFolders, signal });
    return { ours: listed.items, problems: [...problems, ...listed.problems], several: engines.length > 1 };
  });
  if (found === undefined) return;
  const { ours, problems, several } = found;
  tellLeftOut(problems);
  if (ours.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is nothing of builds to clean up.'));
    return;
  }
  const picked = await vscode.window.showQuickPick(
    ours.map((item) => ({
      label: `$(${icons[item.kind]}) ${item.name}`,
      description: [
        readableSize(item.bytes),
        ...(several ? [item.engine ?? vscode.l10n.t('this machine')] : []),
      ].join(' · '),
      detail: item.inUse ? vscode.l10n.t('{0}; in use: a build ends with it', item.detail) : item.detail,
      item,
    })),
    {
      canPickMany: true,
      ignoreFocusOut: true,
      matchOnDescription: true,
      matchOnDetail: true,
      title: vscode.l10n.t('Clean Up'),
      placeHolder: vscode.l10n.t('What to remove'),
    },
  );
  if (picked === undefined || picked.length === 0) return;
  const items = picked.map(({ item }) => item);
  if (!(await confirmed(items))) return;
  const failures = await withCancel(vscode.l10n.t('Cleaning up'), (signal) => removeOurs(items, signal));
  if (failures === undefined) return;
  const freed = items
    .filter((item) => !failures.some((failure) => failure.item === item))
    .reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const [first] = failures;
  if (first === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Cleaned up: {0} are free.', readableSize(freed)),
    );
    return;
  }
  void vscode.window.showWarningMessage(
    vscode.l10n.t('Not all could be removed. {0}: {1}', first.item.name, first.reason),
  );
}

const icons: Record<CleanUpItem['kind'], string> = {
  container: 'vm',
  volume: 'database',
  image: 'package',
  clone: 'repo-clone',
  log: 'output',
};

/** What a running build is in goes only after a second question. */
async function confirmed(items: readonly CleanUpItem[]): Promise<boolean> {
  const used = items.filter(({ inUse }) => inUse);
  if (used.length === 0) return true;
  const remove = vscode.l10n.t('Remove All the Same');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('In use, so that a build would end: {0}.', used.map(({ name }) => name).join(', ')),
    { modal: true },
    remove,
  );
  return answer === remove;
}

/** Undefined where it was cancelled. */
async function withCancel<Result>(
  title: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const cancel = new AbortController();
  try {
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (_progress, token) => {
        token.onCancellationRequested(() => {
          cancel.abort();
        });
        return work(cancel.signal);
      },
    );
  } catch (error) {
    if (cancel.signal.aborted) return undefined;
    throw error;
  }
}

function tellLeftOut(problems: readonly BuildProblem[]): void {
  if (problems.length === 0) return;
  const told = problems.map(({ message }) => message).join(' ');
  void vscode.window.showWarningMessage(
    problems.length === 1
      ? vscode.l10n.t('{0} Its containers, volumes and images are left out.', told)
      : vscode.l10n.t('{0} Their containers, volumes and images are left out.', told),
  );
}
