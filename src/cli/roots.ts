import { discoverTrees, findTree } from '../pigen/tree/discover';
import type { Core } from './core';
import { shownPath } from '../pigen/files/path';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';

/** The roots of the trees in a folder, or of the one that a file belongs to. Throws a UsageError where there is none. */
export async function rootsOf(core: Core, path: string, terminal: Terminal): Promise<readonly string[]> {
  const found = await core.fileSystem.stat(path);
  const shown = shownPath(path, terminal.workingFolder);
  if (found === undefined)
    throw new UsageError(`${shown}: there is no such file or folder, or it may not be read.`);
  if (found.kind === 'folder') {
    const trees = await discoverTrees(core.fileSystem, path, { signal: terminal.signal });
    if (trees.length > 0) return trees.map((tree) => tree.path);
  } else {
    const tree = await findTree(core.fileSystem, path, { signal: terminal.signal });
    if (tree !== undefined) return [tree.path];
  }
  throw new UsageError(
    `${shown}: no pi-gen stage here. A stage is a folder with a prerun.sh, or with sub-folders that hold steps such as 00-run.sh or 00-packages.`,
  );
}
