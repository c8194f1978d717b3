import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { root, Workbench } from './driver';

const fixtures = path.join(root, 'test', 'fixtures');
const containerName = `pigen-test-${randomBytes(4).toString('hex')}`;
/** Of one build of the small tree: the image of its container may have to be made first. */
const buildLimit = 240_000;

/** GitHub cannot be reached by a test: git is told that a local repository stands behind its address. */
describe('what CI builds, as a user sees it', function () {
  this.timeout(2 * buildLimit + 60_000);
  const foreign = `${containerName}-foreign`;
  const docker = new Docker();
  let workbench: Workbench;
  let upstream: string;

  const git = (...words: readonly string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...words], {
      cwd: upstream,
    });

  before(async () => {
    // Git is told by environment variables, which the folder has to be known for.
    upstream = path.join(root, 'out', `upstream-${randomBytes(4).toString('hex')}`);
    await cp(path.join(fixtures, 'pi-gen'), upstream, { recursive: true });
    for (const words of [
      ['init', '-q'],
      ['add', '-A'],
      ['commit', '-qm', 'tree'],
      ['branch', 'tiny'],
    ]) {
      await git(...words);
    }
    workbench = await Workbench.open(path.join(fixtures, 'workflow-repository'), {
      settings: { 'pi-gen.docker.network': 'host', 'pi-gen.docker.containerName': containerName },
      env: {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: `url.${pathToFileURL(upstream).href}.insteadOf`,
        GIT_CONFIG_VALUE_0: 'https://github.com/someone/pi-gen',
      },
      prepare: async (folder) => {
        const stages = "STAGE_LIST='stage0 stage1 ./images/stage-radio'\n";
        await writeFile(path.join(folder, 'config-one'), `IMG_NAME='one'\n${stages}`);
        await writeFile(path.join(folder, 'config-two'), `IMG_NAME='two'\n${stages}`);
      },
    });
  });
  after(async () => {
    await workbench.close();
    await docker.getVolume(foreign).remove({ force: true });
    await promisify(execFile)('rm', ['-r', upstream]);
    for (const { Id } of await docker.listContainers({ all: true, filters: { name: [containerName] } })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('is picked by job and matrix entry; what only GitHub knows is asked for; pi-gen is cloned after a question', async () => {
    await workbench.runCommand('Pi-gen: Build What CI Builds');
    await workbench.questionIs('What CI Builds');
    await workbench.questionIs(/usimd\/pi-gen-action@v1 with someone\/pi-gen@tiny: stage0 stage1/);
    await workbench.pick('image (lite)');
    await workbench.questionIs(/input hostname needs github\.ref_name/);
    await workbench.answer('main');
    await workbench.questionIs(/input password needs secrets\.RADIO_PASSWORD/);
    await workbench.answer('correct horse');
    await workbench.questionIs(/input docker-opts needs secrets\.HUB/);
    await workbench.answer('token of the hub');
    await workbench.answerDialog(/from https:\/\/github\.com\/someone\/pi-gen at tiny/, 'Clone');
    await workbench.notification(/The build finished: \S+-radio-lite-radio\.img/, buildLimit);
    const log = await readFile(path.join(workbench.folder, 'deploy/build-docker.log'), 'utf8');
    assert.match(log, /^radio-lite on main plays station one\nwith \*\*\* and \*\*\*$/m);
    assert.doesNotMatch(log, /correct horse|token of the hub/);
    await workbench.screenshot('what-ci-builds');
  });

  it('is built with several configs too, each picked, with its own results; the choice is remembered', async () => {
    await workbench.runCommand('Pi-gen: Build Image');
    await workbench.questionIs('Which Config to Build With');
    await workbench.pick('config-one');
    await workbench.pick('config-two');
    await workbench.accept();
    for (const name of ['one', 'two']) {
      const folder = path.join(workbench.folder, 'deploy', `config-${name}`);
      while (!(await filesIn(folder)).includes('build.log')) await turn();
      const results = await filesIn(folder);
      assert.ok(results.includes('build-docker.log'), name);
      assert.ok(
        results.some((file) => file.endsWith(`-${name}-radio.img`)),
        results.join(),
      );
    }
    await workbench.runCommand('Pi-gen: Build Image');
    await workbench.questionIs('2 Selected');
    await workbench.page.keyboard.press('Escape');
  });

  it('stands on another commit once the clone of pi-gen is updated, and not before', async () => {
    await writeFile(path.join(upstream, 'README.md'), `${randomBytes(4).toString('hex')}\n`);
    await git('commit', '-qam', 'newer');
    await git('branch', '-f', 'tiny');
    const { stdout } = await git('rev-parse', '--short=12', 'tiny');
    await workbench.runCommand('Pi-gen: Update pi-gen Clone');
    await workbench.notification(`pi-gen tiny stands on ${stdout.trim()} now.`);
  });

  it('is cleaned up by what is picked alone, and what is not ours is not offered', async () => {
    await docker.createVolume({ Name: foreign });
    await workbench.runCommand('Pi-gen: Clean Up…');
    await workbench.questionIs('Clean Up');
    // The list shows as many lines as there is room for.
    await workbench.filter('someone-pi-gen-tiny');
    await workbench.questionIs('someone/pi-gen at tiny');
    await workbench.filter(foreign);
    await workbench.offersNothing();
    await workbench.filter('someone-pi-gen-tiny');
    await workbench.pick('someone-pi-gen-tiny');
    await workbench.accept();
    await workbench.notification(/Cleaned up: .* are free/);
    assert.ok((await docker.listVolumes({})).Volumes.some(({ Name }) => Name === foreign));
    assert.ok((await readdir(path.join(workbench.folder, 'deploy'))).includes('build-docker.log'));
    await workbench.runCommand('Pi-gen: Update pi-gen Clone');
    await workbench.notification('No pi-gen was cloned yet.');
  });
});

/** None where there is no such folder yet. */
async function filesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((): string[] => []);
}
