import * as vscode from 'vscode';
import { distinctNames } from '../../build/plan/named-builds';
import { staticValue } from '../../pigen/config/config';
import type { ConfigFile } from '../../pigen/config/config';
import { joinPath, relativePath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
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
    ...withConfig(place, configFile),
    ...(paths.length === 1 ? {} : { name: names[index] ?? '' }),
  }));
}

/** By root of the tree, the config that its stages are tried with: a path relative to it. */
const stageMemoryKey = 'pi-gen.stageConfig';

/**
 * With which of a tree's configs its stages are tried. Asked once, and then remembered: a try takes seconds, and is repeated over
 * and over. Nobody is asked where there is one, or where the setting `pi-gen.config` names one. Undefined: the user left.
 *
 * @param anew asks, whatever is remembered
 */
export async function chooseStageConfig(
  { root, configs }: StageTree,
  place: BuildPlace,
  memory: vscode.Memento,
  anew = false,
): Promise<BuildPlace | undefined> {
  if (configs.length < 2 || readBuildSettings(uriOf(root)).config !== undefined) return place;
  const chosen = memory.get<Readonly<Record<string, string>>>(stageMemoryKey, {});
  const kept = configs.find(({ path }) => relativePath(root, path) === chosen[root]);
  if (kept !== undefined && !anew) return withConfig(place, kept.path);
  const images = memory.get<Readonly<Record<string, readonly string[]>>>(memoryKey, {});
  const likely = chosen[root] ?? images[root]?.[0] ?? 'config';
  const items = configs.map((config) => ({
    label: relativePath(root, config.path),
    detail: contentOf(config),
    config,
  }));
  items.sort((one, other) => Number(other.label === likely) - Number(one.label === likely));
  const picked = await vscode.window.showQuickPick(items, {
    ignoreFocusOut: true,
    title: vscode.l10n.t('Which Config to Try Stages With'),
    placeHolder: vscode.l10n.t(
      'Remembered for this workspace; "Pi-gen: Choose Config for Stages" changes it',
    ),
  });
  if (picked === undefined) return undefined;
  await memory.update(stageMemoryKey, { ...chosen, [root]: picked.label });
  return withConfig(place, picked.config.path);
}

/** build.sh sources the one that is called `config` by itself. */
function withConfig(place: BuildPlace, configFile: string): BuildPlace {
  return configFile === joinPath(place.treeRoot, 'config') ? place : { ...place, configFile };
}

function contentOf(config: ConfigFile): string {
  const name = staticValue(config, 'IMG_NAME');
  const stages = staticValue(config, 'STAGE_LIST');
  return [...(name === undefined ? [] : [name]), ...(stages === undefined ? [] : [stages])].join(': ');
}
