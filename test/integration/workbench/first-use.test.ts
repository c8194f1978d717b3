import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { root, Workbench } from './driver';

const fixtures = path.join(root, 'test', 'fixtures');
const containerName = `pigen-test-${randomBytes(4).toString('hex')}`;
/** Of one build of the small tree: the image of its container may have to be made first. */
const buildLimit = 240_000;

describe('the first use, in a folder without stages', function () {
  this.timeout(buildLimit + 60_000);
  const docker = new Docker();
  // Git is told by environment variables, which the folder has to be known for.
  const upstream = path.join(root, 'out', `upstream-${containerName}`);
  let workbench: Workbench;
  before(async () => {
    await makeUpstream(upstream);
    workbench = await Workbench.open('stages', {
      settings: { 'pi-gen.docker.network': 'host', 'pi-gen.docker.containerName': containerName },
      // GitHub cannot be reached by a test: git is told that a local repository stands behind its address.
      env: {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: `url.${pathToFileURL(upstream).href}.insteadOf`,
        GIT_CONFIG_VALUE_0: 'https://github.com/RPi-Distro/pi-gen',
      },
      prepare: async (folder) => {
        for (const name of await readdir(folder)) await rm(path.join(folder, name), { recursive: true });
        await mkdir(path.join(folder, 'room'));
      },
    });
  });
  after(async () => {
    try {
      await workbench.close();
    } finally {
      await rm(upstream, { recursive: true, force: true });
      const listed = await docker.listContainers({ all: true, filters: { name: [containerName] } });
      for (const { Id } of listed) await docker.getContainer(Id).remove({ force: true, v: true });
    }
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('is told in the Stages view how to begin, once a command has brought that up', async () => {
    await workbench.runCommand('Pi-gen: Build Image');
    await workbench.press(await workbench.notification(/no pi-gen stage in this workspace/), 'New Stage…');
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
    await press('Build the image', 'Build Image');
    await workbench.press(await workbench.notification(/stages, but no pi-gen/), 'Clone pi-gen');
    await workbench.questionIs('Which pi-gen to Clone');
    await workbench.pick('64-bit images');
    await workbench.answerDialog(/github\.com\/RPi-Distro\/pi-gen at arm64/, 'Clone');
    const told = await workbench.notification(/The build (?:finished|failed|ended)/, buildLimit);
    assert.match(await told.innerText(), /The build finished: .*-ossuary\.img/);
    const sample = path.join(workbench.folder, 'pi-gen-sample');
    const images = (await readdir(path.join(sample, 'deploy'))).filter((name) => name.endsWith('.img'));
    assert.ok(
      images.some((name) => name.endsWith('-ossuary.img')),
      images.join(),
    );
    await press('Read a failure', 'Show Build Output');
    await page.locator('.part.panel .composite.title', { hasText: 'Output' }).first().waitFor();
    await press('Write a stage', 'New Stage…');
    await workbench.questionIs(/New Stage/);
    await page.keyboard.press('Escape');
    await workbench.screenshot('walkthrough-done');
  });
});

/** A small tree in the place of pi-gen, with stand-ins for what the sample asks of a real system. */
async function makeUpstream(folder: string): Promise<void> {
  await cp(path.join(fixtures, 'pi-gen'), folder, { recursive: true });
  // As in pi-gen itself, whose checkouts hold no config.
  await rm(path.join(folder, 'config'));
  await cp(path.join(fixtures, 'sample-base'), path.join(folder, 'stage1'), { recursive: true });
  for (const words of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-qm', 'tree'],
    ['branch', 'arm64'],
  ]) {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    await promisify(execFile)('git', [...identity, ...words], { cwd: folder });
  }
}
