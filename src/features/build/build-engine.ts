import os from 'node:os';
import { BuildProblemError } from '../../build/build-problem';
import { openEngine } from '../../build/engine/open-engine';
import type { Engine } from '../../build/engine/engine';
import { resolveEngineEndpoint } from '../../build/engine/engine-endpoint';
import type { EngineEndpoint } from '../../build/engine/engine-endpoint';
import type { FileSystem } from '../../pigen/file-system';
import { readBuildSettings } from './build-settings';
import { uriOf } from '../paths';

/**
 * The engine that the settings of a folder name, or the environment. Rejects with a BuildProblemError.
 *
 * @param folder absolute; empty: no folder's settings
 * @param usual where the engine is sought when the settings name none
 */
export async function openEngineOf(disk: FileSystem, folder: string, usual = ''): Promise<Engine> {
  return openEngine(await endpointOf(disk, folder, usual));
}

/** Where that engine is. Rejects with a BuildProblemError. */
export async function endpointOf(disk: FileSystem, folder: string, usual = ''): Promise<EngineEndpoint> {
  const named = folder === '' ? '' : readBuildSettings(uriOf(folder)).engine;
  const found = await resolveEngineEndpoint({
    setting: named === '' ? usual : named,
    environment: process.env,
    platform: process.platform,
    homeFolder: os.homedir().replaceAll('\\', '/'),
    fileSystem: disk,
  });
  if (!found.ok) throw new BuildProblemError(found.problem);
  return found.endpoint;
}
