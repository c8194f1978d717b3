import { DockerEngine } from './docker-engine';
import type { Engine } from './engine';
import { openClient } from './engine-client';
import type { EngineEndpoint } from './engine-endpoint';
import type { EnginePatience } from './engine-watch';

/**
 * Loads the client library, which takes a while, and connects to nothing yet. Rejects with a BuildProblemError.
 */
export async function openEngine(endpoint: EngineEndpoint, patience?: EnginePatience): Promise<Engine> {
  return new DockerEngine(endpoint.label, await openClient(endpoint, patience));
}
