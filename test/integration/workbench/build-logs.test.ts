import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root, Workbench } from './driver';

const fixtures = path.join(root, 'test', 'fixtures');

describe('a build log, as a user sees it', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open(path.join(fixtures, 'explain', 'tree'), {
      settings: {
        'workbench.colorTheme': 'Default Light Modern',
        // The terminal's text is in the page only where it is not painted.
        'terminal.integrated.gpuAcceleration': 'off',
      },
      prepare: async (folder) => {
        // The tree has a stage for every kind of failure, and Problems shows no more lines than there is room for.
        const wanted = ['build.sh', 'stage0', 'stage-command', 'stage-nested'];
        for (const name of await readdir(folder)) {
          if (!wanted.includes(name)) await rm(path.join(folder, name), { recursive: true });
        }
        await mkdir(path.join(folder, 'deploy'));
        const log = path.join(fixtures, 'logs', 'command.log');
        await cp(log, path.join(folder, 'deploy', 'build-docker.log'));
        // One line more than VS Code hands to extensions.
        const head = '[10:00:00] Begin /pi-gen\n[10:00:00] Begin /pi-gen/stage-command\n';
        const text = await readFile(log, 'utf8');
        const filling = `${'x'.repeat(1023)}\n`.repeat(51 * 1024);
        await writeFile(path.join(folder, 'deploy', 'large.log'), head + filling + text);
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

  it('is explained from the clipboard', async () => {
    await workbench.openFile('deploy/build-docker.log');
    await workbench.page.keyboard.press('ControlOrMeta+a');
    await workbench.page.keyboard.press('ControlOrMeta+c');
    await workbench.runCommand('Pi-gen: Explain Build Log…');
    await workbench.pick('The clipboard');
    await workbench.editorShows('Log: the clipboard');
    await workbench.editorShows('stage-command/00-app/00-run-chroot.sh, line 5');
  });

  it('is explained from a terminal, and leaves the clipboard as it was', async () => {
    await workbench.runCommand('Terminal: Create New Terminal');
    const rows = workbench.page.locator('.xterm-rows');
    await rows.first().waitFor();
    await workbench.page.keyboard.type('cat deploy/build-docker.log; echo printed-$((6 * 7))');
    await workbench.page.keyboard.press('Enter');
    await rows.filter({ hasText: 'printed-42' }).first().waitFor();
    await workbench.page.evaluate("navigator.clipboard.writeText('mine')");
    await workbench.runCommand('Pi-gen: Explain Build Log…');
    await workbench.pick('The terminal');
    await workbench.editorShows('Log: the terminal');
    await workbench.editorShows('stage-command/00-app/00-run-chroot.sh, line 5');
    assert.equal(await workbench.page.evaluate('navigator.clipboard.readText()'), 'mine');
    await workbench.runCommand('Terminal: Kill the Active Terminal Instance');
  });

  it('above 50 MB has nothing of an extension, which is said, and can be explained', async () => {
    // VS Code itself asks before it opens so large a file: its tab is there all the same.
    await workbench.openTab('deploy/large.log');
    const told = await workbench.notification(/large\.log has 51 MB: VS Code hands no file above 50 MB/);
    await workbench.press(told, 'Explain');
    await workbench.editorShows('Log: deploy/large.log');
    await workbench.editorShows('stage-command/00-app/00-run-chroot.sh, line 5');
  });
});
