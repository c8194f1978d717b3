import { folderNameOf } from '../build/plan/action-build';
import type { BuildPlan } from '../build/plan/build-plan';
import { defaultBuildSettings } from '../build/plan/build-plan';
import { distinctNames, namedPlan } from '../build/plan/named-builds';
import type { BuildRequest } from '../build/plan/prepare-build';
import { placeOf } from './build-place';
import type { Core } from './core';
import { pathFrom } from './options';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';
import { cloneOf, workflowBuilds } from './workflow-builds';

/** What one of possibly several builds is made from. */
export interface BuildTask {
  /** Undefined where it is the only one: it then needs no name. */
  readonly name: string | undefined;
  readonly request: Omit<BuildRequest, 'machine'>;
  readonly output: string | undefined;
}

/** The options of `pigen build` that say what is built. */
export interface TaskOptions {
  readonly tree?: string;
  readonly config?: readonly string[];
  readonly output?: string;
  readonly network?: string;
  readonly name?: string;
  readonly keep?: boolean;
  readonly workflow?: string;
  readonly job?: string;
  readonly matrix?: readonly string[];
  readonly value?: readonly string[];
  readonly clone?: boolean;
  readonly trace?: readonly string[];
  readonly without?: readonly string[];
}

/** One build for each config, or for each job and matrix entry of a workflow. */
export async function tasksOf(
  core: Core,
  values: TaskOptions,
  terminal: Terminal,
): Promise<readonly BuildTask[]> {
  const output = values.output === undefined ? undefined : pathFrom(terminal, values.output);
  const request = {
    settings: {
      ...defaultBuildSettings,
      network: values.network ?? '',
      containerName: values.name ?? '',
      keepContainer: values.keep ?? false,
    },
    environment: terminal.environment,
    knownRules: core.ruleNames,
    changes: {
      trace: (values.trace ?? []).map((path) => pathFrom(terminal, path)),
      without: (values.without ?? []).map((path) => pathFrom(terminal, path)),
    },
  };
  const { workflow } = values;
  if (workflow !== undefined) {
    if (values.config !== undefined) throw new UsageError('Name either a config or a workflow, not both.');
    const actions = await workflowBuilds(core, { ...values, workflow }, terminal);
    const tasks: BuildTask[] = [];
    for (const action of actions) {
      const treeRoot =
        values.tree === undefined
          ? await cloneOf(action, values.clone ?? false, terminal)
          : pathFrom(terminal, values.tree);
      const name = actions.length === 1 ? undefined : folderNameOf(action.name);
      tasks.push({
        name,
        request: { ...request, treeRoot, repositoryRoot: action.workspace, action },
        output,
      });
    }
    return tasks;
  }
  const place = await placeOf(core, values.tree, terminal);
  const configs = (values.config ?? []).map((file) => pathFrom(terminal, file));
  const names = distinctNames(configs);
  if (configs.length < 2) {
    return [{ name: undefined, request: { ...request, ...place, configFile: configs[0] }, output }];
  }
  return configs.map((configFile, index) => ({
    name: names[index],
    request: { ...request, ...place, configFile },
    output,
  }));
}

/** A plan with its own folder for results and log, and its own container, where it is one of several. */
export function named(plan: BuildPlan, { name, output }: BuildTask): BuildPlan {
  const placed = { ...plan, deployFolder: output ?? plan.deployFolder };
  return name === undefined ? placed : namedPlan(placed, name);
}
