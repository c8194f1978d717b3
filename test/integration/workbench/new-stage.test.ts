import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from './driver';

describe('Pi-gen: New Stage…, as a user goes through it', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open('stages');
    await workbench.problems();
    await workbench.problem('missing-errexit').waitFor();
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('takes no name that is there already', async () => {
    await workbench.runCommand('Pi-gen: New Stage…');
    await workbench.questionIs(/New Stage \(1\//);
    await workbench.answer('stage-kiosk');
    await workbench.questionIs(/New Stage \(1\/[^]*(?:exists|already)/);
    await workbench.screenshot('new-stage-name');
  });

  it('writes the stage and opens its first script', async () => {
    await workbench.answer('stage-garden');
    await workbench.questionIs(/\(2\/6\)/);
    await workbench.screenshot('new-stage-templates');
    await workbench.pick('Steps of your own');
    await workbench.questionIs(/\(3\/6\)/);
    await workbench.screenshot('new-stage-steps');
    await workbench.page.keyboard.press('Enter');
    await workbench.questionIs(/\(4\/6\)/);
    await workbench.answer('plants');
    await workbench.questionIs(/\(5\/6\)/);
    await workbench.pick('Yes');
    await workbench.questionIs(/\(6\/6\)/);
    await workbench.screenshot('new-stage-preview');
    await workbench.pick('Write 6 files');
    await workbench.page.locator('.tabs-container .tab.active', { hasText: '00-run.sh' }).first().waitFor();

    const stage = path.join(workbench.folder, 'stage-garden');
    for (const script of ['prerun.sh', '00-plants/00-run.sh']) {
      assert.equal((await stat(path.join(stage, script))).mode & 0o111, 0o111, script);
    }
    for (const file of ['EXPORT_IMAGE', '00-plants/00-packages', '00-plants/00-run-chroot.sh']) {
      assert.ok((await stat(path.join(stage, file))).isFile(), file);
    }
  });

  it('adds it to the stage list when told to, and finds nothing wrong with it', async () => {
    const offer = await workbench.notification('stage-garden');
    await workbench.screenshot('new-stage-offer');
    await workbench.press(offer, 'Add to config');
    await offer.waitFor({ state: 'detached' });
    await workbench.openFile('config');
    await workbench.editorShows('stage-radio stage-garden"');
    await workbench.isSaved();
    const config = await readFile(path.join(workbench.folder, 'config'), 'utf8');
    assert.match(config, /^STAGE_LIST="stage0 stage1 stage2 stage-kiosk stage-radio stage-garden"$/m);
    await workbench.problems();
    // Until its name stood in the list, that was a finding.
    await workbench.problem('No stage list names stage-garden').waitFor({ state: 'detached' });
    assert.doesNotMatch((await workbench.problems()).join('\n'), /stage-garden/);
  });

  it('goes back and forth, shows what it is about to write, and writes a template', async () => {
    await workbench.runCommand('Pi-gen: New Sub-stage…');
    await workbench.questionIs(/Stage to write into/);
    await workbench.pick('stage-garden');
    await workbench.questionIs(/New Sub-stage \(1\//);
    await workbench.pick('Install a service');
    await workbench.questionIs(/\(2\/5\)/);
    await workbench.answer('watering');
    await workbench.questionIs(/\(3\/5\)/);
    await workbench.goBack();
    await workbench.questionIs(/\(2\/5\)/);
    await workbench.answer('sprinkler');
    await workbench.questionIs(/\(3\/5\)/);
    await workbench.answer('sprinkler');
    await workbench.questionIs(/\(4\/5\)/);
    await workbench.answer('01');
    await workbench.questionIs(/\(5\/5\)/);
    await workbench.pick('sprinkler.service');
    await workbench.editorShows('ExecStart=/usr/local/bin/sprinkler');
    await workbench.screenshot('new-sub-stage-preview');
    await workbench.pick('Write 4 files');
    await workbench.page.locator('.tabs-container .tab.active', { hasText: '00-run.sh' }).first().waitFor();
    const unit = path.join(workbench.folder, 'stage-garden/01-sprinkler/files/sprinkler.service');
    assert.match(await readFile(unit, 'utf8'), /ExecStart=\/usr\/local\/bin\/sprinkler\n/);
  });
});
