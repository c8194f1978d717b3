import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import type { Locator } from '../../../host/workbench.mjs';
import { Bridge } from '../../../engine/bridge';
import { root, Workbench } from '../driver';

const fixtures = path.join(root, 'test', 'fixtures');
const containerName = `pigen-test-${randomBytes(4).toString('hex')}`;
const buildLimit = 240_000;
/** Of what an engine or a window that comes up anew has to do, in milliseconds. */
const patience = 60_000;
const oneToHundred = Array.from({ length: 100 }, (_, index) => `counted ${index + 1}`);
const configs = ['config-one', 'config-two'];
/** Begun when one of the engines is free: so not before the window goes away. */
const later = 'config-zero';
const realSocket = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');

/** Two builds at once, of which one passes and one fails, and a try of a stage: through reloads, and hosts that are killed. */
describe('builds whose window goes away, as a user sees them', function () {
  this.timeout(buildLimit + 60_000);
  // One story: it cannot begin again in its middle.
  this.retries(0);
  const docker = new Docker();
  const scratch = path.join(root, 'out', containerName);
  /** The usual engine: the real one, behind a way that can be cut, or hang. */
  const usual = path.join(scratch, 'usual.sock');
  const bridge = new Bridge(usual, realSocket);
  let workbench: Workbench;
  before(async () => {
    await mkdir(scratch, { recursive: true });
    await bridge.listen();
    workbench = await Workbench.open(path.join(fixtures, 'pi-gen'), {
      settings: {
        'pi-gen.docker.network': 'host',
        'pi-gen.docker.containerName': containerName,
        // The terminal's text is in the page only where it is not painted.
        'terminal.integrated.gpuAcceleration': 'off',
      },
      env: { DOCKER_CONFIG: scratch, DOCKER_HOST: `unix://${usual}` },
      prepare: async (folder) => {
        for (const stage of ['stage-waiting', 'stage-nested']) {
          await cp(path.join(fixtures, 'stages', stage), path.join(folder, stage), { recursive: true });
        }
        await rm(path.join(folder, 'config'));
        const lists = ['stage0 stage1 stage-waiting', 'stage0 stage1 stage-waiting stage-nested', 'stage0'];
        for (const [index, list] of lists.entries()) {
          const text = `IMG_NAME='tiny'\nFIRST_USER_PASS='correct horse'\nSTAGE_LIST='${list}'\n`;
          await writeFile(path.join(folder, [...configs, later][index] ?? ''), text);
        }
        await nameAgain(scratch, 'attic');
      },
    });
    await workbench.problems();
    await workbench.problem('nested-on-chroot').waitFor();
  });
  after(async () => {
    await workbench.close();
    await bridge.close();
    await rm(scratch, { recursive: true, force: true });
    for (const name of await containers()) await docker.getContainer(name).remove({ force: true, v: true });
    for (const name of await volumes(workbench.folder)) await docker.getVolume(name).remove({ force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  const frame = () => workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  const running = (stage: string) =>
    frame().locator(`[role="treeitem"][aria-label^="${stage}, "][aria-label*="running"]`);
  const shownOf = (name: string) => workbench.outputText(`Pi-gen Build: ${name}`);
  const logOf = (name: string) =>
    readFile(path.join(workbench.folder, 'deploy', name, 'build-docker.log'), 'utf8').catch(() => '');

  /** Of several that run. */
  async function showTimelineOf(name: string): Promise<void> {
    await workbench.choose('Pi-gen: Show Build Timeline', 'Which Running Build to Show', name);
  }

  /** The Stages view says of each build by its config where it is; nothing of one is told of the other. */
  async function eachIsTold(): Promise<void> {
    await workbench.openView('Stages');
    await workbench
      .viewRow('Stages', /stage-waiting.*running: config-one, config-two/)
      .waitFor({ timeout: patience });
    const nested = await workbench.viewRow('Stages', 'stage-nested').innerText();
    assert.doesNotMatch(nested, /config-/);
    await workbench.screenshot('several-in-stages-view');
    // A window is there when its files are listed: they were folded to make room.
    await workbench.page.locator('.part.sidebar .pane-header').first().click();
    await workbench.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
  }

  /** Lets the stage go on that waits in a container. */
  async function goOn(container: string, ...files: readonly string[]): Promise<void> {
    const archive = pack();
    for (const name of files) archive.entry({ name }, '');
    archive.finalize();
    await docker
      .getContainer(container)
      .putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/tmp' });
  }

  /** Ends the process that owns a build, which is the extension host, without a chance to say anything. */
  async function killExtensionHost(): Promise<void> {
    const deploy = path.join(workbench.folder, 'deploy', 'config-one');
    const owner = (await readdir(deploy)).find((name) => name.startsWith('.build-docker.log.owner-'));
    assert.ok(owner);
    const { pid } = JSON.parse(await readFile(path.join(deploy, owner), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
  }

  it('run at once on the engines that are picked, each with its log, and are shown in the timeline while they run', async () => {
    await workbench.runCommand('Pi-gen: Build Image');
    await workbench.questionIs('Which Config to Build With');
    for (const name of [...configs, later]) await workbench.pick(name);
    await workbench.accept();
    await workbench.questionIs('Where to Build 3 Images');
    await workbench.pick('attic');
    await workbench.accept();
    for (const name of configs)
      await until(async () => (await logOf(name)).includes('waiting for one'), buildLimit);
    assert.deepEqual(
      await containers(),
      configs.map((name) => `${containerName}-${name}`),
    );
    for (const name of configs) await until(async () => (await shownOf(name)).includes('waiting for one'));
    await workbench.page.locator('.statusbar-item', { hasText: 'Building 2 images' }).waitFor();
    await showTimelineOf('config-one');
    await running('stage-waiting').waitFor({ timeout: patience });
    await eachIsTold();
    await workbench.screenshot('several-at-once');
  });

  it('say that their engine is lost, and go on when it answers again; the others take no notice', async () => {
    await bridge.close();
    await until(async () =>
      (await shownOf('config-one')).includes(`Docker engine at unix://${usual} was lost`),
    );
    await bridge.listen();
    await until(async () =>
      (await shownOf('config-one')).includes(`The Docker engine at unix://${usual} answers again.`),
    );
    assert.doesNotMatch(await shownOf('config-two'), /lost|answers again/);
  });

  it('are taken up by the next window, each of them, and collected by the last one with whole logs', async () => {
    await workbench.reload();
    for (const name of configs)
      await workbench.notification(new RegExp(`Building pi-gen: ${name} \\(taken up again\\)`), patience);
    for (const name of configs) await goOn(`${containerName}-${name}`, 'one');
    for (const name of configs) await until(async () => (await logOf(name)).includes('waiting for two'));
    await showTimelineOf('config-one');
    await running('stage-waiting').waitFor({ timeout: patience });
    await eachIsTold();
    await workbench.screenshot('taken-up-after-reload');

    // What was not begun is offered by each window until it is begun: this one goes away as well.
    await killExtensionHost();
    for (const name of configs) await goOn(`${containerName}-${name}`, 'two');
    await workbench.reload();
    const offer = new RegExp(`The window went away before these images were begun: ${later}`);
    await workbench.press(await workbench.notification(offer, patience), 'Build Them');
    await workbench.notification(/config-one: The build finished: \S+/, buildLimit);
    const failed = await workbench.notification(/config-two: The build failed/, buildLimit);
    // The page of the timeline came back as well, and knows of which tree it is.
    await workbench.page.locator('.tab', { hasText: 'Timeline: pi-gen' }).waitFor();
    await frame().locator('[role="treeitem"][aria-label^="stage"]').first().waitFor();
    await workbench.screenshot('collected-after-kill');
    for (const name of configs) {
      assert.deepEqual(countedIn(await logOf(name)), oneToHundred, name);
      assert.deepEqual(countedIn(await shownOf(name)), oneToHundred, name);
    }
    await workbench.notification(new RegExp(`${later}: The build finished`), buildLimit);
    assert.deepEqual(await containers(), []);
    await workbench.problems();
    await workbench.problem(/nested|on_chroot/).waitFor();

    // Nothing was kept to look into: so it is built again, and then there is.
    await workbench.press(failed, 'Build Again and Keep');
    const name = `${containerName}-config-two`;
    await until(
      () =>
        goOn(name, 'one', 'two').then(
          () => true,
          () => false,
        ),
      buildLimit,
    );
    const again = await workbench.notification(/config-two: The build failed/, buildLimit);
    await again.locator('.monaco-button', { hasText: 'Open Shell' }).waitFor();
    assert.deepEqual(await containers(), [name]);
  });

  it('go on where they are tries of a stage, whose config is asked for once; a shell leads into what they leave', async () => {
    await workbench.choose('Pi-gen: Build Stage', 'stage-waiting', 'stage-waiting');
    await workbench.questionIs('Which Config to Try Stages With');
    await workbench.pick('config-one');
    const tried = () =>
      readFile(path.join(workbench.folder, 'deploy', 'build-docker-stage-waiting.log'), 'utf8').catch(
        () => '',
      );
    await until(async () => (await tried()).includes('waiting for one'), buildLimit);

    // One that is stopped on an engine that hangs is let go, and removed by the next.
    bridge.hang();
    await workbench.runCommand('Pi-gen: Stop Build');
    const stopping = workbench.page.locator('.statusbar-item', { hasText: 'Stopping: ' });
    await stopping.waitFor();
    const stopped = () => workbench.outputText('Pi-gen Build');
    await until(async () => /does not answer, so the container \S+ is left/.test(await stopped()));
    assert.match(await stopped(), /Stopping: waiting for the Docker engine at \S+ to end the container/);
    bridge.goOn();
    const left = await containers();
    await until(async () => (await stopped()).includes('Build stopped.'));
    await stopping.waitFor({ state: 'hidden' });
    await workbench.choose('Pi-gen: Build Stage', 'stage-waiting', 'stage-waiting');
    // The log of the stopped one is there until the next one's takes its place.
    await until(async () => {
      const log = await tried();
      return log.includes('waiting for one') && !log.includes('Stopping:');
    }, buildLimit);
    assert.deepEqual(await containers(), left);
    const [name = ''] = (await containers()).filter((one) => !one.endsWith('config-two'));
    await workbench.reload();
    await workbench.notification(/Building stage-waiting \(taken up again\)/, patience);
    await workbench.output('waiting for one', patience);
    await goOn(name, 'one', 'two');
    await workbench.notification('stage-waiting passed.', buildLimit);
    assert.deepEqual(countedIn(await tried()), oneToHundred);
    assert.deepEqual(countedIn(await workbench.outputText('Pi-gen Build')), oneToHundred);

    await workbench.choose('Pi-gen: Open Shell in Stage', 'stage-waiting', 'stage-waiting');
    await until(async () => (await helpers(workbench.folder)) > 0);
    const shell = (text: string) =>
      workbench.page.locator('.part.panel .xterm-rows > div', { hasText: text });
    await shell('bash-').first().waitFor({ timeout: patience });
    await workbench.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    await workbench.page.keyboard.type('cat /etc/motd\n');
    await shell('Welcome to a tiny image.').first().waitFor({ timeout: patience });
    await workbench.screenshot('stage-shell');
    await workbench.page.keyboard.type('exit\n');
    await until(async () => (await helpers(workbench.folder)) === 0);
    // Until it is gone it takes what is typed.
    await workbench.page.locator('.terminal-wrapper').first().waitFor({ state: 'detached' });
  });

  it('leave no helper behind when the editor is killed while a root file system is open in it', async () => {
    await workbench.choose('Pi-gen: Browse Rootfs', 'stage-nested', 'stage-nested');
    await workbench.openView('Rootfs');
    await workbench.viewRow('Rootfs', 'etc').waitFor({ timeout: patience });
    await workbench.contextMenu(workbench.viewRow('Rootfs', /^\s*stage-nested/), 'Add Rootfs to Workspace');
    await workbench.answerDialog(/second folder of this window/, 'Add Folder');
    // The editor makes another window of it, whose folders are read in the container.
    const folder = workbench.page.locator('.explorer-folders-view .monaco-list-row', {
      hasText: 'rootfs of stage-nested',
    });
    // The first one shows the folder too, before it goes.
    const address = () => workbench.page.evaluate<string>('location.href').catch(() => '');
    await until(async () => /[?&]workspace=/.test(await address()));
    // The editor may read the workspace that it has just written before it is there.
    while (!(await appears(folder))) await workbench.page.reload();
    const inside = workbench.page.locator('.explorer-folders-view .monaco-list-row', {
      hasText: /^\s*(?:etc|usr|var)\s*$/,
    });
    // It may be unfolded or not: these keys never fold it.
    await workbench.page.locator('.explorer-folders-view .monaco-list').first().focus();
    await until(async () => {
      await workbench.page.keyboard.press('End');
      await workbench.page.keyboard.press('ArrowRight');
      return (await inside.count()) > 0 && (await helpers(workbench.folder)) > 0;
    });
    await workbench.screenshot('rootfs-in-workspace');
    workbench.server?.kill();
    await until(async () => (await helpers(workbench.folder)) === 0);
  });

  async function containers(): Promise<string[]> {
    const listed = await docker.listContainers({ all: true, filters: { name: [containerName] } });
    return listed.flatMap(({ Names }) => Names.map((name) => name.slice(1))).sort();
  }

  /** How many containers look into what the builds of a tree have made. */
  async function helpers(tree: string): Promise<number> {
    const label = ['pi-gen-stages.purpose=look', `pi-gen-stages.tree=${tree}`];
    return (await docker.listContainers({ all: true, filters: { label } })).length;
  }

  async function volumes(tree: string): Promise<string[]> {
    const { Volumes } = await docker.listVolumes({ filters: { label: [`pi-gen-stages.tree=${tree}`] } });
    return Volumes.map(({ Name }) => Name);
  }
});

/** Lets the docker command know the engine of the tests by a second address, as a context: to whoever builds it is another one. */
async function nameAgain(config: string, context: string): Promise<void> {
  const second = path.join(config, 'docker.sock');
  const id = createHash('sha256').update(context).digest('hex');
  const folder = path.join(config, 'contexts', 'meta', id);
  await mkdir(folder, { recursive: true });
  await symlink(realSocket, second);
  const meta = { Name: context, Endpoints: { docker: { Host: `unix://${second}` } } };
  await writeFile(path.join(folder, 'meta.json'), JSON.stringify(meta));
}

function countedIn(log: string): string[] {
  return log.split('\n').filter((line) => line.startsWith('counted '));
}

/** Whether it comes up in a window that has come up itself. */
async function appears(locator: Locator): Promise<boolean> {
  return locator.waitFor({ timeout: 15_000 }).then(
    () => true,
    () => false,
  );
}

async function until(holds: () => Promise<boolean>, limit = patience): Promise<void> {
  const end = performance.now() + limit;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Not so within ${limit / 1000} s: ${holds.toString()}`);
    await turn();
  }
}
