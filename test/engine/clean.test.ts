import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { labelsFor } from '../../src/build/labels';
import { pigen } from '../unit/cli/pigen';
import { Bench } from './bench';

interface Item {
  readonly kind: string;
  readonly name: string;
  readonly bytes: number | null;
  readonly detail: string;
  readonly removed: boolean;
}

describe('pigen clean', () => {
  const own = `pigen-test-${randomBytes(4).toString('hex')}`;
  const foreign = `${own}-foreign`;
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
    await bench.docker.createVolume({
      Name: own,
      Labels: { ...labelsFor('stage-cache', { treeRoot: bench.tree }) },
    });
    await bench.docker.createVolume({ Name: foreign });
    const container = await bench.docker.createContainer({
      name: own,
      Image: 'debian:trixie',
      Cmd: ['true'],
      Labels: { ...labelsFor('build', { treeRoot: bench.tree }) },
      HostConfig: { Binds: [`${own}:/kept`], NetworkMode: 'none' },
    });
    await container.start();
    await container.wait();
    await bench.folder.write('pi-gen/deploy/build-docker.log', 'the log\n');
    await bench.folder.write('pi-gen/deploy/build-docker-stage-app.log', 'of a try\n');
    await bench.folder.write('pi-gen/deploy/config-one/build-docker.log', 'of a config\n');
    await bench.folder.write('pi-gen/deploy/config-one/notes.log', 'not ours\n');
  });
  after(async () => {
    await bench.docker.getVolume(foreign).remove();
    await bench.dispose();
  });

  const clean = (...words: readonly string[]) =>
    pigen(['clean', '--format', 'json', ...words], {
      cwd: bench.tree,
      env: { XDG_CACHE_HOME: `${bench.folder.path}/cache` },
    });
  const itemsOf = (out: string) => (JSON.parse(out) as { readonly items: readonly Item[] }).items;

  it('lists what is ours with its size and what it is of, and removes nothing unasked', async () => {
    const { code, out } = await clean();
    assert.equal(code, 0);
    const items = itemsOf(out);
    const mine = items.filter(({ name }) => name === own);
    assert.deepEqual(
      mine.map(({ kind, detail }) => `${kind}: ${detail}`),
      [`container: build, ${bench.tree}`, `volume: stage-cache, ${bench.tree}`],
    );
    assert.ok(mine.every(({ bytes, removed }) => bytes !== null && !removed));
    assert.ok(!items.some(({ name }) => name === foreign));
    const deploy = `${bench.tree}/deploy`;
    assert.deepEqual(
      items.filter(({ kind }) => kind === 'log').map(({ name, bytes }) => [name, bytes]),
      [
        [`${deploy}/build-docker-stage-app.log`, 9],
        [`${deploy}/build-docker.log`, 8],
        [`${deploy}/config-one/build-docker.log`, 12],
      ],
    );
    assert.ok(await bench.hasVolume(own));
  });

  it('removes what is named, the container before the volume that it holds, and nothing else', async () => {
    const refused = await clean(foreign);
    assert.equal(refused.code, 2);
    const { code, err } = await clean(own, `${bench.tree}/deploy/build-docker.log`);
    assert.equal(code, 0, err);
    assert.equal(await bench.hasContainer(own), false);
    assert.equal(await bench.hasVolume(own), false);
    assert.equal(await bench.hasVolume(foreign), true);
    await assert.rejects(readFile(`${bench.tree}/deploy/build-docker.log`));
  });

  for (const state of ['killed', 'running'] as const) {
    it(`lets go the loop devices of a container that is ${state}`, async () => {
      const name = `${own}-${state}`;
      const image = `${name}.img`;
      const container = await bench.docker.createContainer({
        name,
        Image: 'debian:trixie',
        Cmd: ['bash', '-ec', loopFile, image],
        Volumes: { '/pi-gen/work': {} },
        Labels: { ...labelsFor('build', { treeRoot: bench.tree }) },
        HostConfig: { NetworkMode: 'none', Privileged: true },
      });
      try {
        const output = await container.attach({ stream: true, stdout: true, stderr: true });
        await container.start();
        const [told] = (await once(output, 'data')) as [Buffer];
        assert.match(told.toString(), /looped/);
        if (state === 'killed') {
          await container.kill();
          await container.wait();
        }
        assert.ok((await bench.loopedFiles()).includes(image));
        const { code, err } = await clean(name, ...(state === 'running' ? ['--force'] : []));
        assert.equal(code, 0, err);
        assert.equal(await bench.hasContainer(name), false);
        assert.ok(!(await bench.loopedFiles()).includes(image));
      } finally {
        await container.remove({ force: true, v: true }).catch(() => undefined);
      }
    });
  }
});

/** Attaches the file $0 of the work folder to a loop device, as the export of an image does, and waits to be ended. */
const loopFile = `cd /pi-gen/work
truncate -s 1M "$0"
device="$(losetup -f)"
[ -b "$device" ] || mknod "$device" b 7 "\${device#/dev/loop}"
losetup "$device" "$0"
echo looped
exec sleep 600`;
