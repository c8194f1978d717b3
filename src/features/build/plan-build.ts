import * as vscode from 'vscode';
import { BuildProblemError } from '../../build/build-problem';
import type { Engine } from '../../build/engine/engine';
import type { EngineEndpoint } from '../../build/engine/engine-endpoint';
import type { OneTimeChanges } from '../../build/plan/one-time-changes';
import { namedPlan } from '../../build/plan/named-builds';
import { askMachine } from '../../build/engine/ask-machine';
import { openEngine } from '../../build/engine/open-engine';
import { prepareBuild } from '../../build/plan/prepare-build';
import type { PreparedBuild } from '../../build/plan/prepare-build';
import type { FileSystem } from '../../pigen/files/file-system';
import type { BashParser } from '../../shell/bash-parser';
import { uriOf } from '../paths';
import { endpointOf } from './build-engine';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';

export interface PlannerParts {
  /** What is on disk: a build takes nothing else. */
  readonly disk: FileSystem;
  readonly parser: () => Promise<BashParser>;
  readonly ruleNames: ReadonlySet<string>;
}

export interface PlanRequest {
  readonly place: BuildPlace;
  /** Nothing is saved. */
  readonly quiet?: boolean;
  readonly changes?: OneTimeChanges | undefined;
}

export interface PlannedBuild {
  readonly prepared: PreparedBuild;
  readonly engine: Engine;
  readonly endpoint: EngineEndpoint;
}

/** Finds the engine and plans the build, by the settings. Rejects with a BuildProblemError. */
export async function planBuild(
  { place, quiet = false, changes }: PlanRequest,
  { disk, parser, ruleNames }: PlannerParts,
  signal: AbortSignal,
): Promise<PlannedBuild> {
  if (!quiet) await vscode.workspace.saveAll(false);
  const folder = place.repositoryRoot ?? place.treeRoot;
  const settings = readBuildSettings(uriOf(folder));
  const endpoint = await endpointOf(disk, folder, place.engine);
  const engine = await openEngine(endpoint);
  const machine = askMachine(engine, signal);
  const prepared = await prepareBuild(
    {
      ...place,
      configFile: place.configFile ?? settings.config,
      settings: settings.build,
      environment: process.env,
      machine,
      knownRules: ruleNames,
      ...(changes === undefined ? {} : { changes }),
    },
    disk,
    await parser(),
    signal,
  );
  if (!prepared.ok) throw new BuildProblemError(prepared.problem);
  const plan = place.name === undefined ? prepared.plan : namedPlan(prepared.plan, place.name);
  return { prepared: { ...prepared, plan }, engine, endpoint };
}
