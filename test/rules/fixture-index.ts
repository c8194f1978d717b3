import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { IndexStore } from '../../src/packages/index-store';
import { PackageNameReader } from '../../src/packages/packages-file';
import { StoredIndex } from '../../src/packages/stored-index';
import { partsOf } from '../../src/pigen/apt/apt-sources';
import type { RepositoryPart } from '../../src/pigen/apt/apt-sources';
import { findBranch } from '../../src/pigen/branches';
import type { PackageIndex } from '../../src/pigen/apt/package-index';
import { stage0Sources } from '../../src/pigen/apt/stage0-sources';

const fixtures = path.resolve(__dirname, '../fixtures/apt');

/**
 * An index of what pi-gen's stage0 gives an image of trixie, and of bookworm's main part besides, with the few packages of
 * test/fixtures/apt. Kept in `folder`, as a user has it.
 */
export async function fixtureIndex(folder: string): Promise<PackageIndex> {
  const master = findBranch('master');
  if (master === undefined) throw new Error('pi-gen has a branch master');
  const { sources, architectures } = stage0Sources(master);
  const trixie = sources.flatMap((source) => partsOf(source, { release: 'trixie', architectures }) ?? []);
  const [first] = trixie;
  if (first === undefined) throw new Error('stage0 names repositories');
  const store = new IndexStore(folder);
  const parts = [...trixie, { ...first, suite: 'bookworm' }];
  await store.keep(
    await Promise.all(parts.map(async (part) => ({ ...part, sources: 'fixture', names: await namesOf(part) }))),
    Date.now(),
  );
  return new StoredIndex(store);
}

async function namesOf({ uri, suite, component, architecture }: RepositoryPart): Promise<readonly string[]> {
  const archive = uri.includes('raspbian') ? 'raspbian' : 'archive';
  const file = path.join(fixtures, archive, suite, `${component}.${architecture}.packages`);
  const text = await readFile(file).catch(() => undefined);
  if (text === undefined) return [];
  const reader = new PackageNameReader();
  reader.add(text);
  return reader.finish();
}
