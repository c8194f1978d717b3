import os from 'node:os';
import { BuildProblemError } from '../build/build-problem';
import type { EngineEndpoint } from '../build/engine/engine-endpoint';
import type { Engine } from '../build/engine/engine';
import { openEngine } from '../build/engine/open-engine';
import { resolveEngineEndpoint } from '../build/engine/engine-endpoint';
import type { Core } from './core';
import type { Terminal } from './terminal';

/** The engine that `--engine` or the environment names. Rejects with a BuildProblemError where that is none. */
export async function endpointOf(core: Core, setting: string, terminal: Terminal): Promise<EngineEndpoint> {
  const found = await resolveEngineEndpoint({
    setting,
    environment: terminal.environment,
    platform: process.platform,
    homeFolder: os.homedir().replaceAll('\\', '/'),
    fileSystem: core.fileSystem,
  });
  if (!found.ok) throw new BuildProblemError(found.problem);
  return found.endpoint;
}

/** As endpointOf, and a client for it. */
export async function engineOf(core: Core, setting: string, terminal: Terminal): Promise<Engine> {
  return openEngine(await endpointOf(core, setting, terminal));
}
