import { readAptSources } from '../../pigen/apt/apt-sources';
import type { ReadSources } from '../../pigen/apt/apt-sources';
import type { Entry, FileSystem } from '../../pigen/files/file-system';
import { joinPath } from '../../pigen/files/path';
import { readText } from '../../pigen/files/read-text';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { entriesOf } from './data-file';

/** A file of apt sources that a stage brings along. */
export interface SourceFile {
  readonly path: string;
  readonly sources: ReadSources;
}

export interface SourceFiles {
  readonly found: readonly SourceFile[];
  /** There are more folders than are looked into. */
  readonly incomplete: boolean;
}

const sizeLimit = 256 * 1024;
/** Folders of a tree's `files` that are looked into, and how deep. */
const folderLimit = 10_000;
const depthLimit = 8;

/**
 * Reads the files of apt sources that lie beside the steps of sub-stages, or in folders there.
 *
 * @param listed what lies in folders that have been listed already, by path
 */
export async function readSourceFiles(
  fs: FileSystem,
  tree: StageTree,
  listed: ReadonlyMap<string, readonly Entry[]>,
): Promise<SourceFiles> {
  const paths: string[] = [];
  let left = folderLimit;
  let incomplete = false;
  const look = async (folder: string, depth: number): Promise<void> => {
    if (left-- <= 0 || depth > depthLimit) {
      incomplete = true;
      return;
    }
    const entries = listed.get(folder) ?? (await entriesOf(fs, folder)) ?? [];
    paths.push(
      ...entries
        .filter(({ kind, name }) => kind === 'file' && isSourceName(name))
        .map(({ name }) => joinPath(folder, name)),
    );
    const inner = entries.filter(
      ({ kind, symbolicLink, name }) => kind === 'folder' && !symbolicLink && !closed.has(name),
    );
    await Promise.all(inner.map(({ name }) => look(joinPath(folder, name), depth + 1)));
  };
  const subStages = tree.stages.flatMap((stage) => stage.subStages);
  await Promise.all(
    subStages.flatMap(({ others }) =>
      others.map(async ({ kind, name, path }) => {
        if (kind === 'file' && isSourceName(name)) paths.push(path);
        else if (kind === 'folder' && !closed.has(name)) await look(path, 0);
      }),
    ),
  );
  const found = await Promise.all(
    paths.sort().map(async (path) => {
      const text = await readText(fs, path, sizeLimit);
      const sources = typeof text === 'string' ? readAptSources(path, text) : { sources: [], unknown: true };
      return { path, sources };
    }),
  );
  return { found, incomplete };
}

/** What pi-gen and others make, never what a stage brings along. */
const closed = new Set(['work', 'deploy', 'rootfs', 'node_modules', '.git']);

function isSourceName(name: string): boolean {
  return /\.(?:list|sources)$/.test(name);
}
