import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { orderOf } from '../../../src/pigen/tree/order';
import type { OrderItem } from '../../../src/pigen/tree/order';
import { outlineOf } from '../../../src/pigen/tree/stage-outline';
import { plainAssignments } from './plain-assignments';
import { TemporaryFolder } from './temporary-folder';

describe('orderOf', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  async function order(name: string): Promise<readonly OrderItem[]> {
    const root = await folder.copyTree(name);
    return orderOf(await loadStageTree(new NodeFileSystem(), root, { readAssignments: plainAssignments }));
  }

  it('is the running order of a tree, the export last, with the reason for all that does not run', async () => {
    const items = await order('pi-gen-tree');
    assert.deepEqual(
      items.map(({ position, stage, name, passedOver }) => [
        position ?? '-',
        `${stage}/${name}`,
        passedOver ?? 'runs',
      ]),
      [
        ['-', 'stage*/stage*', 'stage-missing'],
        [1, 'stage0/prerun.sh', 'runs'],
        [2, 'stage0/00-debconf', 'runs'],
        [3, 'stage0/00-packages-nr', 'runs'],
        [4, 'stage0/00-packages', 'runs'],
        [5, 'stage0/00-run.sh', 'runs'],
        [6, 'stage0/00-run-chroot.sh', 'runs'],
        [7, 'stage0/01-patches', 'runs'],
        ['-', 'stage0/02-run.sh', 'not-executable'],
        ['-', 'stage10/prerun.sh', 'stage-skipped'],
        ['-', 'stage10/00-run.sh', 'stage-skipped'],
        [8, 'stage2/prerun.sh', 'runs'],
        [9, 'stage2/00-packages', 'runs'],
        [10, 'stage2/00-packages', 'runs'],
        [11, 'stage2/00-run.sh', 'runs'],
        ['-', 'stage2/README.md', 'not-looked-at'],
        [12, 'export-image/prerun.sh', 'runs'],
        [13, 'export-image/00-run.sh', 'runs'],
        ['-', 'extra-kiosk/prerun.sh', 'not-listed'],
        ['-', 'extra-kiosk/00-packages', 'not-listed'],
        ['-', 'extra-kiosk/00-packaages', 'not-looked-at'],
      ],
    );
    for (const item of items) assert.equal(item.reason === undefined, item.passedOver === undefined);
    assert.deepEqual(
      [...new Set(items.filter(({ exported }) => exported).map(({ stage }) => stage))],
      ['stage2'],
    );
  });

  it('has postrun.sh behind the exports, and before what the list does not name', async () => {
    const root = await folder.copyTree('pi-gen-tree');
    await folder.write('pi-gen-tree/postrun.sh', '#!/bin/bash -e\n', 0o755);
    const load = (): ReturnType<typeof loadStageTree> =>
      loadStageTree(new NodeFileSystem(), root, { readAssignments: plainAssignments });
    const tree = await load();
    const items = orderOf(tree);
    const at = items.findIndex(({ kind }) => kind === 'postrun');
    assert.deepEqual(
      items.slice(at - 1, at + 2).map(({ position, stage, name }) => [position, stage, name]),
      [
        [13, 'export-image', '00-run.sh'],
        [14, undefined, 'postrun.sh'],
        [undefined, 'extra-kiosk', 'prerun.sh'],
      ],
    );
    const top = outlineOf(tree).map((node) => (node.kind === 'stage' ? node.name : node.item.name));
    assert.deepEqual(top.slice(-3), ['export-image', 'postrun.sh', 'extra-kiosk']);

    await chmod(`${root}/postrun.sh`, 0o644);
    const passedOver = orderOf(await load()).find(({ kind }) => kind === 'postrun');
    assert.equal(passedOver?.position, undefined);
    assert.equal(passedOver?.passedOver, 'not-executable');
  });

  it('keeps the place of the stages that pi-gen brings along', async () => {
    const items = await order('action-repository');
    assert.deepEqual(
      items.slice(0, 4).map(({ kind, name, passedOver }) => [kind, name, passedOver]),
      [
        ['upstream-stage', 'stage0', undefined],
        ['upstream-stage', 'stage1', undefined],
        ['upstream-stage', 'stage2', undefined],
        ['prerun', 'prerun.sh', undefined],
      ],
    );
  });

  it('claims nothing where only GitHub can tell a stage of the list', async () => {
    const items = await order('action-repository');
    assert.deepEqual(
      items.filter(({ kind }) => kind === 'upstream-stage').map(({ passedOver }) => passedOver),
      [undefined, undefined, undefined, 'stage-unknown', 'stage-missing'],
    );
    assert.equal(items.find(({ stage }) => stage === 'stage-unlisted')?.passedOver, undefined);
  });

  it('says of no stage that it is not listed where there is no list', async () => {
    const items = await order('overlay-repository');
    assert.ok(items.some(({ name, position }) => name === '00-run.sh' && position !== undefined));
    assert.ok(items.every(({ passedOver }) => passedOver !== 'not-listed'));
  });
});
