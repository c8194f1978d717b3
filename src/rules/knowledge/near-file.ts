import { editDistance } from '../../pigen/tree/near-miss';
import type { Entry } from '../../pigen/files/file-system';
import { baseName, folderOf, joinPath, relativePath } from '../../pigen/files/path';
import type { Stage, SubStage } from '../../pigen/tree/stage-tree';
import { otherFolder } from '../inputs/named-file';
import type { NamedFile } from '../inputs/named-file';
import type { SubStageFiles } from '../inputs/sub-stage-files';

/** Whether a file is there, or lies in a folder of which nothing is known. */
export function isThere({ folders }: SubStageFiles, { base, path }: NamedFile): boolean {
  let folder = base;
  for (const part of relativePath(base, path).split('/')) {
    const entries = folders.get(folder);
    // A folder that nobody has listed: nothing is known.
    if (entries === undefined) return !folders.has(folder);
    if (!entries.some(({ name }) => name === part)) return false;
    folder = joinPath(folder, part);
  }
  return true;
}

/** A file that is there and may be meant by the name of one that is not. */
export interface NearFile {
  /** In the place of the way to the file; undefined where another folder is meant, and `shown` takes the place of the whole. */
  readonly way?: string;
  readonly shown: string;
  /** Nothing but upper and lower case differs. */
  readonly sure: boolean;
}

/** The one file whose name is nearly that of a file that is not there, or that lies in the other of the sub-stage's and the stage's `files`. */
export function nearFile(
  files: SubStageFiles,
  stage: Stage,
  subStage: SubStage,
  named: NamedFile,
): NearFile | undefined {
  const { folders } = files;
  const { base, path, way, shown } = named;
  const folder = folderOf(path);
  const name = baseName(path);
  const entries = (folders.get(folder) ?? []).filter(({ kind }) => kind !== 'other');
  const found = nearestOf(entries, name);
  const near = (corrected: string, sure: boolean): NearFile => ({
    way: corrected,
    shown: shown.slice(0, shown.length - way.length) + corrected,
    sure,
  });
  if (found !== undefined) {
    const corrected = relativePath(base, joinPath(folder, found));
    return near(corrected, found.toLowerCase() === name.toLowerCase());
  }
  const other = otherFolder(named, stage, subStage);
  if (other !== undefined && folders.has(folderOf(other.path)) && isThere(files, other)) {
    return { shown: other.shown, sure: false };
  }
  if (base !== subStage.path) return undefined;
  const beside = subStage.others.find((one) => one.name === name && one.kind === 'file');
  return beside && near(beside.name, false);
}

function nearestOf(entries: readonly Entry[], name: string): string | undefined {
  const limit = name.length > 6 ? 2 : 1;
  const distances = entries
    .map((entry) => ({
      name: entry.name,
      distance: editDistance(entry.name.toLowerCase(), name.toLowerCase(), limit),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  const [first, second] = distances;
  return first === undefined || first.distance === second?.distance ? undefined : first.name;
}
