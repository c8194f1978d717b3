import type * as vscode from 'vscode';

export const taskType = 'pi-gen';

export const taskKinds = ['check', 'build', 'stage'] as const;

/** A task as tasks.json writes it; what VS Code hands over may lack or garble any of it. */
export interface PiGenTask {
  readonly task: (typeof taskKinds)[number];
  /** Folder of the stage tree, relative to the workspace folder; empty: that folder's only tree. */
  readonly folder: string;
  /** Name of the stage, or its folder relative to that of the tree; empty for other kinds. */
  readonly stage: string;
  /** Sub-stage of the stage to begin with; empty: the first. */
  readonly from: string;
  /** Config to build with, relative to the workspace folder; empty: that of the settings. */
  readonly config: string;
}

/** Reads a task's definition. A string says what is wrong with it: undefined `task`, or a stage task without a stage. */
export function readTaskDefinition(definition: vscode.TaskDefinition): PiGenTask | 'no-kind' | 'no-stage' {
  const text = (name: string): string => {
    const value: unknown = definition[name];
    return typeof value === 'string' ? value.trim().replaceAll('\\', '/') : '';
  };
  const task = taskKinds.find((kind) => kind === text('task'));
  if (task === undefined) return 'no-kind';
  const stage = text('stage');
  if (task === 'stage' && stage === '') return 'no-stage';
  return { task, stage, folder: text('folder'), from: text('from'), config: text('config') };
}
