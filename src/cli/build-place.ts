import type { BuildSearch } from '../build/session/found-build';
import { discoverTrees, findTree } from '../pigen/tree/discover';
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
  const around = await treeAround(core, terminal);
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

/** As placeOf, for builds that run: for those of a repository nobody has to say which pi-gen they were begun with. */
export async function searchOf(
  core: Core,
  given: string | undefined,
  terminal: Terminal,
): Promise<BuildSearch> {
  if (given !== undefined) return placeOf(core, given, terminal);
  const around = await treeAround(core, terminal);
  return around?.layout === 'stages' ? { repositoryRoot: around.path } : placeOf(core, undefined, terminal);
}

async function treeAround(core: Core, { workingFolder, signal }: Terminal) {
  return (
    (await findTree(core.fileSystem, workingFolder, { signal })) ??
    (await discoverTrees(core.fileSystem, workingFolder, { signal }))[0]
  );
}
