import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { untilAll, workspaceFolder } from '../diagnostics';
import { activate } from '../extension';

describe('the tasks', () => {
  afterEach(() => configure([]));

  before(async () => {
    await activate();
    await untilAll(
      workspaceFolder(),
      'stage-radio/00-tuner/00-run-chroot.sh nested-on-chroot',
      'stage-radio/00-tuner/01-run.sh missing-errexit',
    );
  });

  it('are found: check, build, and one for each stage', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'pi-gen' });
    assert.deepEqual(tasks.map(({ name, definition }) => `${name}: ${JSON.stringify(definition)}`).sort(), [
      'build stage-kiosk: {"type":"pi-gen","task":"stage","stage":"stage-kiosk"}',
      'build stage-radio: {"type":"pi-gen","task":"stage","stage":"stage-radio"}',
      'build: {"type":"pi-gen","task":"build"}',
      'check: {"type":"pi-gen","task":"check"}',
    ]);
    assert.ok(tasks.every(({ problemMatchers }) => problemMatchers.length === 0));
  });

  it('check ends with 1 where there are errors', async () => {
    const check = (await vscode.tasks.fetchTasks({ type: 'pi-gen' })).find(({ name }) => name === 'check');
    assert.ok(check);
    assert.equal(await exitCodeOf(check), 1);
  });

  it('say what is wrong with a definition when they are run, and fail', async () => {
    for (const definition of [
      { type: 'pi-gen', task: 'stage' },
      { type: 'pi-gen', task: 'check', folder: 'nowhere' },
      { type: 'pi-gen', task: 'stage', stage: 'stage-nowhere' },
    ]) {
      await configure([{ ...definition, label: 'configured' }]);
      const task = (await vscode.tasks.fetchTasks()).find(({ name }) => name === 'configured');
      assert.ok(task, JSON.stringify(definition));
      assert.equal(await exitCodeOf(task), 1, JSON.stringify(definition));
    }
  });
});

/** Writes tasks into the tasks.json of the folder; none: takes them out again. */
async function configure(tasks: readonly unknown[]): Promise<void> {
  await vscode.workspace
    .getConfiguration('tasks', workspaceFolder())
    .update('tasks', tasks.length === 0 ? undefined : tasks, vscode.ConfigurationTarget.WorkspaceFolder);
}

/** Runs a task to its end. */
async function exitCodeOf(task: vscode.Task): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const ended = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== task.name) return;
      ended.dispose();
      resolve(exitCode);
    });
    vscode.tasks.executeTask(task).then(undefined, reject);
  });
}
