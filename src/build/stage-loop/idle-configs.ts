import { readFile } from 'node:fs/promises';
import { baseName, isWithin, joinPath, relativePath } from '../../pigen/files/path';
import { containerTree } from '../plan/build-plan';
import type { PreparedBuild } from '../plan/prepare-build';
import { folderEntries } from '../session/context-archive';
import type { ArchiveEntry } from '../session/context-archive';
import { spread } from '../spread';
import { hasWord } from './stage-scripts';

/** Bytes. A larger file is data, such as a package. */
const longestScript = 1_000_000;
/** So many files are read at once. */
const readers: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

/** They set BASE_DIR, or copy all of the tree to where it is built; what they read of it stands in them by name. */
const entryScripts: ReadonlySet<string> = new Set(['build.sh', 'build-docker.sh', 'Dockerfile']);

/**
 * Configs in the tree that nothing of a build reads: kept stages do not depend on them. build.sh sources `config` and what it is
 * given with `-c`, and no other file by itself. But a config may source another one, and a stage sees the whole tree, so
 * each counts as read whose name stands in any text of the build, whatever the text is, or which a text may come to in ways that do
 * not name it: `config-${FLAVOUR}`, `*.config`, all of the tree's folder. That leaves what a program puts together from pieces.
 *
 * @param files of the tree, without the configs
 * @returns paths in the container. Rejects with a BuildProblemError for a folder that cannot be read
 */
export async function idleConfigs(
  build: PreparedBuild,
  files: readonly ArchiveEntry[],
): Promise<ReadonlySet<string>> {
  const { plan, tree } = build;
  const root = plan.treeRoot;
  const sourced = new Set([joinPath(root, 'config'), ...build.configs.map(({ path }) => path)]);
  const others = tree.configs.filter(({ path }) => !sourced.has(path));
  if (others.length === 0) return new Set();

  const places = new Set(others.map(({ path }) => joinPath(containerTree, relativePath(root, path))));
  const given = [
    ...plan.container.options.environment,
    ...plan.files.filter(({ path }) => !places.has(path)).map(({ text }) => text),
  ];
  const outside = (build.order ?? []).filter(({ path }) => !isWithin(root, path));
  const scripts = await spread(
    [...files, ...(await entriesBelow(outside.map(({ path }) => path)))],
    readers,
    readingOf,
  );
  const readings = [
    new Reading(plan.container.command.join(' '), true),
    ...given.map((text) => new Reading(text)),
    ...scripts.filter((one) => one !== undefined),
  ];
  const idle = new Map(others.map((config) => [config.path, config]));
  // One that is read may read another.
  for (const reading of readings) {
    for (const { path, text } of [...idle.values()]) {
      if (!reading.mayBe(baseName(path))) continue;
      idle.delete(path);
      readings.push(new Reading(text));
    }
  }
  return new Set([...idle.keys()].map((path) => joinPath(containerTree, relativePath(root, path))));
}

async function entriesBelow(folders: readonly string[]): Promise<readonly ArchiveEntry[]> {
  const all: ArchiveEntry[] = [];
  for await (const entry of folderEntries(folders.map((from) => ({ from, name: from })))) all.push(entry);
  return all;
}

/** What cannot be read is told of where it is hashed. */
async function readingOf(entry: ArchiveEntry): Promise<Reading | undefined> {
  if (entry.kind !== 'disk' || !entry.stats.isFile() || entry.stats.size > longestScript) return undefined;
  const text = await readFile(entry.path, 'latin1').catch(() => '');
  return new Reading(text, entryScripts.has(entry.name));
}

/** What a text of any kind, a script or a program, may read of the configs beside build.sh. Errs on the side of reading. */
class Reading {
  readonly #text: string;
  readonly #any: boolean;

  /** @param listsTree whether it may use the tree's folder as a whole without reading configs */
  constructor(text: string, listsTree = false) {
    this.#text = text;
    // Quotes may stand anywhere in a path.
    const bare = text.replaceAll(/["'\\]/g, '');
    this.#any = opensInto.test(bare) || closesInto.test(bare) || (!listsTree && wholeTree.test(bare));
  }

  mayBe(name: string): boolean {
    return this.#any || hasWord(this.#text, name);
  }
}

/** The beginning of a config's name, gone on with by an expansion or a pattern: `config-$X`, `config*`, `config-{a,b}`. */
const opensInto = /(?<![\w.-])config[-.\w]*[*?[$`{(]/;

/** Its end behind one: `$X.config`, `${X}-config`, `*config`. */
const closesInto = /(?:[*?\]}`)]|\$\w+)[-._\w]*config(?![\w-])/;

/** The tree's folder without a plain name of what is in it: `${BASE_DIR}`, `/pi-gen/*`, `../..` of a sub-stage. */
const wholeTree =
  /(?:BASE_DIR(?!\w)|(?<!\w)\/pi-gen(?![\w-])|\.\.\/\.\.)(?!\}?\/[\w-][\w.-]*(?:[^\w.*?[{$`-]|$))/;
