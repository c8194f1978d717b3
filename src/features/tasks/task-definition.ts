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

/** Why a task cannot be run: it does not say what to do, or which stage; a property is no text, or means nothing to its kind. */
export type TaskMistake =
  | { readonly kind: 'no-kind' | 'no-stage' }
  | { readonly kind: 'no-text'; readonly property: string }
  | { readonly kind: 'no-use'; readonly property: string; readonly task: PiGenTask['task'] };

/** What each kind of task goes by. Anything else would be passed over in silence, and something else be built than is written. */
const properties: Readonly<Record<PiGenTask['task'], readonly string[]>> = {
  check: ['folder'],
  build: ['folder', 'config'],
  stage: ['folder', 'stage', 'from', 'config'],
};

/** Reads a task's definition, or says what is wrong with it. */
export function readTaskDefinition(definition: vscode.TaskDefinition): PiGenTask | TaskMistake {
  const names = [...new Set(['task', ...Object.values(properties).flat()])];
  const given = new Map(names.map((name): [string, unknown] => [name, definition[name]]));
  const text = (name: string): string => {
    const value = given.get(name);
    return typeof value === 'string' ? value.trim().replaceAll('\\', '/') : '';
  };
  const noText = names.find((name) => given.get(name) !== undefined && typeof given.get(name) !== 'string');
  if (noText !== undefined) return { kind: 'no-text', property: noText };
  const task = taskKinds.find((kind) => kind === text('task'));
  if (task === undefined) return { kind: 'no-kind' };
  const useless = names.find(
    (name) => name !== 'task' && text(name) !== '' && !properties[task].includes(name),
  );
  if (useless !== undefined) return { kind: 'no-use', property: useless, task };
  const stage = text('stage');
  if (task === 'stage' && stage === '') return { kind: 'no-stage' };
  return { task, stage, folder: text('folder'), from: text('from'), config: text('config') };
}
