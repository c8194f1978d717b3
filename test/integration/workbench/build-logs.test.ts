import assert from 'node:assert/strict';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { root, Workbench } from './driver';

const fixtures = path.join(root, 'test', 'fixtures');

describe('a build log, as a user sees it', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open(path.join(fixtures, 'explain', 'tree'), {
      settings: { 'workbench.colorTheme': 'Default Light Modern' },
      prepare: async (folder) => {
        // The tree has a stage for every kind of failure, and Problems shows no more lines than there is room for.
        const wanted = ['build.sh', 'stage0', 'stage-command', 'stage-nested'];
        for (const name of await readdir(folder)) {
          if (!wanted.includes(name)) await rm(path.join(folder, name), { recursive: true });
        }
        await mkdir(path.join(folder, 'deploy'));
        await cp(path.join(fixtures, 'logs', 'command.log'), path.join(folder, 'deploy', 'build-docker.log'));
      },
    });
    await workbench.problems();
    // Only once the tree is known can a log be read with it.
    await workbench.problem('nested-on-chroot').waitFor();
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('says on top where the build failed, and why', async () => {
    await workbench.openFile('deploy/build-docker.log');
    await workbench.page
      .locator('.codelens-decoration', {
        hasText: /Failed in stage-command › 00-app › 00-run-chroot\.sh, line 5: .*pm2-installer/,
      })
      .first()
      .waitFor();
    await workbench.screenshot('build-log');
  });

  it('is explained in words, with the place in Problems', async () => {
    await workbench.runCommand('Pi-gen: Explain Build Log…');
    await workbench.pick('The open editor');
    await workbench.editorShows('stage-command/00-app/00-run-chroot.sh, line 5');
    await workbench.problem(/pm2-installer/).waitFor();
    await workbench.screenshot('build-log-explained');
  });

  it('leaves the failing line underlined until that is dismissed', async () => {
    await workbench.openFile('stage-command/00-app/00-run-chroot.sh');
    await workbench.squiggles().first().waitFor();
    await workbench.goTo(5);
    await workbench.page.keyboard.press('End');
    assert.ok((await workbench.quickFixes()).includes('Dismiss what the build says of this line'));
    await workbench.applyQuickFix('Dismiss what the build says of this line');
    await workbench.squiggles().first().waitFor({ state: 'detached' });
  });
});
