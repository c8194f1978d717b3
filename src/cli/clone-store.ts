import path from 'node:path';
import { CloneStore } from '../build/plan/pi-gen-clone';
import { cacheFolder } from './cache-folder';
import type { Terminal } from './terminal';

/** Where clones of pi-gen are kept for the command line. */
export function cloneStore({ environment }: Pick<Terminal, 'environment'>): CloneStore {
  return new CloneStore(path.join(cacheFolder(environment), 'pigen', 'clones'));
}
