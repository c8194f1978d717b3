import os from 'node:os';
import * as vscode from 'vscode';
import { BuildProblemError } from '../../build/build-problem';
import type { BuildProblem } from '../../build/build-problem';
import { resolveEngineEndpoint } from '../../build/engine/engine-endpoint';
import type { EndpointRequest, EngineEndpoint } from '../../build/engine/engine-endpoint';
import { openInventory } from '../../build/engine/engine-inventory';
import type { EngineInventory } from '../../build/engine/engine-inventory';
import type { PreparedBuildResult } from '../../build/plan/prepare-build';
import type { PreflightFacts } from '../../build/preflight/facts';
import { gatherFacts } from '../../build/preflight/gather-facts';
import { gitVersion } from '../../build/plan/run-git';
import type { FileSystem } from '../../pigen/files/file-system';
import type { BashParser } from '../../shell/bash-parser';

export interface PreflightRequest {
  readonly endpoint: EngineEndpoint | BuildProblem;
  readonly prepare: ((machine: string) => Promise<PreparedBuildResult>) | undefined;
  readonly pull?: (image: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Gathers what is to be known before a build on an engine. */
export type Preflight = (request: PreflightRequest) => Promise<PreflightFacts>;

export interface PreflightParts {
  readonly version: string;
  readonly disk: FileSystem;
  readonly parser: () => Promise<BashParser>;
}

export function editorPreflight({ version, disk, parser }: PreflightParts): Preflight {
  return async ({ endpoint, prepare, pull, signal }) =>
    gatherFacts({
      program: {
        version,
        platform: `${process.platform} ${process.arch}, VS Code ${vscode.version}`,
        git: await gitVersion(os.homedir()),
      },
      engineLabel: 'address' in endpoint ? endpoint.label : '',
      inventory: 'address' in endpoint ? await inventoryOf(endpoint) : endpoint,
      prepare,
      fs: disk,
      parser: await parser(),
      signal,
      ...(pull === undefined ? {} : { pull }),
    });
}

/** The engine that the setting or the environment names. */
export async function editorEndpoint(
  setting: string,
  disk: FileSystem,
): Promise<EngineEndpoint | BuildProblem> {
  const found = await resolveEngineEndpoint(editorRequest(setting, disk));
  return found.ok ? found.endpoint : found.problem;
}

/** What to ask for the engine with. */
export function editorRequest(setting: string, disk: FileSystem): EndpointRequest {
  return {
    setting,
    environment: process.env,
    platform: process.platform,
    homeFolder: os.homedir().replaceAll('\\', '/'),
    fileSystem: disk,
  };
}

async function inventoryOf(endpoint: EngineEndpoint): Promise<EngineInventory | BuildProblem> {
  try {
    return await openInventory(endpoint);
  } catch (error) {
    if (error instanceof BuildProblemError) return error.problem;
    throw error;
  }
}
