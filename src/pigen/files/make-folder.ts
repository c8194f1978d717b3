import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and those above it that are missing. Rejects with Node's error where one cannot be made, and leaves those that
 * could. `mkdir` with `recursive` comes to no end, and keeps a thread busy, where a file system takes no new folders and says that
 * with ENOENT: below /proc.
 *
 * @param mode of each folder that is made, less the process's umask
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    const above = path.dirname(folder);
    if (!isMissing(error) || above === folder) {
      if (await isFolder(folder)) return;
      throw error;
    }
    await makeFolder(above, mode);
    await makeOne(folder, mode);
  }
}

/** Somebody else may make it at the same moment. */
async function makeOne(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if (!(await isFolder(folder))) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function isFolder(place: string): Promise<boolean> {
  return stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
