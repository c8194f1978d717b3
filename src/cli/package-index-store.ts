import path from 'node:path';
import { IndexStore } from '../packages/index-store';
import { cacheFolder } from './cache-folder';
import type { Terminal } from './terminal';

/** Where the index of package names is kept: in the user's cache folder, as each platform has it. */
export function packageIndexStore({ environment }: Pick<Terminal, 'environment'>): IndexStore {
  return new IndexStore(path.join(cacheFolder(environment), 'pigen', 'packages'));
}
