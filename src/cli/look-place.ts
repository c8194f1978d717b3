import { lookPlaceOf } from '../build/rootfs/look-place';
import type { LookPlace } from '../build/rootfs/look-place';
import { readLookScripts } from '../build/rootfs/rootfs-scripts';
import type { LookScripts } from '../build/rootfs/rootfs-scripts';
import { searchOf } from './build-place';
import type { Core } from './core';
import { endpointOf } from './engine-option';
import type { EngineOptions } from './engine-option';
import type { Terminal } from './terminal';

/** What ended builds and tries of a tree have left to look into, and the scripts to look with. */
export interface Kept {
  readonly place: LookPlace;
  readonly scripts: LookScripts;
}

/**
 * Finds it on the engine.
 *
 * @param tree as `--tree` names it; undefined: that of the working directory
 * Rejects with a BuildProblemError where no engine answers, with a UsageError where there is no such tree.
 */
export async function findKeptPlace(
  core: Core,
  { tree, ...engine }: EngineOptions & { readonly tree?: string | undefined },
  terminal: Terminal,
): Promise<Kept> {
  const search = await searchOf(core, tree, terminal);
  const endpoint = await endpointOf(core, engine, terminal);
  const scripts = await readLookScripts(core.fileSystem, core.folder);
  return { place: await lookPlaceOf(endpoint, search, scripts, terminal.signal), scripts };
}
