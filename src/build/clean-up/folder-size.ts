import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of all files below a folder; links are not followed, and what cannot be read counts nothing. */
export async function folderSize(folder: string): Promise<number> {
  let total = 0;
  const open = [folder];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const entry of await readdir(place, { withFileTypes: true }).catch(() => [])) {
      const own = path.join(place, entry.name);
      if (entry.isDirectory()) open.push(own);
      else total += (await lstat(own).catch(() => undefined))?.size ?? 0;
    }
  }
  return total;
}
