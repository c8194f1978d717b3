import { setImmediate } from 'node:timers/promises';
import { partKey } from '../pigen/apt/apt-sources';
import type { RepositoryPart } from '../pigen/apt/apt-sources';
import type { OtherPlace, PackageAnswers, PackageIndex, UnknownPackage } from '../pigen/apt/package-index';
import type { IndexStore, StoredPart } from './index-store';
import type { NameList } from './name-list';
import { Nearest } from './name-list';

const millisecondsOfDay = 24 * 60 * 60 * 1000;

/** Names of one check whose nearest are looked for: where more are unknown, something else is wrong than spelling. */
const nearestLimit = 100;

/** What the index knows of a name. */
export interface Found {
  /** The parts that have it. */
  readonly parts: readonly RepositoryPart[];
  /** How many of the parts asked the index has no names of. */
  readonly unknownParts: number;
  /** The names that are really near, where none has it. */
  readonly nearest: readonly string[];
  /** Days since the oldest of the parts was fetched. */
  readonly age: number;
}

/** The index of package names as it lies on disk. Only the names that are asked for decide what of it is read. */
export class StoredIndex implements PackageIndex {
  /** What was found of unknown names, by the parts that were asked: an editor asks the same again with every key press. */
  readonly #known = new Map<string, Map<string, UnknownPackage | undefined>>();
  #contents: ReadonlyMap<string, StoredPart> | undefined;

  constructor(
    private readonly store: IndexStore,
    /** Milliseconds since 1970. */
    private readonly now: () => number = Date.now,
  ) {}

  async isPresent(): Promise<boolean> {
    return (await this.store.contents()).size > 0;
  }

  async lookUp(
    parts: readonly RepositoryPart[],
    names: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<PackageAnswers> {
    const contents = await this.store.contents();
    if (contents !== this.#contents) this.#known.clear();
    this.#contents = contents;
    const wanted = new Map<string, StoredPart>();
    for (const part of parts) {
      const key = partKey(part);
      const stored = contents.get(key);
      if (stored !== undefined) wanted.set(key, stored);
    }
    const lists: NameList[] = [];
    let missing = new Set(names);
    // The largest first: it has most of the names, and the others are then not read at all.
    for (const part of [...wanted.values()].sort((a, b) => b.count - a.count)) {
      if (missing.size === 0) break;
      signal?.throwIfAborted();
      const list = await this.store.names(part);
      if (list === undefined) {
        wanted.delete(partKey(part));
        continue;
      }
      lists.push(list);
      missing = new Set([...missing].filter((name) => !list.has(name)));
    }
    const others = [...contents].filter(([key]) => !wanted.has(key)).map(([, part]) => part);
    const known = this.#knownOf([...wanted.keys()].join('\n'));
    const unknown = new Map<string, UnknownPackage>();
    for (const name of missing) {
      if (!known.has(name)) {
        // A long list of unknown names is no reason to hold up an editor.
        await setImmediate();
        signal?.throwIfAborted();
        known.set(name, await this.#judge(name, lists, others, unknown.size < nearestLimit));
      }
      const found = known.get(name);
      if (found !== undefined) unknown.set(name, found);
    }
    const oldest = Math.min(this.now(), ...[...wanted.values()].map(({ fetched }) => fetched));
    return {
      covers: (part) => wanted.has(partKey(part)),
      unknown: (name) => unknown.get(name),
      age: Math.floor((this.now() - oldest) / millisecondsOfDay),
    };
  }

  /** Where a package is among parts of repositories; undefined where the index has none of them. */
  async find(parts: readonly RepositoryPart[], name: string): Promise<Found | undefined> {
    const contents = await this.store.contents();
    const having: RepositoryPart[] = [];
    const lists: NameList[] = [];
    let oldest = this.now();
    for (const part of parts) {
      const stored = contents.get(partKey(part));
      const list = stored && (await this.store.names(stored));
      if (stored === undefined || list === undefined) continue;
      lists.push(list);
      oldest = Math.min(oldest, stored.fetched);
      if (list.has(name)) having.push(part);
    }
    if (lists.length === 0) return undefined;
    return {
      parts: having,
      unknownParts: parts.length - lists.length,
      nearest: having.length > 0 ? [] : nearestOf(name, lists),
      age: Math.floor((this.now() - oldest) / millisecondsOfDay),
    };
  }

  /** The first names of parts of repositories that begin so, in the order of their bytes, as far as the index has them. */
  async startingWith(
    parts: readonly RepositoryPart[],
    prefix: string,
    limit: number,
  ): Promise<readonly string[]> {
    const contents = await this.store.contents();
    const names = new Set<string>();
    for (const part of parts) {
      const stored = contents.get(partKey(part));
      const list = stored && (await this.store.names(stored));
      for (const name of list?.startingWith(prefix, limit) ?? []) names.add(name);
    }
    return [...names].sort().slice(0, limit);
  }

  #knownOf(parts: string): Map<string, UnknownPackage | undefined> {
    const known = this.#known.get(parts) ?? new Map<string, UnknownPackage | undefined>();
    this.#known.set(parts, known);
    return known;
  }

  async #judge(
    name: string,
    lists: readonly NameList[],
    others: readonly StoredPart[],
    looksForNearest: boolean,
  ): Promise<UnknownPackage | undefined> {
    if (matchesAsPattern(name, lists)) return undefined;
    const nearest = looksForNearest ? nearestOf(name, lists) : [];
    return { nearest, elsewhere: await this.#elsewhere(name, others) };
  }

  async #elsewhere(name: string, parts: readonly StoredPart[]): Promise<readonly OtherPlace[]> {
    const places = new Map<string, OtherPlace>();
    for (const part of parts) {
      const { suite, architecture } = part;
      const list = await this.store.names(part);
      if (list?.has(name) === true) places.set(`${suite} ${architecture}`, { suite, architecture });
    }
    return [...places.values()];
  }
}

function nearestOf(name: string, lists: readonly NameList[]): readonly string[] {
  const nearest = new Nearest(name);
  for (const list of lists) list.collectNearest(name, nearest);
  return nearest.names;
}

/**
 * Whether apt-get installs something else for a name that no package has: it takes one with a `.` or `+` for a regular
 * expression that a part of a name may match. Names of many `+` are taken to match, so that none takes for ever.
 */
function matchesAsPattern(name: string, lists: readonly NameList[]): boolean {
  if (!/[.+]/.test(name)) return false;
  if ((name.match(/\+/g)?.length ?? 0) > 2 || !/^[a-z0-9][a-z0-9.+-]*$/.test(name)) return true;
  const pattern = new RegExp(name.replaceAll(/\++/g, '+'));
  return lists.some((list) => list.some(pattern));
}
