import * as vscode from 'vscode';
import { lookPlaceOf } from '../../build/rootfs/look-place';
import type { LookPlace } from '../../build/rootfs/look-place';
import { readLookScripts } from '../../build/rootfs/rootfs-scripts';
import type { LookScripts } from '../../build/rootfs/rootfs-scripts';
import type { KeptStage } from '../../build/rootfs/rootfs-source';
import type { FoundBuild } from '../../build/session/found-build';
import type { FileSystem } from '../../pigen/files/file-system';
import { isWithin } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { enginesWithBuilds } from '../build/build-engine';

export interface LookAroundParts {
  readonly disk: FileSystem;
  readonly trees: () => readonly StageTree[];
  /** Where the bundle keeps the scripts for containers. */
  readonly scriptFolder: string;
}

/** What the engine holds of the builds of one of the workspace's trees. */
export interface TreePlace extends LookPlace {
  readonly tree: StageTree;
}

export interface Surroundings {
  readonly scripts: LookScripts;
  readonly places: readonly TreePlace[];
}

/**
 * Looks what there is to look into. Rejects with a BuildProblemError, or what `signal` was aborted with.
 *
 * @param path only the tree that holds it; undefined: all of the workspace
 */
export async function lookAround(
  { disk, trees, scriptFolder }: LookAroundParts,
  path: string | undefined,
  signal: AbortSignal,
): Promise<Surroundings> {
  const scripts = await readLookScripts(disk, scriptFolder);
  const places: TreePlace[] = [];
  for (const tree of trees()) {
    const { root, layout } = tree;
    if (path !== undefined && !isWithin(root, path)) continue;
    const search = layout === 'pi-gen' ? { treeRoot: root } : { repositoryRoot: root };
    const [usual, ...others] = await enginesWithBuilds(disk, root);
    const found = await Promise.allSettled(
      [usual, ...others].map((endpoint) => lookPlaceOf(endpoint, search, scripts, signal)),
    );
    const [first] = found;
    // An engine of an earlier build that does not answer now holds up nothing.
    if (first?.status === 'rejected' && !found.some(({ status }) => status === 'fulfilled'))
      throw first.reason;
    for (const one of found) if (one.status === 'fulfilled') places.push({ ...one.value, tree });
  }
  return { scripts, places };
}

/** Of what is kept of a stage, for a picker. */
export function keptText({ state, step }: KeptStage): string {
  switch (state) {
    case 'whole':
      return vscode.l10n.t('kept by the stage loop, as its last step left it');
    case 'begun':
      return vscode.l10n.t('kept by the stage loop, up to the last step that passed');
    case 'failed':
      return vscode.l10n.t(
        'kept by the stage loop, as {0} left it when it failed',
        (step ?? '').split('/').slice(-2).join('/'),
      );
  }
}

/** Of a container, for a picker. */
export function containerText({ state, began, plan }: FoundBuild): string {
  const time = new Date(began).toLocaleString();
  return state === 'running'
    ? vscode.l10n.t('in {0}, which still builds, begun {1}', plan.container.name, time)
    : vscode.l10n.t('in the container {0}, begun {1}', plan.container.name, time);
}

/** The only one, or the one that the user picks. Undefined: there is none, or the user left. */
export async function pickOne<Choice extends vscode.QuickPickItem>(
  choices: readonly Choice[],
  placeHolder: string,
): Promise<Choice | undefined> {
  if (choices.length < 2) return choices[0];
  return vscode.window.showQuickPick(choices, { placeHolder, matchOnDescription: true });
}
