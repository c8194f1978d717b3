import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { Transform } from 'node:stream';
import type { Artifact } from '../../src/build/results/artifacts';
import { collectResults } from '../../src/build/results/collect-results';
import type { Engine } from '../../src/build/engine/engine';
import { noRunOptions } from '../../src/build/plan/run-options';
import { beginManifest } from '../../src/build/afterwards/manifest';
import { partPath } from '../../src/build/results/part-file';
import { Bench } from './bench';

const image = 'debian:trixie';

/** Writes a large file, a small one, and what must not be copied. */
const makeResults = `cd /results && head -c 8000000 /dev/urandom > big.img && mkdir sub && echo small > 'sub/a b.txt' &&
	ln -s /etc/passwd link && mkfifo pipe && chmod 600 big.img`;

describe('the results of a container that has ended', () => {
  let bench: Bench;
  let container: string;
  let folder: string;
  const name = `pigen-test-${randomBytes(4).toString('hex')}`;
  const { signal } = new AbortController();

  before(async () => {
    bench = await Bench.create();
    container = await bench.engine.createContainer({
      name,
      image,
      command: ['bash', '-c', makeResults],
      labels: {},
      options: { ...noRunOptions, network: 'none', anonymousVolumes: ['/results'] },
    });
    await bench.engine.start(container);
    await bench.engine.wait(container);
  });
  after(async () => {
    await bench.engine.remove(container);
    await bench.dispose();
  });
  beforeEach(() => {
    folder = `${bench.folder.path}/deploy-${randomBytes(4).toString('hex')}`;
  });

  async function collect(engine: Engine): Promise<{ artifacts: Artifact[]; refused: string[] }> {
    const artifacts: Artifact[] = [];
    const plan = {
      deployFolder: folder,
      paths: [],
      results: '/results',
      buildLog: undefined,
      subject: { variant: 'config', whole: true, sizes: { kind: 'work' as const, folder: '/pi-gen/work' } },
      container: { name, keep: false },
    };
    const refused = await collectResults(container, plan, engine, {
      passed: true,
      signal,
      cancel: signal,
      pauses: [1, 1, 1],
      onArtifact: (artifact) => {
        artifacts.push(artifact);
        return Promise.resolve();
      },
    });
    return { artifacts, refused: refused.map((entry) => entry.name) };
  }

  async function check(artifacts: readonly Artifact[]): Promise<void> {
    const shown = artifacts.map(({ file }) => file.slice(folder.length + 1)).sort();
    assert.deepEqual(shown, ['big.img', 'sub/a b.txt']);
    for (const { file, bytes, sha256, verified } of artifacts) {
      assert.ok(verified, file);
      const content = await readFile(file);
      assert.equal(content.length, bytes);
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256);
    }
    assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ['big.img', 'sub', 'sub/a b.txt']);
  }

  it('arrive with their size and hash, which are those in the container', async () => {
    const { artifacts, refused } = await collect(bench.engine);
    await check(artifacts);
    assert.deepEqual(refused.sort(), ['results/link', 'results/pipe']);
    const hashes = await beginManifest(bench.engine, container, '/results', signal);
    const manifest = await hashes.read();
    await hashes.close();
    assert.deepEqual([...(manifest?.keys() ?? [])].sort(), ['big.img', 'sub/a b.txt']);
    assert.equal((await stat(`${folder}/big.img`)).mode & 0o777, 0o600);
  });

  it('are gone on with where the connection breaks in the middle', async () => {
    let asked = 0;
    const broken = new Proxy(bench.engine, {
      get: (engine, key) => {
        if (key !== 'getArchive') return bound(engine, key);
        return async (...words: Parameters<Engine['getArchive']>) => {
          asked++;
          const archive = await engine.getArchive(...words);
          assert.ok(archive);
          let seen = 0;
          const cut = new Transform({
            transform(chunk: Buffer, _encoding, done) {
              seen += chunk.length;
              done(seen > 2_000_000 ? Object.assign(new Error('lost'), { code: 'ECONNRESET' }) : null, chunk);
            },
          });
          archive.on('error', () => undefined);
          cut.on('close', () => archive.destroy());
          return archive.pipe(cut);
        };
      },
    });
    const { artifacts } = await collect(broken);
    await check(artifacts);
    assert.equal(asked, 1);
  });

  it('are gone on with by another process, and copied anew where what is here is something else', async () => {
    await collect(bench.engine);
    const whole = await readFile(`${folder}/big.img`);
    const first = folder;
    folder = `${first}-resumed`;
    await mkdir(folder);
    await writeFile(partPath(folder, 'big.img'), whole.subarray(0, 1_234_567));
    await check((await collect(bench.engine)).artifacts);

    folder = `${first}-damaged`;
    await mkdir(folder);
    await writeFile(partPath(folder, 'big.img'), randomBytes(5000));
    await check((await collect(bench.engine)).artifacts);

    folder = `${first}-linked`;
    await mkdir(folder);
    const outside = await bench.folder.write('outside.txt', 'mine');
    await symlink(outside, partPath(folder, 'big.img'));
    await check((await collect(bench.engine)).artifacts);
    assert.equal(await readFile(outside, 'utf8'), 'mine');
  });
});

/** The engine's own method or value. */
function bound(engine: Engine, key: string | symbol): unknown {
  const value: unknown = Reflect.get(engine, key);
  return typeof value === 'function' ? (value.bind(engine) as unknown) : value;
}
