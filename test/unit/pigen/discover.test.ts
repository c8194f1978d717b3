import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { discoverTrees, findTree } from '../../../src/pigen/tree/discover';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { TemporaryFolder } from './temporary-folder';

const fs = new NodeFileSystem();

describe('discoverTrees', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  /** Paths below the temporary folder, with their layout. */
  async function found(path = folder.path): Promise<readonly (readonly [string, string])[]> {
    const roots = await discoverTrees(fs, path);
    return roots.map((root) => [root.path.slice(folder.path.length + 1), root.layout]);
  }

  it('finds pi-gen itself, and repositories that hold stages, each by itself', async () => {
    await folder.copyTree('pi-gen-tree');
    await folder.copyTree('action-repository', 'deep/repository');
    await mkdir(`${folder.path}/deep/repository/.git`);
    await folder.copyTree('no-stage');
    assert.deepEqual(await found(), [
      ['deep/repository', 'stages'],
      ['pi-gen-tree', 'pi-gen'],
    ]);
  });

  it('takes the folder for the root where stages are in no repository', async () => {
    await folder.copyTree('overlay-repository', 'x');
    assert.deepEqual(await found(`${folder.path}/x`), [['x', 'stages']]);
  });

  it('keeps a clone of pi-gen apart from the stages around it', async () => {
    await folder.copyTree('action-repository', 'repository');
    await mkdir(`${folder.path}/repository/.git`);
    await folder.copyTree('pi-gen-tree', 'repository/pi-gen');
    assert.deepEqual(await found(`${folder.path}/repository`), [
      ['repository', 'stages'],
      ['repository/pi-gen', 'pi-gen'],
    ]);
  });

  it('enters no work/, deploy/, rootfs, node_modules/, hidden folder or link', async () => {
    const root = await folder.copyTree('no-stage');
    await folder.write('no-stage/node_modules/stage0/prerun.sh', '');
    await folder.write('no-stage/.cache/stage0/prerun.sh', '');
    await folder.write('elsewhere/stage0/prerun.sh', '');
    await symlink('../elsewhere', `${root}/link`);
    await symlink('.', `${root}/loop`);
    assert.deepEqual(await found(root), []);
  });

  it('stops at four levels, and survives a folder that is not there', async () => {
    await folder.write('a/b/c/stage-x/prerun.sh', '');
    await folder.write('a/b/c/d/stage-y/prerun.sh', '');
    assert.deepEqual(await found(), [['', 'stages']]);
    assert.deepEqual(await found(`${folder.path}/none`), []);
    await folder.write('far/b/c/d/e/stage-y/prerun.sh', '');
    assert.deepEqual(await found(`${folder.path}/far`), []);
  });

  it('takes no folder for a stage because of a stage in it', async () => {
    await folder.write('repository/stage-x/00-run.sh', '');
    await folder.write('repository/prerun-less/00-x/00-packages', '');
    const { path } = (await discoverTrees(fs, `${folder.path}/repository`))[0] ?? {};
    assert.equal(path, `${folder.path}/repository`);
  });

  it('stops when it is told to', async () => {
    await folder.copyTree('pi-gen-tree');
    await assert.rejects(
      discoverTrees(fs, folder.path, { signal: AbortSignal.abort(new Error('enough')) }),
      /enough/,
    );
  });
});

describe('findTree', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  it('finds pi-gen from its root, a stage, a sub-stage and a file', async () => {
    const root = await folder.copyTree('pi-gen-tree');
    for (const path of [
      '',
      '/stage0',
      '/stage0/00-locale',
      '/stage0/00-locale/00-run.sh',
      '/stage0/00-locale/files',
      '/none.sh',
    ]) {
      assert.deepEqual(await findTree(fs, root + path), { path: root, layout: 'pi-gen' }, path);
    }
  });

  it('finds the repository of a stage', async () => {
    const root = await folder.copyTree('action-repository');
    await mkdir(`${root}/.git`);
    for (const path of ['', '/stages', '/stages/stage-base/00-tools', '/.github/workflows/image.yml']) {
      assert.deepEqual(await findTree(fs, root + path), { path: root, layout: 'stages' }, path);
    }
  });

  it('finds the tree that a stage of its own repository was cloned into', async () => {
    const root = await folder.copyTree('pi-gen-tree');
    await mkdir(`${root}/extra-kiosk/.git`);
    assert.deepEqual(await findTree(fs, `${root}/extra-kiosk/00-browser`), { path: root, layout: 'pi-gen' });
  });

  it('finds what is around a stage without a repository', async () => {
    await folder.write('a/stage-x/prerun.sh', '');
    await folder.write('a/stage-y/prerun.sh', '');
    assert.deepEqual(await findTree(fs, `${folder.path}/a/stage-x`), {
      path: `${folder.path}/a`,
      layout: 'stages',
    });
    await folder.write('b/kiosk/00-x/00-packages', '');
    assert.deepEqual(await findTree(fs, `${folder.path}/b/kiosk/00-x/00-packages`), {
      path: `${folder.path}/b/kiosk`,
      layout: 'stages',
    });
  });

  it('finds nothing where there is no stage', async () => {
    assert.equal(await findTree(fs, await folder.copyTree('no-stage')), undefined);
    await mkdir(`${folder.path}/no-stage/.git`);
    assert.equal(await findTree(fs, `${folder.path}/no-stage/src/main.c`), undefined);
  });
});
