import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Script } from 'node:vm';
import { makeFolder } from '../pigen/files/make-folder';

/**
 * Where V8's compiled code of one bundle, as far as one command runs it, is kept between two runs: reading it back takes a fraction of compiling it, which
 * would be a quarter of the time of a check. It lies in a folder that only its user may write, as what it holds is run.
 */
export class CodeCache {
  /**
   * @param file one for each command, and for each Node, as no V8 reads another's code
   * @param bundle hash of the bundle's text: V8 itself compares only its length
   */
  constructor(
    private readonly file: string,
    private readonly bundle: string,
  ) {}

  /** What an earlier run left for this bundle; undefined where there is nothing, or nothing that can be read. */
  async read(): Promise<Buffer | undefined> {
    try {
      const bytes = await readFile(this.file);
      const start = this.bundle.length;
      return bytes.toString('latin1', 0, start) === this.bundle ? bytes.subarray(start) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps the code that was compiled by now for later runs. A folder that cannot be written costs only their speed. */
  async write(script: Script): Promise<void> {
    const temporary = `${this.file}.${process.pid}`;
    try {
      await makeFolder(path.dirname(this.file), 0o700);
      await writeFile(
        temporary,
        Buffer.concat([Buffer.from(this.bundle, 'latin1'), script.createCachedData()]),
        {
          mode: 0o600,
        },
      );
      await rename(temporary, this.file);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }
}

/**
 * The user's own folder for what can be made again, by the customs of the platform; undefined where the user has no home.
 * `PIGEN_CACHE_DIR` names another one, and turns caching off where it is empty.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const own = environment['PIGEN_CACHE_DIR'];
  if (own !== undefined) return own === '' ? undefined : path.resolve(own);
  const home = homedir();
  const folder =
    usualFolder(environment, platform) ??
    path.join(home, platform === 'darwin' ? 'Library/Caches' : '.cache');
  return path.isAbsolute(folder) ? path.join(folder, 'pigen') : undefined;
}

function usualFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  if (platform === 'win32') return environment['LOCALAPPDATA'];
  const given = platform === 'darwin' ? undefined : environment['XDG_CACHE_HOME'];
  // By its specification an empty value counts as none.
  return given === '' ? undefined : given;
}
