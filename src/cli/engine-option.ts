import os from 'node:os';
import { BuildProblemError } from '../build/build-problem';
import type { EndpointRequest, EngineEndpoint } from '../build/engine/engine-endpoint';
import { resolveEngineEndpoint } from '../build/engine/engine-endpoint';
import type { Core } from './core';
import type { Terminal } from './terminal';

/** The options that name an engine; either may hold an address or a Docker context. */
export const engineOptions = { engine: { type: 'string' }, context: { type: 'string' } } as const;

export interface EngineOptions {
  readonly engine?: string | undefined;
  readonly context?: string | undefined;
}

/** The engine that `--engine`, `--context` or the environment names. Rejects with a BuildProblemError where that is none. */
export async function endpointOf(
  core: Core,
  options: EngineOptions,
  terminal: Terminal,
): Promise<EngineEndpoint> {
  const found = await resolveEngineEndpoint(requestOf(core, options, terminal));
  if (!found.ok) throw new BuildProblemError(found.problem);
  return found.endpoint;
}

/** What to ask for the engine with. */
export function requestOf(
  core: Core,
  { engine, context }: EngineOptions,
  terminal: Terminal,
): EndpointRequest {
  return {
    setting: engine ?? context ?? '',
    settingName: engine === undefined ? '`--context`' : '`--engine`',
    environment: terminal.environment,
    platform: process.platform,
    homeFolder: os.homedir().replaceAll('\\', '/'),
    fileSystem: core.fileSystem,
  };
}
