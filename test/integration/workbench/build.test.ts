import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import Docker from 'dockerode';
import { root, Workbench } from './driver';

const fixtures = path.join(root, 'test', 'fixtures');
const postrun = '#!/bin/bash -e\n\nls "${DEPLOY_DIR}"\n';
const stages = ['stage-good', 'stage-nested', 'stage-slow'];
const taskLabel = 'try it with the second config';
const containerName = `pigen-test-${randomBytes(4).toString('hex')}`;
/** Of one build of the small tree: the image of its container may have to be made first. */
const buildLimit = 240_000;

describe('building, as a user sees it', function () {
  this.timeout(buildLimit + 60_000);
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open(path.join(fixtures, 'pi-gen'), {
      // Containers of the suite have no network but the host's.
      settings: {
        'pi-gen.docker.network': 'host',
        'pi-gen.docker.containerName': containerName,
        'pi-gen.build.keepFailedContainer': true,
        // The terminal's text is in the page only where it is not painted.
        'terminal.integrated.gpuAcceleration': 'off',
      },
      prepare: async (folder) => {
        for (const stage of stages) {
          await cp(path.join(fixtures, 'stages', stage), path.join(folder, stage), { recursive: true });
        }
        await writeFile(path.join(folder, 'postrun.sh'), postrun, { mode: 0o755 });
        await writeTask(folder);
      },
    });
    await workbench.problems();
    await workbench.problem('nested-on-chroot').waitFor();
  });
  after(async () => {
    await workbench.close();
    // A test that failed may have left its build running.
    for (const name of await containers())
      await new Docker().getContainer(name).remove({ force: true, v: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  async function writeConfig(stage: string): Promise<void> {
    const config = [
      "IMG_NAME='tiny'",
      "FIRST_USER_PASS='correct horse'",
      `STAGE_LIST='stage0 stage1 ${stage}'`,
      '',
    ];
    await writeFile(path.join(workbench.folder, 'config'), config.join('\n'));
  }

  async function build(stage: string): Promise<void> {
    await writeConfig(stage);
    await workbench.runCommand('Pi-gen: Build Image');
  }

  /** Waits for something of the running build, but no longer than the build runs. */
  async function whileBuilding<Result>(wanted: Promise<Result>, end: RegExp): Promise<Result> {
    const ended = workbench.output(end, buildLimit).then(
      (lines) => assert.fail(`The build ended too early:\n${lines.join('\n')}`),
      () => wanted,
    );
    return Promise.race([wanted, ended]);
  }

  it('shows the log as it comes, and the step in a notification; stops, and leaves nothing behind', async () => {
    await build('stage-slow');
    const lines = await whileBuilding(
      workbench.output(/^\s*waiting/, buildLimit),
      /ended\sunexpectedly|^Build\s(?:failed|finished)/,
    );
    assert.ok(lines.length > 1);
    const progress = await workbench.notification(/stage-slow › 00-wait › 00-run-chroot\.sh/);
    await workbench.screenshot('building');
    assert.equal((await containers()).length, 1);

    await workbench.runCommand('Pi-gen: Stop Build');
    await workbench.output('Build stopped.', buildLimit);
    await progress.waitFor({ state: 'detached' });
    assert.deepEqual(await containers(), []);
  });

  it('runs as a task of tasks.json by all that it says, the log in its terminal, and is cancelled with that', async () => {
    // It does not list the task's stage.
    await writeConfig('stage-good');
    await workbench.runCommand('Tasks: Run Task');
    await workbench.pick(taskLabel);
    const rows = workbench.page.locator('.part.panel .xterm-rows > div', { hasText: /^waiting/ });
    await rows.first().waitFor({ timeout: buildLimit });
    // The terminal has scrolled on from what stage1 says of the name that only this config gives.
    const log = path.join(workbench.folder, 'deploy/build-docker-stage-slow.log');
    await until(async () => (await readFile(log, 'utf8').catch(() => '')).includes('is called second\n'));
    assert.equal((await containers()).length, 1);
    await workbench.screenshot('task');

    await workbench.runCommand('Tasks: Terminate Task');
    await workbench.pick(taskLabel);
    await workbench.page.locator('.statusbar-item', { hasText: 'Building stage-slow' }).waitFor({
      state: 'detached',
      timeout: buildLimit,
    });
    assert.deepEqual(await containers(), []);
  });

  it('says where the image is when the build has passed', async () => {
    await build('stage-good');
    await whileBuilding(
      workbench.notification(/The build finished: \S+/, buildLimit),
      /ended\sunexpectedly|^Build\sfailed/,
    );
    await workbench.output('Build finished.');
    assert.deepEqual(await containers(), []);
    await workbench.screenshot('build-finished');
    const deployed = await readdir(path.join(workbench.folder, 'deploy'));
    assert.ok(deployed.includes('build-docker.log'), deployed.join(', '));
    assert.ok(deployed.length > 1, deployed.join(', '));
    // It stands behind the stages, and has been followed like a step of one.
    await workbench.openView('Stages');
    await workbench.viewRow('Stages', /^postrun\.sh\s*host · (?:under )?\d/).waitFor();
  });

  it('names the cause of a failed build and leads to its line', async () => {
    await build('stage-nested');
    const failed = await whileBuilding(
      workbench.notification(/The build failed/, buildLimit),
      /ended\sunexpectedly/,
    );
    await workbench.screenshot('build-failed');
    await workbench.press(failed, 'Open');
    await workbench.page
      .locator('.tabs-container .tab.active', { hasText: '00-run-chroot.sh' })
      .first()
      .waitFor();
    await workbench.squiggles().first().waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: 'Ln 3' }).waitFor();
    await workbench.screenshot('build-failed-line');
  });

  it('lists the root file system of a failed build that was kept, and opens its files', async () => {
    await workbench.runCommand('Pi-gen: Browse Rootfs');
    await workbench.pick('stage-nested');
    await workbench.openView('Rootfs');
    const row = (text: string | RegExp) => workbench.viewRow('Rootfs', text);
    // It is unfolded as soon as the engine has answered.
    await row('etc').waitFor();
    await row('etc').click();
    await row('motd').click();
    await workbench.editorShows('Welcome to a tiny image.');
    await workbench.screenshot('browse-rootfs');
    await workbench.runCommand('View: Close Editor');
  });

  it('opens a shell in the chroot of a failed build that was kept, and leaves nothing of it behind', async () => {
    // Kept until the next build.
    assert.equal((await containers()).length, 1);
    // What shows its root file system looks into it as well.
    const others = (await helpers(workbench.folder)).length;
    await workbench.runCommand('Pi-gen: Open Shell at Failing Step');
    const tab = workbench.page.locator('.pane-body.integrated-terminal');
    await tab.first().waitFor();
    await until(async () => (await helpers(workbench.folder)).length > others);
    await workbench.screenshot('failing-shell');
    await workbench.runCommand('Terminal: Kill the Active Terminal Instance');
    await until(async () => (await helpers(workbench.folder)).length === others);
    assert.equal((await containers()).length, 1);
  });
});

