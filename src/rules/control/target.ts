import { branches } from '../../pigen/branches';
import { staticValue } from '../../pigen/config';
import type { StageTree } from '../../pigen/stage-tree';
import { inputValue } from '../../pigen/workflow';
import type { SettingsFile } from './settings-file';

/** What the stages are built with and for. */
export interface Target {
  /** Name in branches.ts; undefined where nothing tells. */
  readonly branch: string | undefined;
  /** Debian release; undefined where nothing tells. */
  readonly release: string | undefined;
}

/** What is known of the target: as asked for, else from .pigen.yaml, the config, a workflow, and the tree's build.sh. */
export function targetOf(
  tree: StageTree,
  settings: SettingsFile | undefined,
  asked: string | undefined,
): Target {
  const chosen = asked ?? settings?.release;
  const branch =
    settings?.branch ??
    tree.branch ??
    // Each branch's stage0 can make one release only.
    branches.find(({ release }) => release === chosen)?.name;
  const release =
    chosen ?? fromConfig(tree) ?? fromWorkflow(tree) ?? branches.find(({ name }) => name === branch)?.release;
  return { branch, release };
}

function fromConfig(tree: StageTree): string | undefined {
  const [config] = tree.configs;
  const value = config && staticValue(config, 'RELEASE');
  return value === '' ? undefined : value;
}

function fromWorkflow(tree: StageTree): string | undefined {
  const values = tree.workflows.flatMap(({ steps }) => steps.map((step) => inputValue(step, 'release')));
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : undefined;
}
