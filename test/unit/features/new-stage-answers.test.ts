import assert from 'node:assert/strict';
import { foldersForFile, foldersForStage } from '../../../src/features/scaffold/folders-for-new';
import { OfferedAnswer } from '../../../src/features/scaffold/offered-answer';
import type { Stage } from '../../../src/pigen/tree/stage-tree';

describe('an answer that a wizard offers', () => {
  it('follows what it is made of until the user gives another', () => {
    let offered = 'kiosk';
    const answer = new OfferedAnswer(() => offered);
    answer.set('kiosk');
    offered = 'player';
    assert.equal(answer.value, 'player', 'a step back has changed what it is made of');
    answer.set('screen');
    offered = 'other';
    assert.equal(answer.value, 'screen');
    answer.clear();
    assert.equal(answer.value, 'other');
  });
});

describe('the folders that something new may go into', () => {
  const stage = (path: string): Stage =>
    ({ name: path.slice(path.lastIndexOf('/') + 1), path, role: 'stage' }) as Stage;
  const own = {
    root: '/work/image',
    layout: 'stages' as const,
    stages: [stage('/work/image/stages/stage-app')],
  };

  it('are those beside the stages, and workspace folders without any', () => {
    assert.deepEqual(foldersForStage([own], ['/work/image']), ['/work/image/stages']);
    assert.deepEqual(foldersForStage([own], ['/work/image', '/work/empty']), [
      '/work/image/stages',
      '/work/empty',
    ]);
    assert.deepEqual(foldersForStage([own], ['/work/image/stages/stage-app']), ['/work/image/stages']);
    assert.deepEqual(foldersForStage([], ['/work/empty']), ['/work/empty']);
    assert.deepEqual(foldersForStage([{ ...own, layout: 'pi-gen' }], ['/work']), ['/work/image']);
  });

  it('are the roots for a config or a workflow', () => {
    assert.deepEqual(foldersForFile([own], ['/work/image', '/work/empty']), ['/work/image', '/work/empty']);
  });
});
