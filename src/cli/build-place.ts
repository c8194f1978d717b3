import { discoverTrees, findTree } from '../pigen/discover';
import type { Core } from './core';
import { pathFrom } from './options';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';

export interface BuildPlace {
  readonly treeRoot: string;
  readonly repositoryRoot: string | undefined;
}

/** The pi-gen tree to build, and the repository whose stages are built with it. Throws a UsageError where there is none. */
export async function placeOf(
  core: Core,
  given: string | undefined,
  terminal: Terminal,
): Promise<BuildPlace> {
  const { workingFolder, signal } = terminal;
  const around =
    (await findTree(core.fileSystem, workingFolder, { signal })) ??
    (await discoverTrees(core.fileSystem, workingFolder, { signal }))[0];
  if (given !== undefined) {
    const treeRoot = pathFrom(terminal, given);
    const own = around?.layout === 'stages' && around.path !== treeRoot ? around.path : undefined;
    return { treeRoot, repositoryRoot: own };
  }
  if (around?.layout === 'pi-gen') return { treeRoot: around.path, repositoryRoot: undefined };
  throw new UsageError(
    around === undefined
      ? 'There is no pi-gen tree here to build. Name one with --tree.'
      : 'There are stages here, but no pi-gen to build them with. Name a checkout of pi-gen with --tree.',
  );
}
