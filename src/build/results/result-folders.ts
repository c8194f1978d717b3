import { readdir } from 'node:fs/promises';
import { joinPath } from '../../pigen/files/path';

/**
 * Where builds of a tree have put results, logs and what is kept of them: its deploy folder, and those in it that builds with one
 * of several configs get. Looks no deeper. Never rejects: a folder that is not there holds no others.
 */
export async function resultFolders(deployFolder: string): Promise<readonly string[]> {
  const entries = await readdir(deployFolder, { withFileTypes: true }).catch(() => []);
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => joinPath(deployFolder, name));
  return [deployFolder, ...below.sort()];
}
