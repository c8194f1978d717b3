import assert from 'node:assert/strict';
import { chmod, cp } from 'node:fs/promises';
import path from 'node:path';
import { defaultBuildSettings } from '../../../../src/build/plan/build-plan';
import { prepareBuild } from '../../../../src/build/plan/prepare-build';
import { Fingerprints } from '../../../../src/build/stage-loop/fingerprint';
import { keptNodes, keysOf } from '../../../../src/build/stage-loop/kept-nodes';
import type { KeptStages } from '../../../../src/build/stage-loop/kept-nodes';
import { NodeFileSystem } from '../../../../src/pigen/files/node-file-system';
import type { BashParser } from '../../../../src/shell/bash-parser';
import { TemporaryFolder } from '../../pigen/temporary-folder';
import { loadParser } from '../../shell/parser';

const fixtures = path.resolve(import.meta.dirname, '../../../fixtures').replaceAll('\\', '/');

describe('what the rootfs of a stage depends on', () => {
  let parser: BashParser;
  let folder: TemporaryFolder;
  let fingerprints: Fingerprints;
  before(async () => {
    parser = await loadParser();
  });
  after(() => {
    parser.dispose();
  });
  beforeEach(async () => {
    fingerprints = new Fingerprints();
    folder = await TemporaryFolder.create();
    await cp(`${fixtures}/pi-gen`, `${folder.path}/pi-gen`, { recursive: true });
    await cp(`${fixtures}/stages/stage-parts`, `${folder.path}/pi-gen/stage2`, { recursive: true });
  });
  afterEach(() => folder.remove());

  async function kept(
    changes: { readonly gitHash?: string; readonly cleans?: boolean } = {},
  ): Promise<KeptStages> {
    const fs = new NodeFileSystem();
    const prepared = await prepareBuild(
      {
        treeRoot: `${folder.path}/pi-gen`,
        settings: defaultBuildSettings,
        environment: {},
        machine: 'x86_64',
      },
      fs,
      parser,
    );
    assert.ok(prepared.ok);
    assert.ok(prepared.order);
    const request = { ground: [], others: [], gitHash: undefined, cleans: false, ...changes };
    return keptNodes({ ...request, order: prepared.order, fs, parser, fingerprints });
  }

  /** Names of the nodes whose keys are others after a change, and how the stages take the rootfs. */
  async function changed(change: () => Promise<unknown>): Promise<readonly string[]> {
    const before = keysOf((await kept()).nodes);
    await change();
    const { nodes } = await kept();
    const after = keysOf(nodes);
    return nodes.filter((_, index) => after[index] !== before[index]).map(({ name }) => name);
  }

  async function takes(): Promise<readonly string[]> {
    return [...(await kept()).takes.values()];
  }

  it('is each prerun.sh and each sub-stage, in the order in which pi-gen runs them', async () => {
    assert.deepEqual(
      (await kept()).nodes.map(({ name }) => name),
      [
        ...['stage0', 'stage0/prerun.sh', 'stage0/files'],
        ...['stage1', 'stage1/prerun.sh', 'stage1/00-base', 'stage1/01-tweaks'],
        ...['stage2', 'stage2/prerun.sh', 'stage2/00-make', 'stage2/01-change', 'stage2/02-look'],
      ],
    );
  });

  it('is another from the first sub-stage on that changed, in its files or their modes', async () => {
    const last = ['stage2/01-change', 'stage2/02-look'];
    const script = 'pi-gen/stage2/01-change/00-run.sh';
    assert.deepEqual(await changed(() => folder.write(script, '#!/bin/bash\n', 0o755)), last);
    assert.deepEqual(await changed(() => chmod(`${folder.path}/${script}`, 0o644)), last);
    assert.deepEqual(await changed(() => folder.write('pi-gen/stage2/01-change/files/x', 'x')), last);
    assert.deepEqual(await changed(() => folder.write('pi-gen/stage2/EXPORT_IMAGE', '')), []);
  });

  it('is another for a whole stage whose common files changed', async () => {
    const names = await changed(() => folder.write('pi-gen/stage2/lib.sh', 'x'));
    assert.deepEqual(names, [
      'stage2',
      'stage2/prerun.sh',
      'stage2/00-make',
      'stage2/01-change',
      'stage2/02-look',
    ]);
  });

  it('holds what a sub-stage reaches for outside of its folder', async () => {
    await folder.write('pi-gen/stage2/00-make/01-run.sh', '#!/bin/bash -e\ncp ../02-look/files/x .\n', 0o755);
    const names = await changed(() => folder.write('pi-gen/stage2/02-look/files/x', 'x'));
    assert.deepEqual(names, ['stage2/00-make', 'stage2/01-change', 'stage2/02-look']);
    await folder.write('pi-gen/stage2/02-look/01-run.sh', 'update_issue x\n', 0o755);
    const [one, other] = await Promise.all([kept({ gitHash: 'a' }), kept({ gitHash: 'b' })]);
    assert.deepEqual(
      one.nodes.filter(({ own }, index) => own !== other.nodes[index]?.own).map(({ name }) => name),
      ['stage2/02-look'],
    );
  });

  it('is taken by a rename where prerun.sh is the usual one and nothing reads the original', async () => {
    assert.deepEqual(await takes(), ['copy', 'rename', 'rename']);
    await folder.write(
      'pi-gen/stage2/02-look/01-run.sh',
      'diff -r "${PREV_ROOTFS_DIR}/etc" "${ROOTFS_DIR}/etc"\n',
    );
    assert.deepEqual(await takes(), ['copy', 'rename', 'copy']);
    await folder.write('pi-gen/stage2/02-look/01-run.sh', 'ls "${STAGE_WORK_DIR}" # WORK_DIR\n');
    assert.deepEqual(await takes(), ['copy', 'rename', 'rename']);
    await folder.write('pi-gen/stage2/02-look/01-run.sh', 'ls "${WORK_DIR}/stage0"\n');
    assert.deepEqual(await takes(), ['copy', 'copy', 'copy']);
    assert.deepEqual([...(await kept({ cleans: true })).takes.values()], ['copy', 'copy', 'copy']);
  });

  for (const [what, text] of [
    ['does more', 'if [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nfi\ntouch x\n'],
    ['does more in the branch', 'if [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\n\ttouch x\nfi\n'],
    ['has another branch', 'if [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nelse\n\tcopy_previous\nfi\n'],
    ['tests something else', 'if [ ! -d "${STAGE_WORK_DIR}" ]; then\n\tcopy_previous\nfi\n'],
    ['does not test', 'copy_previous\n'],
    ['bootstraps', 'if [ ! -d "${ROOTFS_DIR}" ]; then\n\tbootstrap trixie "${ROOTFS_DIR}" http://x\nfi\n'],
  ] as const) {
    it(`is copied where prerun.sh ${what}`, async () => {
      await folder.write('pi-gen/stage2/prerun.sh', `#!/bin/bash -e\n${text}`, 0o755);
      assert.deepEqual((await takes())[2], 'copy');
    });
  }

  it('is begun with the sub-stage that leaves in /tmp or /run what a later one looks for', async () => {
    const from = async () => {
      const { nodes } = await kept();
      return nodes.slice(-3).map((node) => nodes[node.from]?.name);
    };
    const write = (name: string, text: string) => folder.write(`pi-gen/stage2/${name}`, text, 0o755);
    assert.deepEqual(await from(), ['stage2/00-make', 'stage2/01-change', 'stage2/02-look']);
    await write('00-make/01-run-chroot.sh', 'echo 1 > /tmp/number\n');
    await write('02-look/01-run-chroot.sh', 'rm -f /tmp/other\n');
    assert.deepEqual(await from(), ['stage2/00-make', 'stage2/01-change', 'stage2/02-look']);
    await write('02-look/01-run.sh', 'cat "${ROOTFS_DIR}/tmp/number"\n');
    assert.deepEqual(await from(), ['stage2/00-make', 'stage2/00-make', 'stage2/00-make']);
    await write('02-look/01-run.sh', 'on_chroot << EOF\nls /tmp\nEOF\n');
    assert.deepEqual(await from(), ['stage2/00-make', 'stage2/00-make', 'stage2/00-make']);
    await write('02-look/01-run.sh', 'cat /tmp/number\n');
    assert.deepEqual(await from(), ['stage2/00-make', 'stage2/01-change', 'stage2/02-look']);
  });
});
