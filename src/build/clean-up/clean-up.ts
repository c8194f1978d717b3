import { readdir, rm, stat } from 'node:fs/promises';
import { joinPath } from '../../pigen/files/path';
import { BuildProblemError } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import type { Engine } from '../engine/engine';
import type { EngineEndpoint } from '../engine/engine-endpoint';
import { openInventory } from '../engine/engine-inventory';
import type { EnginePatience } from '../engine/engine-watch';
import type { EngineInventory, EngineItem } from '../engine/engine-inventory';
import { openEngine } from '../engine/open-engine';
import { folderSize } from './folder-size';
import { purposeLabel, repositoryLabel, treeLabel } from '../labels';
import type { CloneStore, PiGenClone } from '../plan/pi-gen-clone';
import { resultFolders } from '../results/result-folders';
import { removeContainer } from '../session/remove-container';

/** Something of ours that can be removed. */
export interface CleanUpItem {
  readonly kind: 'container' | 'volume' | 'image' | 'clone' | 'log';
  /** Label of the engine that holds it; undefined: this machine does. */
  readonly engine: string | undefined;
  /** Tells it from all others there, and stays the same while it is there. */
  readonly id: string;
  readonly name: string;
  /** Undefined where nobody can tell. */
  readonly bytes: number | undefined;
  /** Its label's purpose, or what it is of: a tree, a URL. */
  readonly detail: string;
  /** A build runs in it, or holds it: removing it ends the build. */
  readonly inUse: boolean;
  /** Rejects with a BuildProblemError, or with Node's error where a file cannot be removed. */
  readonly remove: () => Promise<void>;
}

/** An engine that answers. */
export interface CleanUpEngine {
  /** Tells it from other engines, by whatever address it is reached; empty where it has none. */
  readonly id: string;
  readonly inventory: EngineInventory;
  readonly engine: Engine;
}

/**
 * Rejects with a BuildProblemError where no engine answers there, or with what `signal` was aborted with.
 */
export async function openCleanUpEngine(
  endpoint: EngineEndpoint,
  signal: AbortSignal,
  patience?: EnginePatience,
): Promise<CleanUpEngine> {
  const engine = await openEngine(endpoint, patience);
  const { id } = await engine.info(signal);
  return { id, engine, inventory: await openInventory(endpoint, patience) };
}

export interface CleanUpPlaces {
  /** None where no engine answers: files are listed all the same. */
  readonly engines: readonly CleanUpEngine[];
  readonly clones: CloneStore;
  /** Where builds put their results and logs, whether it is there or not. */
  readonly deployFolders: readonly string[];
  readonly signal: AbortSignal;
}

/** In which order things go: what holds others before what is held. */
const order: readonly CleanUpItem['kind'][] = ['container', 'volume', 'image', 'clone', 'log'];

export interface OurThings {
  readonly items: readonly CleanUpItem[];
  /** Of engines that do not tell what they hold. */
  readonly problems: readonly BuildProblem[];
}

/**
 * Lists what is ours on engines and on this machine. Rejects with what `signal` was aborted with; an engine that does not tell holds
 * up nothing else.
 */
export async function listOurs({
  engines,
  clones,
  deployFolders,
  signal,
}: CleanUpPlaces): Promise<OurThings> {
  const [told, kept, logs] = await Promise.all([
    Promise.all(engines.map((engine) => itemsOf(engine, signal))),
    Promise.all((await clones.list()).map((clone) => cloneItem(clone, clones))),
    // Not what a label names: whoever reaches the engine can write any path of this machine there.
    Promise.all([...new Set(deployFolders)].map(logsBelow)),
  ]);
  const onEngines = told.flatMap((one) => ('kind' in one ? [] : one));
  const items = [...onEngines, ...kept, ...logs.flat()];
  return {
    items: items.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)),
    problems: told.flatMap((one) => ('kind' in one ? [one] : [])),
  };
}

async function itemsOf(
  engine: CleanUpEngine,
  signal: AbortSignal,
): Promise<readonly CleanUpItem[] | BuildProblem> {
  try {
    return (await engine.inventory.items(signal)).map((item) => engineItem(item, engine));
  } catch (error) {
    if (error instanceof BuildProblemError) return error.problem;
    throw error;
  }
}

/** What became of a removal. */
export interface CleanUpFailure {
  readonly item: CleanUpItem;
  /** One sentence. */
  readonly reason: string;
}

const unreachable: ReadonlySet<string> = new Set(['engine-lost', 'no-engine']);

/**
 * Removes what was picked; what cannot be removed holds up nothing else, but that an engine which has gone is not asked again for
 * each. Gives what is still there. Rejects with what `signal` was aborted with, between two removals.
 */
export async function removeOurs(
  items: readonly CleanUpItem[],
  signal: AbortSignal,
): Promise<readonly CleanUpFailure[]> {
  const failures: CleanUpFailure[] = [];
  const gone = new Map<string, string>();
  for (const kind of order) {
    for (const item of items.filter((one) => one.kind === kind)) {
      signal.throwIfAborted();
      try {
        const known = gone.get(item.engine ?? '');
        if (known !== undefined) failures.push({ item, reason: known });
        else await item.remove();
      } catch (error) {
        const reason =
          error instanceof BuildProblemError
            ? error.problem.message
            : error instanceof Error
              ? error.message
              : String(error);
        failures.push({ item, reason });
        const isGone = error instanceof BuildProblemError && unreachable.has(error.problem.kind);
        if (isGone && item.engine !== undefined) gone.set(item.engine, reason);
      }
    }
  }
  return failures;
}

function engineItem(item: EngineItem, { inventory, engine }: CleanUpEngine): CleanUpItem {
  const { kind, id, name, bytes, labels, inUse } = item;
  const place = labels[repositoryLabel] ?? labels[treeLabel];
  const purpose = labels[purposeLabel] ?? '';
  return {
    kind,
    engine: engine.label,
    id,
    name,
    bytes,
    detail: place === undefined ? purpose : `${purpose}, ${place}`,
    inUse,
    remove: async () => {
      if (kind === 'container') await removeContainer(engine, id);
      else await inventory.remove({ kind, id });
    },
  };
}

async function cloneItem(clone: PiGenClone, store: CloneStore): Promise<CleanUpItem> {
  return {
    kind: 'clone',
    engine: undefined,
    id: clone.folder,
    name: clone.folder,
    bytes: await folderSize(clone.folder),
    detail: `${clone.url} at ${clone.version}`,
    inUse: false,
    remove: () => store.remove(clone),
  };
}

/** Logs of whole builds and of tries of stages, those of one config of several in the folder of its results. */
async function logsBelow(deployFolder: string): Promise<readonly CleanUpItem[]> {
  const logs: string[] = [];
  for (const folder of await resultFolders(deployFolder)) {
    const names = await readdir(folder).catch(() => []);
    const own = names.filter((name) => /^build-docker.*\.log$/.test(name));
    logs.push(...own.map((name) => joinPath(folder, name)));
  }
  const items = await Promise.all(logs.sort().map(logItem));
  return items.filter((item) => item !== undefined);
}

async function logItem(path: string): Promise<CleanUpItem | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return undefined;
    return {
      kind: 'log',
      engine: undefined,
      id: path,
      name: path,
      bytes: found.size,
      detail: 'log of a build',
      inUse: false,
      remove: () => rm(path, { force: true }),
    };
  } catch {
    return undefined;
  }
}

/** `12 kB`, `3.4 GB`; `?` where it is not known. */
export function readableSize(bytes: number | undefined): string {
  if (bytes === undefined) return '?';
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit] ?? ''}`;
}
