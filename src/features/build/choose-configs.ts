import * as vscode from 'vscode';
import { distinctNames } from '../../build/plan/named-builds';
import { staticValue } from '../../pigen/config';
import type { ConfigFile } from '../../pigen/config';
import { joinPath, relativePath } from '../../pigen/path';
import type { StageTree } from '../../pigen/stage-tree';
import { uriOf } from '../paths';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';

/** By root of the tree, the configs that were chosen last: paths relative to it. */
const memoryKey = 'pi-gen.chosenConfigs';

/**
 * Lets the user say with which of a tree's configs it is built: one, or several, of which each becomes an image of its own.
 * Nobody is asked where there is one, or where the setting `pi-gen.config` names one. None: the user left.
 */
export async function chooseConfigs(
  { root, configs }: StageTree,
  place: BuildPlace,
  memory: vscode.Memento,
): Promise<readonly BuildPlace[]> {
  if (configs.length < 2 || readBuildSettings(uriOf(root)).config !== undefined) return [place];
  const remembered = memory.get<Readonly<Record<string, readonly string[]>>>(memoryKey, {});
  const last = new Set(remembered[root] ?? ['config']);
  const picked = await vscode.window.showQuickPick(
    configs.map((config) => {
      const path = relativePath(root, config.path);
      return { label: path, detail: contentOf(config), picked: last.has(path), config };
    }),
    {
      canPickMany: true,
      ignoreFocusOut: true,
      title: vscode.l10n.t('Which Config to Build With'),
      placeHolder: vscode.l10n.t('Each of several becomes an image of its own'),
    },
  );
  if (picked === undefined || picked.length === 0) return [];
  await memory.update(memoryKey, { ...remembered, [root]: picked.map(({ label }) => label) });
  const paths = picked.map(({ config }) => config.path);
  const names = distinctNames(paths);
  return paths.map((configFile, index) => ({
    ...place,
    // build.sh sources the one of that name by itself.
    ...(configFile === joinPath(place.treeRoot, 'config') ? {} : { configFile }),
    ...(paths.length === 1 ? {} : { name: names[index] ?? '' }),
  }));
}

function contentOf(config: ConfigFile): string {
  const name = staticValue(config, 'IMG_NAME');
  const stages = staticValue(config, 'STAGE_LIST');
  return [...(name === undefined ? [] : [name]), ...(stages === undefined ? [] : [stages])].join(': ');
}