describe('building stages that come without a pi-gen, as a user sees it', function () {
  this.timeout(buildLimit + 60_000);
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open(path.join(fixtures, 'stages'), {
      settings: { 'pi-gen.docker.network': 'host', 'pi-gen.docker.containerName': containerName },
      prepare: async (folder) => {
        await writeFile(
          path.join(folder, 'config'),
          "IMG_NAME='own'\nSTAGE_LIST='stage0 stage1 stage-good'\n",
        );
        await cp(path.join(fixtures, 'pi-gen'), path.join(path.dirname(folder), 'checkout'), {
          recursive: true,
        });
      },
    });
    await workbench.problems();
    await workbench.problem('nested-on-chroot').waitFor();
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot('failed-stages-alone');
  });

  it('asks for one once, keeps the answer, and builds the stages beside it', async () => {
    await workbench.runCommand('Pi-gen: Build Image');
    const question = await workbench.notification(/stages, but no pi-gen/);
    await workbench.press(question, 'Choose Folder…');
    await workbench.chooseFolder(path.join(path.dirname(workbench.folder), 'checkout'), 'stage0');
    await workbench.notification(/The build finished: \S+-own-good\.img/, buildLimit);
    await workbench.screenshot('stages-alone');
    assert.deepEqual(await containers(), []);
    const settings = await readFile(path.join(workbench.folder, '.vscode/settings.json'), 'utf8');
    assert.match(settings, /"pi-gen\.path": ".*\/checkout"/);
    assert.ok((await readdir(path.join(workbench.folder, 'deploy'))).some((name) => name.endsWith('.img')));
  });
});

describe('building without an engine, as a user sees it', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open(path.join(fixtures, 'pi-gen'), {
      settings: { 'pi-gen.docker.engine': 'unix:///nowhere/docker.sock' },
      prepare: async (folder) => {
        await cp(path.join(fixtures, 'stages', 'stage-nested'), path.join(folder, 'stage-nested'), {
          recursive: true,
        });
      },
    });
    await workbench.problems();
    await workbench.problem('nested-on-chroot').waitFor();
  });
  after(() => workbench.close());

  it('says that none answers, and what to do', async () => {
    await workbench.runCommand('Pi-gen: Build Image');
    const told = await workbench.notification(/\/nowhere\/docker\.sock/);
    await workbench.screenshot('no-engine');
    await workbench.press(told, 'Show Log');
    await workbench.output('/nowhere/docker.sock');
  });
});

/** Writes a task that says all that a task can, and a config that only the task names: another folder's is none of the tree's. */
async function writeTask(folder: string): Promise<void> {
  const task = { type: 'pi-gen', task: 'stage', folder: '.', stage: './stage-slow', from: '00-wait' };
  const tasks = [{ ...task, config: 'configs/second', label: taskLabel }];
  await mkdir(path.join(folder, '.vscode'));
  await writeFile(path.join(folder, '.vscode/tasks.json'), JSON.stringify({ version: '2.0.0', tasks }));
  await mkdir(path.join(folder, 'configs'));
  const config = [
    "IMG_NAME='second'",
    "TARGET_HOSTNAME='second'",
    "FIRST_USER_PASS='correct horse'",
    "STAGE_LIST='stage0 stage1 stage-slow'",
    '',
  ];
  await writeFile(path.join(folder, 'configs/second'), config.join('\n'));
}

/** What looks into the container of a tree's build. */
async function helpers(tree: string): Promise<unknown[]> {
  const label = ['pi-gen-stages.purpose=look', `pi-gen-stages.tree=${tree}`];
  return new Docker().listContainers({ filters: { label } });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await turn();
}

async function containers(): Promise<string[]> {
  const listed = await new Docker().listContainers({ all: true, filters: { name: [containerName] } });
  return listed.flatMap(({ Names }) => Names.map((name) => name.slice(1)));
}
