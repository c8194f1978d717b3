import assert from 'node:assert/strict';
import { completionsAt } from '../../../src/language/completion';
import type { Completion } from '../../../src/language/completion';
import { packagePrefixAt } from '../../../src/language/package-names';
import { Signage } from './signage';

const run = 'stage-player/00-service/00-run.sh';

describe('completions', () => {
  let signage: Signage;
  before(async () => {
    signage = await Signage.load();
  });
  after(() => {
    signage.dispose();
  });

  /** @param text with `‸` where the cursor is */
  async function complete(name: string, text: string): Promise<readonly Completion[]> {
    const file = signage.edited(name, text.replace('‸', ''));
    return completionsAt(file, text.indexOf('‸'), signage.fs);
  }

  async function labels(name: string, text: string): Promise<readonly string[]> {
    return (await complete(name, text)).map(({ label }) => label);
  }

  /** The text with a completion in its place. */
  async function accepted(name: string, text: string, label: string): Promise<string> {
    const found = (await complete(name, text)).find((completion) => completion.label === label);
    assert.ok(found, `${label} is not offered`);
    const plain = text.replace('‸', '');
    return plain.slice(0, found.replace.start) + found.text + plain.slice(found.replace.end);
  }

  it('offer pi-gen’s variables behind a dollar, with the value here', async () => {
    const found = await complete(run, '#!/bin/bash -e\necho "${ROO‸"\n');
    const root = found.find(({ label }) => label === 'ROOTFS_DIR');
    assert.equal(root?.detail, '${WORK_DIR}/stage-player/rootfs');
    assert.equal(await accepted(run, 'echo "${ROO‸"\n', 'ROOTFS_DIR'), 'echo "${ROOTFS_DIR}"\n');
    assert.equal(await accepted(run, 'echo "${ROO‸}"\n', 'ROOTFS_DIR'), 'echo "${ROOTFS_DIR}"\n');
    assert.equal(await accepted(run, 'echo $‸\n', 'STAGE'), 'echo $STAGE\n');
  });

  it('offer no path of the host inside the chroot, but in what the host puts in', async () => {
    const chroot = 'stage-player/00-service/01-run-chroot.sh';
    const inChroot = await labels(chroot, 'echo $‸\n');
    assert.ok(inChroot.includes('FIRST_USER_NAME'));
    assert.ok(!inChroot.includes('ROOTFS_DIR'));
    assert.ok((await labels(run, 'on_chroot << EOF\necho $‸\nEOF\n')).includes('ROOTFS_DIR'));
    assert.ok(!(await labels(run, 'on_chroot << EOF\necho \\$‸\nEOF\n')).includes('ROOTFS_DIR'));
    assert.ok(!(await labels(run, "on_chroot << 'EOF'\necho $‸\nEOF\n")).includes('ROOTFS_DIR'));
  });

  it('offer nothing in comments and single quotes', async () => {
    assert.deepEqual(await labels(run, 'true # $‸\n'), []);
    assert.deepEqual(await labels(run, "echo '$‸'\n"), []);
  });

  it('offer pi-gen’s functions where a command begins, on the host alone', async () => {
    assert.ok((await labels(run, 'on‸')).includes('on_chroot'));
    assert.ok((await labels(run, 'if true; then\n\tco‸\nfi\n')).includes('copy_previous'));
    assert.deepEqual(await labels(run, 'echo on‸'), []);
    assert.deepEqual(await labels('stage-player/00-service/01-run-chroot.sh', 'on‸'), []);
  });

  it('offer what lies in files', async () => {
    assert.deepEqual(await labels(run, 'install -m 644 fi‸'), ['files/']);
    assert.deepEqual(await labels(run, 'install -m 644 files/‸'), ['player.conf', 'player.service']);
    assert.equal(
      await accepted(run, 'install "files/pla‸" x', 'player.conf'),
      'install "files/player.conf" x',
    );
    assert.deepEqual(await labels('stage-kiosk/00-display/00-run.sh', 'cp files/etc/‸'), ['kiosk.conf']);
    assert.deepEqual(await labels(run, '. ../‸'), ['00-service/', 'common.sh', 'prerun.sh']);
  });

  it('offer the units of the stage for systemctl', async () => {
    const units = ['player.service'];
    assert.deepEqual(await labels('stage-player/00-service/01-run-chroot.sh', 'systemctl enable ‸'), units);
    assert.deepEqual(await labels(run, "on_chroot << 'EOF'\nsystemctl mask pl‸\nEOF\n"), units);
    assert.deepEqual(await labels(run, 'systemctl status ‸'), []);
  });

  it('offer the keys of config that are not set yet, and their values', async () => {
    const keys = await labels('config', 'FIRST‸');
    assert.ok(keys.includes('ENABLE_SSH'));
    assert.ok(!keys.includes('IMG_NAME'), 'it is set');
    assert.ok(!keys.includes('USE_QCOW2'), 'the branch does not know it');
    assert.equal(await accepted('config', 'ENA‸', 'ENABLE_SSH'), 'ENABLE_SSH=');
    assert.deepEqual(await labels('config', 'DEPLOY_COMPRESSION=‸'), ['none', 'zip', 'gz', 'xz']);
    assert.deepEqual(await labels('config', 'RELEASE="‸'), ['trixie']);
  });

  it('offer the stages for a stage list', async () => {
    const stages = await labels('config', 'STAGE_LIST="stage0 ‸"');
    assert.deepEqual(stages, ['stage0', 'stage-player', 'stage-kiosk']);
    assert.equal(
      await accepted('config', 'STAGE_LIST="stage0 stage-k‸"', 'stage-kiosk'),
      'STAGE_LIST="stage0 stage-kiosk"',
    );
  });

  it('offer the inputs of pi-gen-action, and their values', async () => {
    const workflow = (lines: string): string =>
      `jobs:\n  image:\n    steps:\n      - uses: usimd/pi-gen-action@v1\n        with:\n          image-name: x\n${lines}`;
    const file = '.github/workflows/image.yml';
    const inputs = await labels(file, workflow('          comp‸'));
    assert.ok(inputs.includes('compression'));
    assert.ok(!inputs.includes('image-name'), 'it is given');
    assert.deepEqual(await labels(file, workflow('          compression: ‸')), ['none', 'zip', 'gz', 'xz']);
    assert.ok((await labels(file, workflow('          stage-list: stage0 ‸'))).includes('./stage-player'));
    assert.ok(
      (await labels(file, workflow('          stage-list: >-\n            stage0\n            ‸'))).includes(
        './stage-kiosk',
      ),
    );
    assert.deepEqual(await labels(file, workflow('      - na‸')), []);
    assert.deepEqual(await labels(file, 'jobs:\n  ima‸'), []);
  });

  it('ask for packages where a name is being typed', () => {
    const list = 'stage-player/00-service/00-packages';
    assert.equal(packagePrefixAt(signage.edited(list, 'curl\nlib'), 8)?.name, 'lib');
    assert.equal(packagePrefixAt(signage.edited(list, 'curl\n# lib'), 10), undefined);
    const script = signage.edited(run, 'apt-get install -y li\n');
    assert.equal(packagePrefixAt(script, 21)?.name, 'li');
    assert.equal(packagePrefixAt(script, 7), undefined);
  });
});
