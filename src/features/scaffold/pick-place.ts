import * as vscode from 'vscode';
import { baseName, isWithin } from '../../pigen/files/path';
import type { Stage, StageTree, SubStage } from '../../pigen/tree/stage-tree';
import { offerNewStage } from '../offer-new-stage';
import { pathOf } from '../paths';
import { foldersForFile, foldersForStage, ownStages } from './folders-for-new';

interface Place {
  readonly label: string;
  /** Absolute path. */
  readonly path: string;
}

/** Lets the user pick one of several folders; the only one is taken without asking. Undefined: the user left. */
async function pickPlace(places: readonly Place[], prompt: string): Promise<string | undefined> {
  if (places.length <= 1) return places[0]?.path;
  const picked = await vscode.window.showQuickPick(
    places.map(({ label, path }) => ({
      label,
      description: vscode.workspace.asRelativePath(path),
      path,
    })),
    { title: prompt, ignoreFocusOut: true },
  );
  return picked?.path;
}

/** The folder that a new stage goes into: beside the stages that are there, or a workspace folder without any. */
export async function pickStageParent(trees: readonly StageTree[]): Promise<string | undefined> {
  const folders = foldersForStage(trees, workspaceFolders());
  if (folders.length === 0) await tellNoFolder();
  return pickPlace(folders.map(asPlace), vscode.l10n.t('Folder to write the stage into'));
}

/** The folder of a config or workflow: the root of a tree, or a workspace folder without one. */
export async function pickRootFolder(
  trees: readonly StageTree[],
  prompt: string,
): Promise<string | undefined> {
  const folders = foldersForFile(trees, workspaceFolders());
  if (folders.length === 0) await tellNoFolder();
  return pickPlace(folders.map(asPlace), prompt);
}

/** A stage of one's own to write into. @param given a path in it, where that is known */
export async function pickStage(
  trees: readonly StageTree[],
  given: string | undefined,
): Promise<string | undefined> {
  const stages = trees.flatMap((tree) => ownStages(tree));
  const around = given === undefined ? undefined : stages.find(({ path }) => isWithin(path, given));
  if (around !== undefined) return around.path;
  if (stages.length === 0) await offerNewStage(vscode.l10n.t('There is no stage to write into.'));
  return pickPlace(
    stages.map(({ name, path }) => ({ label: name, path })),
    vscode.l10n.t('Stage to write into'),
  );
}

/** A sub-stage of one's own to write into. @param given a path in it, where that is known */
export async function pickSubStage(
  trees: readonly StageTree[],
  given: string | undefined,
): Promise<string | undefined> {
  const subStages = trees.flatMap((tree) =>
    ownStages(tree).flatMap((stage) => stage.subStages.map((subStage) => ({ stage, subStage }))),
  );
  const around =
    given === undefined ? undefined : subStages.find(({ subStage }) => isWithin(subStage.path, given));
  if (around !== undefined) return around.subStage.path;
  if (subStages.length === 0) await offerNewStage(vscode.l10n.t('There is no stage to write into.'));
  const label = (stage: Stage, subStage: SubStage): string => `${stage.name} › ${subStage.name}`;
  return pickPlace(
    subStages.map(({ stage, subStage }) => ({ label: label(stage, subStage), path: subStage.path })),
    vscode.l10n.t('Sub-stage to write into'),
  );
}

function workspaceFolders(): readonly string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => pathOf(uri));
}

function asPlace(path: string): Place {
  return { label: baseName(path), path };
}

async function tellNoFolder(): Promise<void> {
  await vscode.window.showWarningMessage(vscode.l10n.t('Open a folder first: files are written into it.'));
}
