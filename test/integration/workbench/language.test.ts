import { access } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from './driver';

const script = 'stage-kiosk/00-display/00-run.sh';

describe('reading and renaming a stage, as a user does', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open('stages', { settings: { 'editor.minimap.enabled': false } });
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('says above the script where it stands, and colours the chroot’s commands otherwise than the host’s', async () => {
    await workbench.openFile(script);
    await workbench.page.locator('.codelens-decoration', { hasText: 'Step 2 of 4 of stage-kiosk' }).waitFor();
    // The editor has a class for each colour.
    const colourOf = async (word: string): Promise<string | undefined> => {
      const pieces = workbench.page.locator('.editor-instance .view-line span > span', {
        hasText: new RegExp(`^${word}$`),
      });
      return (await pieces.evaluateAll((elements) => elements.map(({ className }) => className)))[0];
    };
    // The colours by place come after those of the grammar, which has one for both.
    while ((await colourOf('systemctl')) === (await colourOf('install')));
    await workbench.screenshot('language');
  });

  it('renames the stage of the script in front by the palette', async () => {
    await workbench.runCommand('Pi-gen: Rename Stage, Sub-stage or Step…');
    await workbench.pick('stage-kiosk');
    await workbench.questionIs('Rename stage-kiosk');
    await workbench.answer('stage-lobby');
    // Opening something sooner would leave the question before its answer is taken.
    await workbench.page
      .locator('.part.sidebar .monaco-list-row', { hasText: 'stage-lobby' })
      .first()
      .waitFor();
    await workbench.openFile('config');
    await workbench.editorShows('stage2 stage-lobby stage-radio');
    await access(path.join(workbench.folder, 'stage-lobby/prerun.sh'));
    await workbench.openFile(script.replace('stage-kiosk', 'stage-lobby'));
    await workbench.page.locator('.codelens-decoration', { hasText: 'Step 2 of 4 of stage-lobby' }).waitFor();
  });
});
