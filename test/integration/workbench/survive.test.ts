import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { root, Workbench } from './driver';

const fixtures = path.join(root, 'test', 'fixtures');
const containerName = `pigen-test-${randomBytes(4).toString('hex')}`;
const buildLimit = 240_000;
const oneToHundred = Array.from({ length: 100 }, (_, index) => index + 1);

describe('a build whose window goes away, as a user sees it', function () {
  this.timeout(buildLimit + 60_000);
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open(path.join(fixtures, 'pi-gen'), {
      settings: { 'pi-gen.docker.network': 'host', 'pi-gen.docker.containerName': containerName },
      prepare: async (folder) => {
        // stage-nested is not built: what is found in it tells that the tree is known.
        for (const stage of ['stage-waiting', 'stage-nested']) {
          await cp(path.join(fixtures, 'stages', stage), path.join(folder, stage), { recursive: true });
        }
        await writeFile(
          path.join(folder, 'config'),
          "IMG_NAME='tiny'\nFIRST_USER_PASS='correct horse'\nSTAGE_LIST='stage0 stage1 stage-waiting'\n",
        );
      },
    });
    await workbench.problems();
    await workbench.problem('nested-on-chroot').waitFor();
  });
  after(async () => {
    await workbench.close();
    for (const name of await containers())
      await new Docker().getContainer(name).remove({ force: true, v: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  /** Lets the stage go on that waits in the container. */
  async function goOn(file: string): Promise<void> {
    const archive = pack();
    archive.entry({ name: file }, '');
    archive.finalize();
    await new Docker()
      .getContainer(containerName)
      .putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/tmp' });
  }

  /** Ends the process that owns the build, which is the extension host, without a chance to say anything. */
  async function killExtensionHost(): Promise<void> {
    const deploy = path.join(workbench.folder, 'deploy');
    const owner = (await readdir(deploy)).find((name) => name.startsWith('.build-docker.log.owner-'));
    assert.ok(owner);
    const { pid } = JSON.parse(await readFile(path.join(deploy, owner), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
  }

  async function logOnDisk(): Promise<string[]> {
    return (await readFile(path.join(workbench.folder, 'deploy', 'build-docker.log'), 'utf8')).split('\n');
  }

  it('goes on over a reload and a killed extension host, and is collected by the last window', async () => {
    await workbench.runCommand('Pi-gen: Build Image');
    await workbench.output('waiting for one', buildLimit);

    await workbench.reload();
    await workbench.notification(/Building pi-gen \(taken up again\)/, 60_000);
    await workbench.output('waiting for one');
    await goOn('one');
    await workbench.output('waiting for two', 30_000);
    await workbench.screenshot('taken-up-after-reload');

    await killExtensionHost();
    await goOn('two');
    await workbench.reload();
    await workbench.notification(/The build finished: \S+/, buildLimit);
    await workbench.output('Build finished.');
    await workbench.screenshot('collected-after-kill');
    const counted = (await logOnDisk()).filter((line) => line.startsWith('counted '));
    assert.deepEqual(
      counted,
      oneToHundred.map((number) => `counted ${number}`),
    );
    assert.deepEqual(await containers(), []);
  });
});

async function containers(): Promise<string[]> {
  const listed = await new Docker().listContainers({ all: true, filters: { name: [containerName] } });
  return listed.flatMap(({ Names }) => Names.map((name) => name.slice(1)));
}
