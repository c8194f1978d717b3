import type { FileSystem } from '../pigen/files/file-system';
import { joinPath, relativePath } from '../pigen/files/path';
import type { Stage } from '../pigen/tree/stage-tree';
import type { Completion } from './completion';
import { folderEntries } from './sub-stage-paths';
import type { TreeFile } from './tree-file';

const unitName = /\.(?:service|timer|socket|path|mount|automount|target)$/;

/** Folders of a stage that are looked into, and how deep. */
const folderLimit = 200;
const depthLimit = 5;

/** The units that a stage brings along, where one is being named for systemctl; undefined where none is. */
export function completeUnits(
  file: TreeFile,
  before: string,
  offset: number,
  fs: FileSystem,
): Promise<readonly Completion[]> | undefined {
  const typed =
    /\bsystemctl\b[^;&|#]*\s(?:enable|disable|mask|unmask|is-enabled|set-default|preset)\s(?:[^;&|#]*\s)?([\w@.-]*)$/.exec(
      before,
    )?.[1];
  const { stage } = file;
  if (typed === undefined || typed.startsWith('-') || stage === undefined) return undefined;
  return offer(fs, stage, { start: offset - typed.length, end: offset });
}

async function offer(
  fs: FileSystem,
  stage: Stage,
  replace: Completion['replace'],
): Promise<readonly Completion[]> {
  const units = await unitsOf(fs, stage);
  return [...units].map(([name, path]) => ({
    label: name,
    kind: 'unit',
    text: name,
    replace,
    detail: relativePath(stage.path, path),
  }));
}

/** The units in the folders of a stage, by name. Links are not followed. */
export async function unitsOf(fs: FileSystem, stage: Stage): Promise<ReadonlyMap<string, string>> {
  const units = new Map<string, string>();
  let left = folderLimit;
  const look = async (folder: string, depth: number): Promise<void> => {
    if (left-- <= 0 || depth > depthLimit) return;
    const entries = await folderEntries(fs, folder);
    for (const { name, kind } of entries) {
      if (kind === 'file' && unitName.test(name)) units.set(name, joinPath(folder, name));
    }
    const inner = entries.filter(({ kind, symbolicLink }) => kind === 'folder' && !symbolicLink);
    await Promise.all(inner.map(({ name }) => look(joinPath(folder, name), depth + 1)));
  };
  for (const subStage of stage.subStages) {
    await Promise.all(
      subStage.others.map(async ({ name, path, kind }) => {
        if (kind === 'file' && unitName.test(name)) units.set(name, path);
        else if (kind === 'folder' && !closed.has(name)) await look(path, 0);
      }),
    );
  }
  return units;
}

/** What pi-gen and others make: never looked into. */
const closed = new Set(['work', 'deploy', 'rootfs', 'node_modules', '.git']);
