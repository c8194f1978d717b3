import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import type { FileSystem } from '../../../src/pigen/files/file-system';
import { FileError } from '../../../src/pigen/files/file-system';
import type { GitIndex } from '../../../src/pigen/files/git-index';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import type { Stage, StageTree } from '../../../src/pigen/tree/stage-tree';
import { plainAssignments } from './plain-assignments';
import { TemporaryFolder } from './temporary-folder';

const fs = new NodeFileSystem();

function load(root: string, gitIndex?: GitIndex, files: FileSystem = fs): Promise<StageTree> {
  return loadStageTree(files, root, { readAssignments: plainAssignments, gitIndex });
}

function stageOf(tree: StageTree, name: string): Stage {
  const stage = tree.stages.find((one) => one.name === name);
  assert.ok(stage, name);
  return stage;
}

describe('loadStageTree', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  describe('of pi-gen itself', () => {
    let tree: StageTree;
    beforeEach(async () => {
      tree = await load(await folder.copyTree('pi-gen-tree'));
    });

    it('names stages in the order of the default glob, then all others by path', () => {
      assert.equal(tree.layout, 'pi-gen');
      assert.equal(tree.branch, 'arm64');
      assert.equal(tree.stageList.source, 'default');
      assert.deepEqual(
        tree.stages.map(({ name, position, role }) => [name, position, role]),
        [
          ['stage0', 1, 'stage'],
          ['stage10', 2, 'stage'],
          ['stage2', 3, 'stage'],
          ['export-image', undefined, 'export'],
          ['extra-kiosk', undefined, 'stage'],
        ],
      );
    });

    it('keeps the file that the glob matches too, for build.sh stops at it', () => {
      const [first] = tree.stageList.entries;
      assert.deepEqual([first?.text, first?.path], ['stage*', undefined]);
    });

    it('sorts steps as run_sub_stage runs them, with the place where each runs', () => {
      const [locale] = stageOf(tree, 'stage0').subStages;
      assert.deepEqual(
        locale?.steps.map(({ name, place, skipped }) => [name, place, skipped]),
        [
          ['00-debconf', 'chroot', undefined],
          ['00-packages-nr', 'chroot', undefined],
          ['00-packages', 'chroot', undefined],
          ['00-run.sh', 'host', undefined],
          ['00-run-chroot.sh', 'chroot', undefined],
          ['01-patches', 'host', undefined],
          ['02-run.sh', 'host', 'not-executable'],
        ],
      );
      assert.deepEqual(
        locale.others.map(({ name, kind }) => [name, kind]),
        [['files', 'folder']],
      );
    });

    it('takes every folder of a stage for a sub-stage, by bytes', () => {
      const stage = stageOf(tree, 'stage2');
      assert.deepEqual(
        stage.subStages.map(({ name }) => name),
        ['10-late', '9-early', 'files'],
      );
      assert.deepEqual(
        stage.others.map(({ name }) => name),
        ['README.md'],
      );
      assert.deepEqual(
        [stage.exportImage, stage.skip, stage.skipImages, stage.exportNoobs],
        [true, false, false, false],
      );
    });

    it('tells what is skipped, and why', () => {
      const stage = stageOf(tree, 'stage10');
      assert.deepEqual([stage.skip, stage.skipImages, stage.exportImage], [true, true, true]);
      assert.equal(stage.prerun?.executeBit.disk, false);
      assert.equal(stage.subStages[0]?.skip, true);
      assert.equal(stage.subStages[0].steps[0]?.skipped, 'stage-skipped');
    });

    it('keeps what pi-gen ignores', () => {
      const others = stageOf(tree, 'extra-kiosk').subStages[0]?.others;
      assert.deepEqual(
        others?.map(({ name }) => name),
        ['00-packaages'],
      );
    });
  });

  it('follows the list of config, globs and variables in it, and its export folder', async () => {
    const root = await folder.copyTree('config-list');
    const tree = await load(root);
    assert.equal(tree.stageList.source, 'config');
    assert.equal(tree.stageList.file, `${root}/config`);
    assert.deepEqual(
      tree.stageList.entries.map(({ text, path }) => [text, path?.slice(root.length + 1)]),
      // A list with a command substitution in it is bash's alone.
      [['"stage1 ${BASE_DIR}/stage1? ${CUSTOM}/stage-kiosk ./stage2/ missing $(ls -d extra*)"', undefined]],
    );
    assert.deepEqual(
      tree.stages.filter(({ role }) => role === 'export').map(({ path }) => path.slice(root.length + 1)),
      ['images/kiosk'],
    );
    await folder.write(
      'config-list/config',
      'CUSTOM=custom\nSTAGE_LIST="stage2 ${BASE_DIR}/stage1? ${CUSTOM}/stage-kiosk ./stage2/ missing"\n',
    );
    const known = await load(root);
    assert.deepEqual(
      known.stageList.entries.map(({ text, path }) => [text, path?.slice(root.length + 1)]),
      [
        ['stage2', 'stage2'],
        ['${BASE_DIR}/stage1?', 'stage10'],
        ['${CUSTOM}/stage-kiosk', 'custom/stage-kiosk'],
        ['./stage2/', 'stage2'],
        ['missing', undefined],
      ],
    );
    assert.deepEqual(
      known.stages.map(({ path, position }) => [path.slice(root.length + 1), position]),
      [
        ['stage2', 0],
        ['stage10', 1],
        ['custom/stage-kiosk', 2],
        ['images/kiosk', undefined],
        ['stage1', undefined],
      ],
    );
    assert.deepEqual(
      known.stageLists.map(({ file }) => file?.slice(root.length + 1)),
      ['config', 'config-lite'],
    );
  });

  it('finds composite actions where GitHub has people put them', async () => {
    const root = await folder.copyTree('action-repository');
    const action =
      'runs:\n  using: composite\n  steps:\n    - uses: usimd/pi-gen-action@v1\n      with:\n        image-name: x\n';
    await folder.write('action-repository/.github/actions/image/action.yml', action);
    await folder.write('action-repository/.github/actions/image/README.md', '');
    await folder.write(
      'action-repository/.github/actions/other/action.yml',
      'runs:\n  using: composite\n  steps: []\n',
    );
    const tree = await load(root);
    assert.deepEqual(
      tree.workflows
        .map(({ path }) => path.slice(root.length + 1))
        .filter((path) => path.includes('actions/')),
      ['.github/actions/image/action.yml'],
    );
  });

  it('follows the lists of workflows in a repository without pi-gen', async () => {
    const root = await folder.copyTree('action-repository');
    const tree = await load(root);
    assert.equal(tree.layout, 'stages');
    assert.equal(tree.branch, 'bookworm-arm64');
    assert.equal(tree.stageList.source, 'workflow');
    assert.deepEqual(
      tree.stageList.entries.map(({ text, path, upstream, range }) => [
        text,
        path !== undefined,
        upstream,
        range?.start.line,
      ]),
      [
        ['stage0', false, true, 14],
        ['stage1', false, true, 14],
        ['stage2', false, true, 15],
        ['./stages/stage-base', true, false, 15],
        ['stages/stage-signage', true, false, 16],
        ['${{ matrix.extra }}', false, false, 17],
        ['stages/stage-missing', false, false, 18],
      ],
    );
    assert.deepEqual(
      tree.stages.map(({ name, position, overlay }) => [name, position, overlay]),
      [
        ['stage-base', 3, false],
        ['stage-signage', 4, false],
        ['stage-unlisted', undefined, false],
      ],
    );
    assert.equal(tree.stageLists.length, 3);
    assert.equal(tree.workflows.length, 2);
  });

  it('loads a stage that was cloned into pi-gen', async () => {
    const root = await folder.copyTree('pi-gen-tree');
    await mkdir(`${root}/extra-kiosk/.git`);
    assert.equal(stageOf(await load(root), 'extra-kiosk').position, undefined);
  });

  it('marks folders that are copied over those of pi-gen', async () => {
    const tree = await load(await folder.copyTree('overlay-repository'));
    assert.deepEqual(
      tree.stages.map(({ name, overlay, position }) => [name, overlay, position]),
      [
        ['stage2', true, undefined],
        ['stage3', true, undefined],
      ],
    );
    assert.equal(tree.stageList.source, 'none');
  });

  it('tells of broken YAML, and loads the rest', async () => {
    const root = await folder.copyTree('broken-yaml');
    const tree = await load(root);
    assert.deepEqual(
      tree.stages.map(({ name }) => name),
      ['stage-kiosk'],
    );
    const [problem] = tree.problems;
    assert.equal(problem?.path, `${root}/.github/workflows/image.yml`);
    assert.match(problem.message, /not valid YAML/);
    assert.ok(problem.range);
    assert.ok(tree.workflows[0]?.broken);
  });

  it('loads a tree whose config is full of bash', async () => {
    const tree = await load(await folder.copyTree('bash-config'));
    assert.deepEqual(
      tree.stages.map(({ name }) => name),
      ['stage0'],
    );
    assert.deepEqual(tree.problems, []);
  });

  it('has no stages where there are none', async () => {
    const tree = await load(await folder.copyTree('no-stage'));
    assert.deepEqual([tree.stages, tree.stageList.source], [[], 'none']);
    assert.deepEqual((await load(`${folder.path}/nowhere`)).stages, []);
  });

  it('survives links that loop, lead nowhere, or lead out of the tree', async () => {
    const root = await folder.copyTree('pi-gen-tree');
    await symlink('loop', `${root}/stage2/loop`);
    await symlink('..', `${root}/stage2/up`);
    await symlink('nowhere', `${root}/stage2/10-late/01-run.sh`);
    await symlink('extra-kiosk', `${root}/stage9`);
    const tree = await load(root);
    assert.equal(stageOf(tree, 'extra-kiosk').subStages[0]?.name, '00-browser');
    const stage = stageOf(tree, 'stage2');
    assert.ok(stage.others.some(({ name, kind }) => name === 'loop' && kind === 'other'));
    assert.ok(stage.subStages.some(({ name }) => name === 'up'));
    assert.deepEqual(
      stage.subStages[0]?.others.map(({ name, kind }) => [name, kind]),
      [['01-run.sh', 'other']],
    );
  });

  it('tells of what it may not read, and loads the rest', async () => {
    const root = await folder.copyTree('pi-gen-tree');
    const closed = [`${root}/config`, `${root}/stage2/9-early`];
    const refuse = (path: string): void => {
      if (closed.includes(path)) throw new FileError('no-permission', path);
    };
    const guarded: FileSystem = {
      readFile: async (path, limit) => (refuse(path), fs.readFile(path, limit)),
      readFolder: async (path) => (refuse(path), fs.readFolder(path)),
      stat: (path) => fs.stat(path),
      realPath: (path) => fs.realPath(path),
    };
    const tree = await load(root, undefined, guarded);
    assert.deepEqual(
      tree.problems.map(({ path }) => path),
      closed,
    );
    assert.equal(stageOf(tree, 'stage2').subStages.length, 3);
  });

  it('notes the bit in the git index, which counts where the disk has none', async () => {
    const root = await folder.copyTree('pi-gen-tree');
    const gitIndex = { root, executable: (path: string) => path.endsWith('/02-run.sh') };
    const onDisk = stageOf(await load(root, gitIndex), 'stage0').subStages[0]?.steps.at(-1);
    assert.deepEqual(onDisk?.executeBit, { disk: false, index: true });
    assert.equal(onDisk.skipped, 'not-executable');
    const windows: FileSystem = {
      readFile: (path, limit) => fs.readFile(path, limit),
      readFolder: (path) => fs.readFolder(path),
      stat: async (path) => {
        const found = await fs.stat(path);
        return found && { ...found, executable: undefined };
      },
      realPath: (path) => fs.realPath(path),
    };
    const steps = stageOf(await load(root, gitIndex, windows), 'stage0').subStages[0]?.steps;
    assert.deepEqual(
      steps?.filter(({ kind }) => kind === 'run').map(({ skipped }) => skipped),
      ['not-executable', undefined],
    );
  });

  it('loads a thousand stages', async () => {
    for (let i = 0; i < 1000; i++) {
      const stage = `many/stage${String(i).padStart(3, '0')}`;
      await folder.write(`${stage}/prerun.sh`, '', 0o755);
      await folder.write(`${stage}/00-x/00-run.sh`, '', 0o755);
    }
    await folder.write('many/build.sh', 'run_sub_stage');
    await mkdir(`${folder.path}/many/scripts`);
    await folder.write('many/scripts/common', '');
    const tree = await load(`${folder.path}/many`);
    assert.equal(tree.stages.length, 1000);
    assert.ok(
      tree.stages.every((stage, i) => stage.position === i && stage.subStages[0]?.steps.length === 1),
    );
  });

  it('stops when it is told to', async () => {
    const root = await folder.copyTree('pi-gen-tree');
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(loadStageTree(fs, root, { readAssignments: plainAssignments, signal }), /enough/);
  });
});
