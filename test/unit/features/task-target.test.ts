import assert from 'node:assert/strict';
import path from 'node:path';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import type { StageTree } from '../../../src/pigen/tree/stage-tree';
import { readTaskDefinition } from '../../../src/features/tasks/task-definition';
import { findTarget } from '../../../src/features/tasks/task-target';
import { plainAssignments } from '../pigen/plain-assignments';

const workspaces = path.resolve(import.meta.dirname, '../../fixtures/workspaces').replaceAll('\\', '/');
const stages = `${workspaces}/stages`;

/** What each property of a task in tasks.json leads to, in trees as they are on disk. */
describe('the target of a task', () => {
  let tree: StageTree;
  let others: readonly StageTree[];

  const load = (root: string) =>
    loadStageTree(new NodeFileSystem(), root, { readAssignments: plainAssignments });
  before(async () => {
    tree = await load(stages);
    others = await Promise.all(['first', 'second'].map((name) => load(`${workspaces}/multi-root/${name}`)));
  });

  const find = (
    properties: Readonly<Record<string, string>>,
    base: string | undefined = stages,
    trees: readonly StageTree[] = [tree],
  ) => {
    const task = readTaskDefinition({ type: 'pi-gen', ...properties });
    assert.ok(!('kind' in task), JSON.stringify(task));
    const target = findTarget(task, trees, base);
    return 'kind' in target
      ? target
      : {
          task: target.task,
          tree: target.tree.root,
          stage: target.stage?.path,
          from: target.from,
          config: target.configFile,
        };
  };
  const nothing = { stage: undefined, from: undefined, config: undefined };

  it('is the only tree where it says no more than what to do', () => {
    assert.deepEqual(find({ task: 'check' }), { ...nothing, task: 'check', tree: stages });
    assert.deepEqual(find({ task: 'build' }), { ...nothing, task: 'build', tree: stages });
  });

  it('is the tree of "folder", counted from the workspace folder', () => {
    const root = `${workspaces}/multi-root`;
    assert.deepEqual(find({ task: 'build', folder: 'second' }, root, others), {
      ...nothing,
      task: 'build',
      tree: `${root}/second`,
    });
    assert.deepEqual(find({ task: 'check', folder: '.' }), { ...nothing, task: 'check', tree: stages });
    assert.deepEqual(find({ task: 'check', folder: 'nowhere' }), {
      kind: 'no-tree-there',
      folder: 'nowhere',
    });
  });

  it('is asked for where there are several, unless one of them alone holds the stage', () => {
    const root = `${workspaces}/multi-root`;
    const several = { kind: 'several-trees', folders: ['first', 'second'] };
    assert.deepEqual(find({ task: 'build' }, root, others), several);
    assert.deepEqual(find({ task: 'stage', stage: 'stage-speaker' }, root, others), {
      ...nothing,
      task: 'stage',
      tree: `${root}/second`,
      stage: `${root}/second/stage-speaker`,
    });
    assert.deepEqual(find({ task: 'stage', stage: 'stage-nowhere' }, root, others), several);
    assert.deepEqual(find({ task: 'build' }, `${workspaces}/elsewhere`, others), { kind: 'no-trees' });
  });

  it('has the stage of "stage", by name or by folder', () => {
    const radio = { ...nothing, task: 'stage', tree: stages, stage: `${stages}/stage-radio` };
    assert.deepEqual(find({ task: 'stage', stage: 'stage-radio' }), radio);
    assert.deepEqual(find({ task: 'stage', stage: './stage-radio/' }), radio);
    assert.deepEqual(find({ task: 'stage', stage: 'stage-nowhere' }), {
      kind: 'unknown-stage',
      stage: 'stage-nowhere',
      root: stages,
      names: tree.stages.map(({ name }) => name),
    });
  });

  it('begins with the sub-stage of "from", which has to be one of that stage', () => {
    const kiosk = { ...nothing, task: 'stage', tree: stages, stage: `${stages}/stage-kiosk` };
    assert.deepEqual(find({ task: 'stage', stage: 'stage-kiosk', from: '01-browser' }), {
      ...kiosk,
      from: '01-browser',
    });
    assert.deepEqual(find({ task: 'stage', stage: 'stage-kiosk', from: '00-tuner' }), {
      kind: 'unknown-sub-stage',
      subStage: '00-tuner',
      stage: 'stage-kiosk',
    });
  });

  it('is built with the config of "config", counted from the workspace folder and not from the tree', () => {
    const root = `${workspaces}/multi-root`;
    const build = { task: 'build', folder: 'first', config: 'configs/small' };
    assert.deepEqual(find(build, root, others), {
      ...nothing,
      task: 'build',
      tree: `${root}/first`,
      config: `${root}/configs/small`,
    });
    assert.deepEqual(find({ ...build, config: '/etc/pi-gen/config' }, root, others), {
      ...nothing,
      task: 'build',
      tree: `${root}/first`,
      config: '/etc/pi-gen/config',
    });
  });
});
