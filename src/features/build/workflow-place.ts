import * as vscode from 'vscode';
import { actionBuild } from '../../build/plan/action-build';
import type { ActionBuild, ActionRequest } from '../../build/plan/action-build';
import { BuildProblemError } from '../../build/build-problem';
import { cloneSource } from '../../build/plan/pi-gen-clone';
import type { CloneStore, CloneSource } from '../../build/plan/pi-gen-clone';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { actionRuns } from '../../pigen/workflow/workflow-jobs';
import type { ActionRun } from '../../pigen/workflow/workflow-jobs';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';
import { uriOf } from '../paths';
import { withProgress } from '../with-progress';
import { isTrusted } from '../trust';

/**
 * Lets the user pick what CI builds: a job and matrix entry of a workflow that uses pi-gen-action. None: the user left, or
 * was told what is missing. Rejects with a BuildProblemError where the step cannot be built here.
 *
 * @param answers what the user gave for expressions before; added to
 */
export async function chooseWorkflowBuild(
  trees: readonly StageTree[],
  clones: CloneStore,
  answers: Map<string, string>,
): Promise<readonly BuildPlace[]> {
  const offers = trees.flatMap((tree) =>
    tree.workflows.flatMap(({ path, text }) =>
      actionRuns(text).map((run) => ({
        label: run.name,
        description: vscode.workspace.asRelativePath(path),
        detail: takenBy(run),
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
    return [];
  }
  const picked =
    offers.length === 1
      ? only
      : await vscode.window.showQuickPick(offers, {
          title: vscode.l10n.t('What CI Builds'),
          placeHolder: vscode.l10n.t('Job and entry of its matrix'),
          ignoreFocusOut: true,
          matchOnDescription: true,
        });
  const action = picked && (await answeredBuild(picked, answers));
  if (action === undefined) return [];
  const given = readBuildSettings(uriOf(action.workspace)).piGen;
  const treeRoot = given ?? (await clonedPiGen(action, clones));
  return treeRoot === undefined ? [] : [{ treeRoot, repositoryRoot: action.workspace, action }];
}

/** What an entry of the matrix builds, as far as it is written down: expressions stay as they are. */
function takenBy({ uses, inputs }: ActionRun): string {
  const piGen = `${inputs['pi-gen-repository'] ?? 'RPi-Distro/pi-gen'}@${inputs['pi-gen-version'] ?? 'arm64'}`;
  const stages = (inputs['stage-list'] ?? 'stage0 stage1 stage2').trim().split(/\s+/).join(' ');
  return vscode.l10n.t('{0} with {1}: {2}', uses, piGen, stages);
}

/** One line for the head of the log. */
export function whatCiBuilds({ name, workflow, action }: ActionBuild, treeRoot: string): string {
  return vscode.l10n.t(
    'As CI builds {0} of {1}: pi-gen {2} at {3} (here: {4}), stages {5}.',
    name,
    vscode.workspace.asRelativePath(workflow),
    action.piGenRepository,
    action.piGenVersion,
    treeRoot,
    action.stages.join(' '),
  );
}

/** Asks for the value of each expression that only GitHub knows. Undefined: the user left. */
async function answeredBuild(
  request: Pick<ActionRequest, 'run' | 'workflow' | 'workspace'>,
  answers: Map<string, string>,
): Promise<ActionBuild | undefined> {
  const values = new Map<string, string>();
  for (;;) {
    const built = actionBuild({ ...request, values, environment: process.env });
    if (built.ok) return built.build;
    if (built.unknown === undefined) throw new BuildProblemError(built.problem);
    const { expression, input, secret } = built.unknown;
    const value = await vscode.window.showInputBox({
      title: vscode.l10n.t('What CI Builds: {0}', request.run.name),
      prompt: vscode.l10n.t(
        'The input {0} needs {1}, which only GitHub knows. Its value for builds here; it is kept until this window closes.',
        input,
        expression,
      ),
      value: answers.get(expression) ?? '',
      password: secret,
      ignoreFocusOut: true,
    });
    if (value === undefined) return undefined;
    values.set(expression, value);
    answers.set(expression, value);
  }
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

/** The folder of a clone of pi-gen's own repository, of the branch that the user picks. Undefined: not wanted. */
export async function cloneOfChoice(clones: CloneStore): Promise<string | undefined> {
  // README.md of pi-gen: master makes 32-bit images, arm64 makes 64-bit ones.
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('64-bit images'),
        description: vscode.l10n.t('branch {0}', 'arm64'),
        detail: vscode.l10n.t('For Raspberry Pi 3 and newer, and Zero 2 W'),
        version: 'arm64',
      },
      {
        label: vscode.l10n.t('32-bit images'),
        description: vscode.l10n.t('branch {0}', 'master'),
        detail: vscode.l10n.t('For every Raspberry Pi'),
        version: 'master',
      },
    ],
    { title: vscode.l10n.t('Which pi-gen to Clone'), ignoreFocusOut: true },
  );
  const found = picked && cloneSource('RPi-Distro/pi-gen', picked.version);
  return found?.ok === true ? offerClone(found.source, clones) : undefined;
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
