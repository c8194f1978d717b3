import { staticValue } from '../../pigen/config/config';
import type { FileSystem } from '../../pigen/files/file-system';
import { isExported } from '../../pigen/tree/order';
import { joinPath } from '../../pigen/files/path';
import { readText } from '../../pigen/files/read-text';
import type { Stage, StageTree } from '../../pigen/tree/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import { readAssignments } from '../../shell/config-assignments';

/**
 * What the images of a tree are called, by the paths of their stages: IMG_NAME of the config and IMG_SUFFIX of EXPORT_IMAGE
 * (export-image/prerun.sh puts the date before them). Stages whose names only bash can tell are left out.
 */
export async function imageNames(
  tree: StageTree,
  fs: FileSystem,
  parser: () => Promise<BashParser>,
): Promise<ReadonlyMap<string, string>> {
  const [config] = tree.configs;
  const name = config && staticValue(config, 'IMG_NAME');
  const names = new Map<string, string>();
  for (const stage of tree.stages.filter(isExported)) {
    const suffix = await suffixOf(stage, fs, parser);
    if (suffix !== undefined) names.set(stage.path, `${name ?? '…'}${suffix}`);
  }
  return names;
}

async function suffixOf(
  { path: folder }: Stage,
  fs: FileSystem,
  parser: () => Promise<BashParser>,
): Promise<string | undefined> {
  const path = joinPath(folder, 'EXPORT_IMAGE');
  const text = await readText(fs, path);
  if (typeof text !== 'string') return undefined;
  const assignments = readAssignments(text, await parser());
  if (assignments.length === 0) return '';
  return staticValue({ path, text, assignments }, 'IMG_SUFFIX');
}
