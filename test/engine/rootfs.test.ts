import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import Docker from 'dockerode';
import { BuildProblemError } from '../../src/build/build-problem';
import type { Engine } from '../../src/build/engine/engine';
import { openRootfs, stagesOfContainer } from '../../src/build/rootfs/rootfs-source';
import type { RootfsScripts, RootfsSource } from '../../src/build/rootfs/rootfs-source';
import type { RootfsReader } from '../../src/build/rootfs/rootfs-reader';
import { engineAt, fixtures } from './bench';
import { rootfsScripts } from './rootfs-scripts';

describe('a root file system that wants to do harm', () => {
  const docker = new Docker();
  const name = `pigen-test-${randomBytes(4).toString('hex')}`;
  const { signal } = new AbortController();
  let engine: Engine;
  let scripts: RootfsScripts;
  let source: RootfsSource;
  let reader: RootfsReader;

  before(async () => {
    engine = await engineAt(process.env['DOCKER_HOST'] ?? '');
    scripts = await rootfsScripts();
    const container = await docker.createContainer({
      name,
      Image: 'debian:trixie',
      Cmd: ['bash', '-e', '-c', await readFile(`${fixtures}/rootfs/hostile.sh`, 'utf8')],
      Volumes: { '/pi-gen/work': {} },
      HostConfig: { NetworkMode: 'none' },
    });
    await container.start();
    assert.deepEqual(await container.wait(), { StatusCode: 0, Error: null });
    source = { kind: 'container', container: container.id, name, stage: 'good' };
    reader = await openRootfs(engine, source, scripts, signal);
  });
  after(async () => {
    await reader.close();
    await docker.getContainer(name).remove({ force: true, v: true });
  });

  const textOf = async (path: string, limit = 1000) =>
    Buffer.from(await reader.read(path, limit)).toString('latin1');
  const refused = (work: Promise<unknown>, kind: string) =>
    assert.rejects(
      work,
      (error: unknown) => error instanceof Error && 'kind' in error && error.kind === kind,
    );

  it('is found only where the work of a stage is, and never behind a link', async () => {
    const { id } = await docker
      .getContainer(name)
      .inspect()
      .then(({ Id }) => ({ id: Id }));
    assert.deepEqual(await stagesOfContainer(engine, { id, name, work: '/pi-gen/work' }, scripts, signal), [
      'good',
    ]);
    await Promise.all(
      ['link-rootfs', 'linked', 'plain', '..'].map((stage) =>
        assert.rejects(
          openRootfs(engine, { ...source, stage }, scripts, signal),
          (error) => error instanceof BuildProblemError && error.problem.kind === 'nothing-kept',
          stage,
        ),
      ),
    );
  });

  it('gives what its links lead to inside of it, and nothing outside', async () => {
    const passwd = 'pi:x:1000:\n';
    assert.equal(await textOf('/links/absolute'), passwd);
    assert.equal(await textOf('/links/folder/passwd'), passwd);
    assert.equal(await textOf('/links/here/here/here/absolute'), passwd);
    // `..` in the root is the root.
    assert.equal(await textOf('/../../../etc/passwd'), passwd);
    for (const link of ['above', 'far-above', 'named', 'proc', 'broken']) {
      await refused(textOf(`/links/${link}`), 'missing');
    }
    await refused(textOf('/../outside'), 'missing');
    await refused(textOf('/links/loop'), 'loop');
    const told = Object.fromEntries(
      (await reader.list('/links')).map(({ name: link, target, end }) => [link, [target, end]]),
    );
    assert.deepEqual(told, {
      absolute: ['/etc/passwd', 'f'],
      folder: ['../etc', 'd'],
      above: ['../../../outside', undefined],
      'far-above': ['../../../../../../../../../srv/outside/file', undefined],
      named: ['/pi-gen/work/img/outside', undefined],
      proc: ['/proc/self/root/srv/outside/file', undefined],
      loop: ['loop', undefined],
      here: ['.', 'd'],
      broken: ['nowhere', undefined],
    });
  });

  it('shows devices, pipes and sockets, and opens none', async () => {
    const types = (await reader.list('/dev')).map(({ name: device, type }) => `${device} ${type}`);
    assert.deepEqual(types, ['null c', 'pipe p', 'sda b', 'socket s']);
    for (const device of ['null', 'pipe', 'sda', 'socket'])
      await refused(textOf(`/dev/${device}`), 'special');
  });

  it('lists ten thousand entries in one go, and reads no file that is too big', async () => {
    const entries = await reader.list('/big');
    assert.equal(entries.length, 10_001);
    assert.equal((await reader.stat('/big/huge')).bytes, 3 * 1024 ** 3);
    await refused(textOf('/big/huge', 64 * 1024 ** 2), 'too-big');
    // The next question is answered as ever.
    assert.equal((await reader.stat('/big')).type, 'd');
  });

  it('gives files of any name and content as they are', async () => {
    const entries = await reader.list('/names');
    assert.equal(entries.length, 7);
    for (const entry of entries) assert.equal(await textOf(`/names/${entry.name}`), 'plain text\n');
    assert.equal(await textOf('/etc/binary'), '\x00\xff\nD 5\nE\n');
    await refused(textOf('/etc'), 'folder');
    await refused(reader.list('/etc/passwd'), 'no-folder');
    await refused(reader.stat(`/${'x'.repeat(5000)}`), 'other');
  });

  it('says so when what it is read with is gone, and leaves nothing behind', async () => {
    const { Mounts: mounts } = await docker.getContainer(name).inspect();
    const volumes = new Set(mounts.map((mount) => mount.Name ?? '-'));
    const helpers = async () =>
      (await docker.listContainers({ filters: { label: ['pi-gen-stages.purpose=look'] } })).filter((one) =>
        one.Mounts.some((mount) => volumes.has(mount.Name ?? '')),
      );
    const [first] = await helpers();
    const doomed = await openRootfs(engine, source, scripts, signal);
    const helper = (await helpers()).find(({ Id }) => Id !== first?.Id);
    assert.ok(helper);
    await engine.remove(helper.Id);
    while (!doomed.isLost) await doomed.list('/big').catch(() => undefined);
    await assert.rejects(doomed.stat('/'), /connection to good of the container .* is lost/);
    await doomed.close();
    while ((await helpers()).length > 1) await turn();
    await assert.rejects(
      openRootfs(
        engine,
        { kind: 'container', container: '0'.repeat(64), name, stage: 'good' },
        scripts,
        signal,
      ),
      /is gone/,
    );
  });
});
