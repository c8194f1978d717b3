import { BuildProblemError } from '../build/build-problem';
import type { BuildProblem } from '../build/build-problem';
import type { EngineEndpoint } from '../build/engine/engine-endpoint';
import { openInventory } from '../build/engine/engine-inventory';
import type { EngineInventory } from '../build/engine/engine-inventory';
import type { PreparedBuildResult } from '../build/plan/prepare-build';
import type { PreflightFacts, ProgramFacts } from '../build/preflight/facts';
import { gatherFacts } from '../build/preflight/gather-facts';
import { gitVersion } from '../build/plan/run-git';
import type { Core } from './core';
import type { Terminal } from './terminal';
import { version } from '../../package.json';

export interface PreflightRequest {
  readonly endpoint: EngineEndpoint | BuildProblem;
  readonly prepare: ((machine: string) => Promise<PreparedBuildResult>) | undefined;
  readonly pull?: (image: string) => Promise<boolean>;
}

/** What is to be known before a build on an engine. */
export async function preflightFacts(
  { endpoint, prepare, pull }: PreflightRequest,
  core: Core,
  terminal: Terminal,
): Promise<PreflightFacts> {
  const named = 'address' in endpoint;
  return gatherFacts({
    program: await programFacts(terminal),
    engineLabel: named ? endpoint.label : '',
    inventory: named ? await inventoryOf(endpoint) : endpoint,
    prepare,
    fs: core.fileSystem,
    parser: await core.parser.get(),
    signal: terminal.signal,
    ...(pull === undefined ? {} : { pull }),
  });
}

async function inventoryOf(endpoint: EngineEndpoint): Promise<EngineInventory | BuildProblem> {
  try {
    return await openInventory(endpoint);
  } catch (error) {
    if (error instanceof BuildProblemError) return error.problem;
    throw error;
  }
}

async function programFacts(terminal: Terminal): Promise<ProgramFacts> {
  return {
    version,
    platform: `${process.platform} ${process.arch}, Node.js ${process.versions.node}`,
    git: await gitVersion(terminal.workingFolder),
  };
}
