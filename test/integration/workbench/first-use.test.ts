import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from './driver';

describe('the first use, in a folder without stages', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open('stages', {
      prepare: async (folder) => {
        for (const name of await readdir(folder)) await rm(path.join(folder, name), { recursive: true });
        await mkdir(path.join(folder, 'room'));
      },
    });
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('is told in the Stages view how to begin, once a command has brought that up', async () => {
    await workbench.runCommand('Pi-gen: New Stage…');
    await workbench.questionIs(/New Stage/);
    await workbench.page.keyboard.press('Escape');
    await workbench.openView('Stages');
    const welcome = workbench.page.locator('.part.sidebar .welcome-view-content', {
      hasText: 'no pi-gen stage',
    });
    await welcome.locator('.monaco-button', { hasText: 'New Stage…' }).waitFor();
    await welcome.locator('.monaco-button', { hasText: 'Open Sample' }).waitFor();
    await workbench.screenshot('welcome');
  });

  it('is led through the sample, from one window into the next', async () => {
    const { page } = workbench;
    await workbench.runCommand('Welcome: Open Walkthrough...');
    await workbench.pick('Get Started with pi-gen Stages');
    const step = (name: string) => page.locator('.getting-started-step', { hasText: name });
    await step('Open the sample').locator('.monaco-button', { hasText: 'Open Sample' }).click();
    await workbench.chooseFolder(workbench.folder, 'room');
    await page.locator('.pane-header', { hasText: 'pi-gen-sample' }).waitFor({ timeout: 60_000 });
    await step('See a mistake')
      .locator('.monaco-button', { hasText: 'Show the Mistake' })
      .waitFor({ timeout: 60_000 });
    await workbench.screenshot('walkthrough');
    await step('See a mistake').locator('.monaco-button', { hasText: 'Show the Mistake' }).click();
    await workbench.squiggles().first().waitFor();

    const press = async (name: string, button: string) => {
      await step(name).waitFor();
      const shown = step(name).locator('.monaco-button', { hasText: button });
      // The next step that is not done is open already.
      if (!(await shown.isVisible())) await step(name).locator('.step-title').first().click();
      await shown.click();
    };
    await press('Fix it', 'Quick Fix');
    await workbench.applyQuickFix('Remove the on_chroot wrapper');
    await workbench.squiggles().first().waitFor({ state: 'detached' });
    await press('Read a failure', 'Show Build Output');
    await page.locator('.part.panel .composite.title', { hasText: 'Output' }).first().waitFor();
    await press('Write a stage', 'New Stage…');
    await workbench.questionIs(/New Stage/);
    await page.keyboard.press('Escape');
    await workbench.screenshot('walkthrough-done');
  });
});
