import assert from 'node:assert/strict';
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from './driver';

describe('the Stages view', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open('stages');
    await workbench.openView('Stages');
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('shows the stages in the order in which pi-gen runs them, with what is in them', async () => {
    await workbench.viewRow('Stages', '00-tuner').waitFor();
    await workbench.screenshot('stages-view');
    const rows = await workbench.viewRows('Stages');
    const order = ['stage0', 'stage1', 'stage2', 'stage-kiosk', 'stage-radio'];
    assert.deepEqual(
      order.map((name) => rows.findIndex((row) => row.startsWith(name))).toSorted((a, b) => a - b),
      order.map((name) => rows.findIndex((row) => row.startsWith(name))),
    );
    assert.ok(
      order.every((name) => rows.some((row) => row.startsWith(name))),
      rows.join('\n'),
    );
    assert.match(rows.find((row) => row.startsWith('00-run-chroot.sh')) ?? '', /chroot/);
    assert.match(rows.find((row) => row.startsWith('01-run.sh')) ?? '', /host/);
    // What its place and its icon say is in what is read out of each line.
    const spoken = await workbench.spokenRows('Stages');
    assert.equal(spoken.length, rows.length);
    for (const line of spoken) assert.match(line, /^\S+, (?:stage|sub-stage|step|file)\b/);
    const own = spoken.filter((line) => line.startsWith('stage0, stage, pi-gen’s own'));
    assert.equal(own.length, 1, spoken.join('\n'));
  });

  it('skips a sub-stage, and runs it again', async () => {
    const skip = path.join(workbench.folder, 'stage-radio/00-tuner/SKIP');
    await workbench.contextMenu(workbench.viewRow('Stages', '00-tuner'), 'Skip (Add SKIP)');
    await workbench.viewRow('Stages', /00-tuner.*skipped/).waitFor();
    await access(skip);
    await workbench.screenshot('stages-view-skipped');
    await workbench.contextMenu(workbench.viewRow('Stages', '00-tuner'), 'Run Again (Remove SKIP)');
    await workbench.viewRow('Stages', /00-tuner.*skipped/).waitFor({ state: 'detached' });
    await assert.rejects(access(skip));
  });

  it('moves a step to where it is dropped, with a number that suits its new place', async () => {
    // The first line of that name is in another sub-stage.
    await workbench.viewRow('Stages', '01-run.sh').dragTo(workbench.viewRow('Stages', '00-run-chroot.sh'));
    await workbench.viewRow('Stages', '01-run.sh').waitFor({ state: 'detached' });
    await access(path.join(workbench.folder, 'stage-kiosk/01-browser/00-run.sh'));
    assert.deepEqual(await readdir(path.join(workbench.folder, 'stage-radio/00-tuner')), [
      '00-run-chroot.sh',
    ]);
  });

  it('is walked, read out and changed by the keyboard alone', async () => {
    const { keyboard } = workbench.page;
    /** Waits until the keyboard's focus is on a line, by what a screen reader says of it. */
    const isOn = (spoken: string, more = '', timeout?: number) =>
      workbench.page
        .locator(`.part.sidebar .monaco-list-row.focused[aria-label^="${spoken}"]${more}`)
        .first()
        .waitFor(timeout === undefined ? {} : { timeout });
    const mistaken = '[aria-label$=", 1 error"]';
    await workbench.runCommand('Explorer: Focus on Stages View');
    await workbench.page.locator('.part.sidebar .monaco-list:focus').waitFor();
    await keyboard.press('End');
    await isOn('00-run-chroot.sh, step, chroot, ', mistaken);
    await keyboard.press('ArrowLeft');
    await isOn('00-tuner, sub-stage', '[aria-expanded="true"]');
    await keyboard.press('ArrowLeft');
    // Folded up, it says itself what the lines in it would.
    await isOn(
      '00-tuner, sub-stage',
      '[aria-expanded="false"][aria-label*="1 error"][aria-label$=" inside"]',
    );
    await keyboard.type('stage-ra');
    await isOn('stage-radio, stage, the image kiosk is made of it');

    await keyboard.press('F2');
    await workbench.questionIs('Rename stage-radio');
    await workbench.answer('stage-tv');
    await workbench.viewRow('Stages', 'stage-tv').waitFor();
    await access(path.join(workbench.folder, 'stage-tv/00-tuner/00-run-chroot.sh'));

    await workbench.runCommand('Explorer: Focus on Stages View');
    await workbench.page.locator('.part.sidebar .monaco-list:focus').waitFor();
    // The stage comes up folded where it is seen before the stage list that names it.
    for (let attempt = 1; ; attempt++) {
      await keyboard.press('End');
      await keyboard.press('ArrowRight');
      try {
        await isOn('00-run-chroot.sh, step, chroot, ', mistaken, 2_000);
        break;
      } catch (error) {
        if (attempt === 10) throw error;
      }
    }
    await keyboard.press('Delete');
    await workbench.page.locator('.monaco-dialog-box', { hasText: 'Delete 00-run-chroot.sh' }).waitFor();
    await keyboard.press('Enter');
    await workbench.page
      .locator(`.part.sidebar .monaco-list-row${mistaken}`)
      .first()
      .waitFor({ state: 'detached' });
    assert.deepEqual(await readdir(path.join(workbench.folder, 'stage-tv/00-tuner')), []);
  });
});
