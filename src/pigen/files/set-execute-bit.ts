import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Sets the execute bit of a file on disk, and in the git index where git tracks it, since that is what a fresh clone and a
 * build in CI get. Rejects where the file may not be changed.
 *
 * @param file as the platform writes it
 */
export async function setExecuteBit(file: string): Promise<void> {
  await setOnDisk(file);
  await setInGitIndex(file);
}

async function setOnDisk(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(file);
  // As `chmod +x` does: everyone who may read it may run it.
  const bits = mode | ((mode & 0o444) >> 2);
  if (bits !== mode) await chmod(file, bits & 0o7777);
}

async function setInGitIndex(file: string): Promise<void> {
  const options = { cwd: path.dirname(file), timeout: 10_000 };
  const tracked = await run('git', ['ls-files', '--error-unmatch', '--', path.basename(file)], options).then(
    () => true,
    // Not tracked, no repository, or no git: the bit on disk is all there is.
    () => false,
  );
  if (tracked) await run('git', ['update-index', '--chmod=+x', '--', path.basename(file)], options);
}
