import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import type { Readable } from 'node:stream';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { labelsFor } from '../../src/build/labels';
import { pigen } from '../unit/cli/pigen';
import { Bench } from './bench';
import { makeCertificates } from './host/certificates.mjs';
import { startEngine } from './host/engine.mjs';
import type { TestEngine } from './host/engine.mjs';

interface Event {
  readonly build?: string;
  readonly event: string;
  readonly exitCode?: number | null;
}

describe('engines that are far away', function () {
  this.timeout(300_000);
  const base = `pigen-test-base-${randomBytes(4).toString('hex')}`;
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
    await smallImage();
  });
  after(async () => {
    await bench.docker.getImage(base).remove({ force: true });
    await bench.dispose();
  });

  /** What the image of the tree is made from has all packages already, so that an engine without a network can build it. */
  async function smallImage(): Promise<void> {
    const dockerfile = await readFile(`${bench.tree}/Dockerfile`, 'utf8');
    const [packages = '', own = ''] = dockerfile.split(/(?=^COPY)/m);
    const context = pack();
    context.entry({ name: 'Dockerfile' }, packages);
    context.finalize();
    const progress = await bench.docker.buildImage(context as unknown as Readable, {
      t: base,
      networkmode: 'host',
    });
    progress.resume();
    await once(progress, 'end');
    await bench.folder.write('pi-gen/Dockerfile', `FROM ${base}\n${own}`);
  }

  const events = (out: string): readonly Event[] =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Event);

  describe('over TCP with TLS, with files elsewhere', () => {
    const own = path.join(tmpdir(), base);
    let engine: TestEngine;
    let far: Docker;
    let address = '';
    before(async () => {
      const folder = `${bench.folder.path}/docker`;
      const name = createHash('sha256').update('far').digest('hex');
      const secrets = `${folder}/contexts/tls/${name}/docker`;
      await mkdir(secrets, { recursive: true });
      await makeCertificates(secrets);
      // The engine must read its own, and sees nothing of the bench.
      await mkdir(own);
      for (const file of ['ca.pem', 'server-cert.pem', 'server-key.pem']) {
        await writeFile(`${own}/${file}`, await readFile(`${secrets}/${file}`), { mode: 0o600 });
      }
      address = `tcp://127.0.0.1:${await freePort()}`;
      engine = await startEngine({
        hidden: bench.folder.path,
        words: [
          ...['--host', address, '--tlsverify', '--tlscacert', `${own}/ca.pem`],
          ...['--tlscert', `${own}/server-cert.pem`, '--tlskey', `${own}/server-key.pem`],
        ],
      });
      const meta = { Name: 'far', Endpoints: { docker: { Host: address } } };
      await bench.folder.write(`docker/contexts/meta/${name}/meta.json`, JSON.stringify(meta));
      far = new Docker({ socketPath: engine.host.slice('unix://'.length) });
      const image = await bench.docker.getImage(base).get();
      const loaded = await far.loadImage(image);
      loaded.resume();
      await once(loaded, 'end');
    });
    after(async () => {
      await (engine as TestEngine | undefined)?.stop();
      await rm(own, { recursive: true, force: true });
    });

    it('take several configs at once with the near one, each with its log and results', async () => {
      const configs = [await bench.config('stage-good'), await bench.config('stage-good')];
      const names = configs.map((config) => config.split('/').at(-1) ?? '');
      const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
      const { containerName } = bench.settings();
      const { code, out, err } = await pigen(
        [
          ...[
            'build',
            '--tree',
            bench.tree,
            '--format',
            'json',
            '--network',
            'host',
            '--name',
            containerName,
          ],
          ...configs.flatMap((config) => ['--config', config]),
          ...['--engine', host, '--context', 'far', '--output', `${bench.folder.path}/out`],
        ],
        { cwd: bench.folder.path, env: { DOCKER_CONFIG: `${bench.folder.path}/docker` } },
      );
      assert.equal(code, 0, err + out.slice(-2000));
      const told = events(out);
      for (const name of names) {
        const ofName = told.filter(({ build }) => build === name);
        assert.deepEqual(ofName.at(-1)?.event, 'ended', name);
        assert.equal(ofName.at(-1)?.exitCode, 0, name);
        const log = await readFile(`${bench.folder.path}/out/${name}/build-docker.log`, 'utf8');
        assert.match(log, /End \/pi-gen\/stage-good/);
        const image = ofName.find(({ event }) => event === 'artifact');
        assert.ok(image, name);
      }
      // Both had a hand in it: the tree's image is on either, and nothing else is left.
      for (const docker of [bench.docker, far]) {
        await docker.getImage('pi-gen-tiny').inspect();
        const left = await docker.listContainers({ all: true, filters: { name: [containerName] } });
        assert.deepEqual(left, []);
      }
      const [first] = names;
      const began = told.findIndex(({ build }) => build !== first);
      const ended = told.findIndex(({ build, event }) => build === first && event === 'ended');
      assert.ok(began >= 0 && began < ended, 'one waited for the other');
    });

    it('are cleaned up with the near one, each thing told with its engine; of one name on both it has to be said which', async () => {
      const name = `${base}-volume`;
      const Labels = { ...labelsFor('stage-cache', { treeRoot: bench.tree }) };
      for (const docker of [bench.docker, far]) await docker.createVolume({ Name: name, Labels });
      try {
        const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
        const env = {
          DOCKER_HOST: host,
          DOCKER_CONFIG: `${bench.folder.path}/docker`,
          XDG_CACHE_HOME: `${bench.folder.path}/cache`,
        };
        const clean = (...words: readonly string[]) => pigen(['clean', ...words], { cwd: bench.tree, env });
        const listed = await clean('--format', 'json');
        const { items } = JSON.parse(listed.out) as { items: readonly Record<string, unknown>[] };
        const engines = items.filter((item) => item['name'] === name).map((item) => item['engine']);
        assert.deepEqual(engines, [host, address], listed.err);
        const unclear = await clean(name);
        assert.equal(unclear.code, 2);
        assert.match(unclear.err, /Several engines hold something by the name/);
        const { code, out, err } = await clean(name, '--context', 'far');
        assert.equal(code, 0, err);
        assert.match(out, new RegExp(`^removed volume .* ${name} `));
        assert.deepEqual(
          (await far.listVolumes()).Volumes.map((volume) => volume.Name).includes(name),
          false,
        );
        assert.ok(await bench.hasVolume(name));
      } finally {
        for (const docker of [bench.docker, far])
          await docker
            .getVolume(name)
            .remove({ force: true })
            .catch(() => undefined);
      }
    });

    it('are not spoken to where their certificate is none of the context', async () => {
      const { code, err } = await pigen(
        ['build', '--tree', bench.tree, '--engine', address, '--config', await bench.config('stage-good')],
        { env: { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: `${bench.folder.path}/nowhere` } },
      );
      assert.equal(code, 2);
      assert.match(err, /could not be trusted|certificate/i);
    });
  });

  describe('over SSH', () => {
    /** Stands in for `ssh` and for the far machine at once: it checks its words, and joins the near engine's socket. */
    const standIn = (socket: string): string => `#!${process.execPath}
const words = process.argv.slice(2).join(' ');
if (words !== '-T -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -l me -- far.example docker system dial-stdio') {
  console.error('Host key verification failed.');
  process.exit(255);
}
const engine = require('node:net').connect(${JSON.stringify(socket)});
process.stdin.pipe(engine);
engine.pipe(process.stdout);
engine.on('close', () => process.exit(0));
`;
    const build = async (engine: string) => {
      const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
      const ssh = await bench.folder.write('bin/ssh', standIn(host.slice('unix://'.length)));
      await chmod(ssh, 0o755);
      const { containerName } = bench.settings();
      return pigen(
        [
          ...[
            'build',
            '--tree',
            bench.tree,
            '--format',
            'json',
            '--network',
            'host',
            '--name',
            containerName,
          ],
          ...['--config', await bench.config('stage-good'), '--engine', engine],
          ...['--output', `${bench.folder.path}/over-ssh`],
        ],
        { cwd: bench.folder.path, env: { PATH: `${bench.folder.path}/bin:${process.env['PATH'] ?? ''}` } },
      );
    };

    it('build like near ones', async () => {
      const { code, out, err } = await build('ssh://me@far.example');
      assert.equal(code, 0, err + out.slice(-2000));
      assert.ok((await stat(`${bench.folder.path}/over-ssh/build-docker.log`)).size > 0);
    });

    it("that cannot be reached are told in ssh's own words", async () => {
      const { code, err } = await build('ssh://other.example');
      assert.equal(code, 2);
      assert.match(err, /cannot be reached over SSH: Host key verification failed/);
    });
  });
});

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
