import type { FileSystem } from '../files/file-system';
import { baseName, folderOf, isWithin, joinPath, relativePath } from '../files/path';

/**
 * The folder that pi-gen runs where a stage is named: build.sh (`STAGE_DIR=$(realpath "${STAGE_DIR}")`) and pi-gen-action
 * (absolutizePiGenStages in its src/pi-gen-config.ts) follow links, so that stage, work folder, root file system and log have the
 * target's name. Sub-stages and steps keep theirs. Where only folders above are links, the path stays as it is written.
 *
 * @param root of the tree or repository: what lies in it is named from there, through whatever links that was opened
 * @returns the path itself where nothing is there
 */
export async function stageTarget(fs: FileSystem, root: string, path: string): Promise<string> {
  const real = await fs.realPath(path);
  if (real === undefined || real === path) return path;
  const realRoot = await fs.realPath(root);
  if (realRoot !== undefined && isWithin(realRoot, real)) {
    const inside = relativePath(realRoot, real);
    return inside === '' ? root : joinPath(root, inside);
  }
  // A link in the tree leads out of it, and there is nothing behind it in a container that holds the tree alone.
  if (isWithin(root, path)) return real;
  const realFolder = await fs.realPath(folderOf(path));
  return realFolder !== undefined && joinPath(realFolder, baseName(path)) === real ? path : real;
}
