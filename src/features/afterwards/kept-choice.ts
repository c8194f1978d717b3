import * as vscode from 'vscode';
import { findKept, nothingKept } from '../../build/afterwards/kept-containers';
import type { KeptContainer } from '../../build/afterwards/kept-containers';
import { BuildProblemError } from '../../build/build-problem';
import type { Engine } from '../../build/engine/engine';
import type { FileSystem } from '../../pigen/file-system';
import { baseName } from '../../pigen/path';
import type { StageTree } from '../../pigen/stage-tree';
import { openEngineOf } from '../build/build-engine';

export interface ChosenContainer {
  readonly engine: Engine;
  readonly kept: KeptContainer;
}

/**
 * The kept container of a build of this workspace, or the one that the user picks of several. Undefined: the user left.
 * Rejects with a BuildProblemError, for one where there is none.
 */
export async function chooseKept(
  disk: FileSystem,
  trees: readonly StageTree[],
): Promise<ChosenContainer | undefined> {
  const found: ChosenContainer[] = [];
  for (const { root, layout } of trees) {
    const engine = await openEngineOf(disk, root);
    const search = layout === 'pi-gen' ? { treeRoot: root } : { repositoryRoot: root };
    for (const kept of await findKept(engine, search)) {
      if (!found.some((one) => one.kept.id === kept.id)) found.push({ engine, kept });
    }
  }
  const [only, ...others] = found;
  if (only === undefined) throw new BuildProblemError(nothingKept);
  if (others.length === 0) return only;
  const picked = await vscode.window.showQuickPick(
    found.map((chosen) => ({
      label: baseName(chosen.kept.repositoryRoot ?? chosen.kept.treeRoot),
      description: chosen.kept.plan.container.name,
      detail: vscode.l10n.t('begun {0}', new Date(chosen.kept.began).toLocaleString()),
      chosen,
    })),
    { placeHolder: vscode.l10n.t('Which build to look into') },
  );
  return picked?.chosen;
}
