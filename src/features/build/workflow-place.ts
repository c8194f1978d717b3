import * as vscode from 'vscode';
import { actionBuild } from '../../build/plan/action-build';
import type { ActionBuild } from '../../build/plan/action-build';
import { BuildProblemError } from '../../build/build-problem';
import { cloneSource } from '../../build/plan/pi-gen-clone';
import type { CloneStore, CloneSource } from '../../build/plan/pi-gen-clone';
import type { StageTree } from '../../pigen/stage-tree';
import { actionRuns } from '../../pigen/workflow-jobs';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';
import { uriOf } from '../paths';
import { withProgress } from '../with-progress';
import { isTrusted } from '../trust';

/**
 * Lets the user pick what CI builds: a job and matrix entry of a workflow that uses pi-gen-action. Undefined: the user left, or
 * was told what is missing. Rejects with a BuildProblemError where the step cannot be built here.
 */
export async function chooseWorkflowBuild(
  trees: readonly StageTree[],
  clones: CloneStore,
): Promise<BuildPlace | undefined> {
  const offers = trees.flatMap((tree) =>
    tree.workflows.flatMap(({ path, text }) =>
      actionRuns(text).map((run) => ({
        label: run.name,
        description: vscode.workspace.asRelativePath(path),
        detail: run.uses,
        run,
        workflow: path,
        workspace: tree.root,
      })),
    ),
  );
  const [only] = offers;
  if (only === undefined) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('No workflow of this workspace uses pi-gen-action, so CI builds nothing.'),
    );
    return undefined;
  }
  const picked =
    offers.length === 1
      ? only
      : await vscode.window.showQuickPick(offers, {
          placeHolder: vscode.l10n.t('What CI builds'),
          ignoreFocusOut: true,
          matchOnDescription: true,
        });
  if (picked === undefined) return undefined;
  const built = actionBuild({ ...picked, values: new Map(), environment: process.env });
  if (!built.ok) throw new BuildProblemError(built.problem);
  const { build: action } = built;
  const given = readBuildSettings(uriOf(action.workspace)).piGen;
  const treeRoot = given ?? (await clonedPiGen(action, clones));
  return treeRoot === undefined ? undefined : { treeRoot, repositoryRoot: action.workspace, action };
}

async function clonedPiGen({ action }: ActionBuild, clones: CloneStore): Promise<string | undefined> {
  const found = cloneSource(action.piGenRepository, action.piGenVersion);
  if (!found.ok) throw new BuildProblemError(found.problem);
  return offerClone(found.source, clones);
}

/** The folder of a clone: the one that is kept, or a new one after asking. Undefined: not wanted. */
export async function offerClone(source: CloneSource, clones: CloneStore): Promise<string | undefined> {
  const kept = await clones.find(source);
  if (kept !== undefined) return kept.folder;
  const clone = vscode.l10n.t('Clone');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'pi-gen is to be taken from {0} at {1}. Clone it? It is kept in the storage of this extension, and changes only when you run "Pi-gen: Update pi-gen Clone".',
      source.url,
      source.version,
    ),
    { modal: true },
    clone,
  );
  if (answer !== clone) return undefined;
  const made = await withProgress(vscode.l10n.t('Cloning pi-gen'), (signal) => clones.clone(source, signal));
  return made?.folder;
}

/** The pi-gen that the workflows of a repository name, where they agree on one that can be cloned. */
export function sourceOfWorkflows(tree: StageTree): CloneSource | undefined {
  const sources = tree.workflows
    .flatMap(({ text }) => actionRuns(text))
    .flatMap(({ inputs }) => {
      const found = cloneSource(
        inputs['pi-gen-repository'] ?? 'RPi-Distro/pi-gen',
        inputs['pi-gen-version'] ?? 'arm64',
      );
      return found.ok ? [found.source] : [];
    });
  const distinct = new Map(sources.map((source) => [`${source.url} ${source.version}`, source]));
  return distinct.size === 1 ? sources[0] : undefined;
}

/** `Pi-gen: Update pi-gen Clone`. */
export async function updateClone(clones: CloneStore): Promise<void> {
  if (!isTrusted()) return;
  const all = await clones.list();
  const [only] = all;
  if (only === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No pi-gen was cloned yet.'));
    return;
  }
  const picked =
    all.length === 1
      ? { clone: only }
      : await vscode.window.showQuickPick(
          all.map((clone) => ({
            label: `${clone.url} ${clone.version}`,
            description: clone.commit.slice(0, 12),
            detail: vscode.l10n.t('fetched on {0}', new Date(clone.fetched).toLocaleString()),
            clone,
          })),
          { placeHolder: vscode.l10n.t('Which clone to update') },
        );
  if (picked === undefined) return;
  const { clone: before } = picked;
  try {
    const after = await withProgress(vscode.l10n.t('Updating the clone of pi-gen'), (signal) =>
      clones.update(before, signal),
    );
    if (after === undefined) return;
    void vscode.window.showInformationMessage(
      after.commit === before.commit
        ? vscode.l10n.t('pi-gen {0} is up to date: {1}.', after.version, after.commit.slice(0, 12))
        : vscode.l10n.t('pi-gen {0} stands on {1} now.', after.version, after.commit.slice(0, 12)),
    );
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    const { message, wayOut } = error.problem;
    void vscode.window.showErrorMessage(`${message} ${wayOut}`);
  }
}
