import * as vscode from 'vscode';
import type { ActionBuild } from '../../build/plan/action-build';
import type { CloneStore } from '../../build/plan/pi-gen-clone';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { readBuildSettings } from './build-settings';
import { offerNewStage } from '../offer-new-stage';
import { pathOf, uriOf } from '../paths';
import { chooseConfigs } from './choose-configs';
import { pickRoot } from '../tree-picker';
import { cloneOfChoice, offerClone, sourceOfWorkflows } from './workflow-place';

/** What a build takes its stages from. Absolute paths. */
export interface BuildPlace {
  readonly treeRoot: string;
  /** The repository whose stages are built, where it holds no pi-gen itself. */
  readonly repositoryRoot: string | undefined;
  /** The step of pi-gen-action that is built, where it is one. */
  readonly action?: ActionBuild;
  /** The config to build with in the place of the one that the settings name. */
  readonly configFile?: string;
  /** The engine to build on in the place of the one that the settings name: an address, or a Docker context. */
  readonly engine?: string;
  /** Tells it from other builds of the same tree: results and log go to a folder of that name. */
  readonly name?: string;
}

/** Finds out what is to be built, asking where it cannot be known. None: the user left, or was told what is missing. */
export async function chooseBuildPlaces(
  trees: readonly StageTree[],
  clones: CloneStore,
  memory: vscode.Memento,
): Promise<readonly BuildPlace[]> {
  if (trees.length === 0) {
    await offerNewStage(
      vscode.l10n.t('There is no pi-gen stage in this workspace, so there is nothing to build.'),
    );
    return [];
  }
  const root = await pickRoot(
    trees.map((tree) => tree.root),
    vscode.l10n.t('What to build'),
  );
  const tree = trees.find((one) => one.root === root);
  const place = tree && (await buildPlaceOf(tree, clones));
  return tree === undefined || place === undefined ? [] : chooseConfigs(tree, place, memory);
}

/** What a tree's stages are built with, asking for a pi-gen where the tree holds none. Undefined: the user left. */
export async function buildPlaceOf(tree: StageTree, clones: CloneStore): Promise<BuildPlace | undefined> {
  if (tree.layout === 'pi-gen') return { treeRoot: tree.root, repositoryRoot: undefined };
  const treeRoot = readBuildSettings(uriOf(tree.root)).piGen ?? (await askForPiGen(tree, clones));
  return treeRoot === undefined ? undefined : { treeRoot, repositoryRoot: tree.root };
}

/** A repository of stages needs a pi-gen to be built with; the answer is kept in the workspace's settings. */
async function askForPiGen(tree: StageTree, clones: CloneStore): Promise<string | undefined> {
  const { root } = tree;
  const source = sourceOfWorkflows(tree);
  const kept = source === undefined ? undefined : await clones.find(source);
  if (kept !== undefined) return kept.folder;
  const choose = vscode.l10n.t('Choose Folder…');
  const clone = vscode.l10n.t('Clone pi-gen');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'This repository holds stages, but no pi-gen to build them with. Choose a folder with a checkout of pi-gen, which is not changed, or have it cloned.',
    ),
    choose,
    clone,
  );
  if (answer === clone) {
    return source === undefined ? keepChoice(root, await cloneOfChoice(clones)) : offerClone(source, clones);
  }
  if (answer !== choose) return undefined;
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      defaultUri: uriOf(root),
      openLabel: vscode.l10n.t('Build with This pi-gen'),
    })) ?? [];
  return keepChoice(root, folder && pathOf(folder));
}

/** Notes the folder of pi-gen in the settings, unless there is none. */
async function keepChoice(root: string, piGen: string | undefined): Promise<string | undefined> {
  if (piGen === undefined) return undefined;
  await vscode.workspace
    .getConfiguration('pi-gen', uriOf(root))
    .update('path', uriOf(piGen).fsPath, vscode.ConfigurationTarget.Workspace);
  return piGen;
}
