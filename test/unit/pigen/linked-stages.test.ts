import assert from 'node:assert/strict';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { actionStages } from '../../../src/build/plan/action-build';
import type { ActionBuild } from '../../../src/build/plan/action-build';
import { stagesOfBuild } from '../../../src/build/plan/build-stages';
import { LocalPaths } from '../../../src/explain/local-paths';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import { orderOf } from '../../../src/pigen/tree/order';
import type { StageTree } from '../../../src/pigen/tree/stage-tree';
import { plainAssignments } from './plain-assignments';
import { TemporaryFolder } from './temporary-folder';

const fs = new NodeFileSystem();
const load = (root: string) => loadStageTree(fs, root, { readAssignments: plainAssignments });

/** In linked-stages, the list names stage-kiosk, a link to parts/real-kiosk. */
describe('a stage that is named through a link', () => {
  let folder: TemporaryFolder;
  let root: string;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    root = await folder.copyTree('linked-stages');
  });
  afterEach(() => folder.remove());

  const told = ({ stages }: StageTree) => stages.map(({ name, path, position }) => [name, path, position]);

  it('is the folder behind it, under whose name pi-gen runs it; sub-stages and steps keep theirs', async () => {
    const tree = await load(root);
    assert.deepEqual(told(tree), [
      ['stage0', `${root}/stage0`, 0],
      ['real-kiosk', `${root}/parts/real-kiosk`, 1],
      ['shared', `${root}/shared`, undefined],
    ]);
    assert.deepEqual(
      tree.stages[1]?.subStages.map(({ name, target }) => [name, target]),
      [
        ['00-own', undefined],
        ['01-common', `${root}/shared/10-common`],
      ],
    );
    const [, entry] = tree.stageList.entries;
    assert.deepEqual([entry?.text, entry?.link], ['stage-kiosk', `${root}/stage-kiosk`]);
    assert.deepEqual(
      orderOf(tree)
        .filter(({ position }) => position !== undefined)
        .map(({ path }) => path?.slice(root.length + 1)),
      [
        'stage0/prerun.sh',
        ...['prerun.sh', '00-own/00-run.sh', '00-own/01-run.sh', '01-common/00-run.sh'].map(
          (name) => `parts/real-kiosk/${name}`,
        ),
      ],
    );
  });

  it('is found behind a line of the log', async () => {
    const path = '/pi-gen/parts/real-kiosk/01-common/00-run.sh';
    const tree = await load(root);
    const place = new LocalPaths(tree, [{ container: '/pi-gen', local: root }]).find(path);
    assert.deepEqual(
      [place?.path, place?.stage?.name, place?.subStage?.name, place?.step?.name],
      [`${root}/parts/real-kiosk/01-common/00-run.sh`, 'real-kiosk', '01-common', '00-run.sh'],
    );
  });

  it('is named from the tree, through whatever link that is opened', async () => {
    const way = `${folder.path}/way`;
    await symlink('linked-stages', way);
    assert.deepEqual(told(await load(way))[1], ['real-kiosk', `${way}/parts/real-kiosk`, 1]);
  });

  it('is copied in where the link leads out of the tree', async () => {
    await mkdir(`${folder.path}/elsewhere`);
    await rename(`${root}/parts`, `${folder.path}/elsewhere/parts`);
    await symlink('../elsewhere/parts', `${root}/parts`);
    const tree = await load(root);
    const outside = `${folder.path}/elsewhere/parts/real-kiosk`;
    assert.deepEqual(told(tree)[1], ['real-kiosk', outside, 1]);
    assert.deepEqual(stagesOfBuild(tree, undefined, tree.stageList), {
      ok: true,
      stages: [
        { kind: 'tree', path: 'stage0' },
        { kind: 'folder', path: outside },
      ],
    });
  });

  it('keeps its path where only a folder above it is a link', async () => {
    await symlink('linked-stages', `${folder.path}/way`);
    await folder.write('other/config', `IMG_NAME=x\nSTAGE_LIST=${folder.path}/way/stage0\n`);
    await folder.write('other/build.sh', 'run_stage\n');
    await folder.write('other/scripts/common', '');
    assert.deepEqual(told(await load(`${folder.path}/other`))[0], ['stage0', `${folder.path}/way/stage0`, 0]);
  });

  it('is that to pi-gen-action too', async () => {
    const action = { piGenFolder: 'pi-gen', stages: ['stage-kiosk'] } as unknown as ActionBuild['action'];
    const build = { workflow: 'build.yml', workspace: root, action } as ActionBuild;
    const found = await actionStages(fs, build, `${folder.path}/pi-gen`);
    assert.ok(found.ok);
    assert.deepEqual(
      found.list.entries.map(({ path }) => path),
      [`${root}/parts/real-kiosk`],
    );
  });
});
