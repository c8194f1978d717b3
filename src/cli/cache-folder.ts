import { homedir } from 'node:os';
import path from 'node:path';
import type { Terminal } from './terminal';

/** The user's folder for what can be made again, as each platform has it. */
export function cacheFolder(environment: Terminal['environment']): string {
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
