import type { FileSystem } from '../../pigen/files/file-system';
import { joinPath } from '../../pigen/files/path';
import type { ContainerScripts } from './stage-plan';

/**
 * Reads the scripts that run in the build container.
 *
 * @param folder where the bundle keeps them, absolute
 */
export async function readContainerScripts(fs: FileSystem, folder: string): Promise<ContainerScripts> {
  const [tryStage, keptLayers] = await Promise.all([
    readWithOpenSteps(fs, folder, 'try-stage.sh'),
    readScript(fs, folder, 'kept-layers.sh'),
  ]);
  return { tryStage, keptLayers };
}

/** Reads a script that asks what a log has left open, and puts before it what answers that: open-steps.sh. */
export async function readWithOpenSteps(fs: FileSystem, folder: string, name: string): Promise<string> {
  const parts = await Promise.all(['open-steps.sh', name].map((one) => readScript(fs, folder, one)));
  return parts.join('\n');
}

async function readScript(fs: FileSystem, folder: string, name: string): Promise<string> {
  return new TextDecoder().decode(await fs.readFile(joinPath(folder, name)));
}
