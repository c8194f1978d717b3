import type { FileSystem } from '../../pigen/file-system';
import { joinPath } from '../../pigen/path';
import type { ContainerScripts } from './stage-plan';

/**
 * Reads the scripts that run in the build container.
 *
 * @param folder where the bundle keeps them, absolute
 */
export async function readContainerScripts(fs: FileSystem, folder: string): Promise<ContainerScripts> {
  const read = async (name: string): Promise<string> =>
    new TextDecoder().decode(await fs.readFile(joinPath(folder, name)));
  return { tryStage: await read('try-stage.sh'), keptLayers: await read('kept-layers.sh') };
}
