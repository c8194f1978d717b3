import { homedir } from 'node:os';
import path from 'node:path';
import { IndexStore } from '../packages/index-store';
import type { Terminal } from './terminal';

/** Where the index of package names is kept: in the user's cache folder, as each platform has it. */
export function packageIndexStore({ environment }: Pick<Terminal, 'environment'>): IndexStore {
  return new IndexStore(path.join(cacheFolder(environment), 'pigen', 'packages'));
}

function cacheFolder(environment: Terminal['environment']): string {
  const given = environment['XDG_CACHE_HOME'];
  if (given !== undefined && path.isAbsolute(given)) return given;
  switch (process.platform) {
    case 'win32':
      return environment['LOCALAPPDATA'] ?? path.join(homedir(), 'AppData', 'Local');
    case 'darwin':
      return path.join(homedir(), 'Library', 'Caches');
    default:
      return path.join(homedir(), '.cache');
  }
}
