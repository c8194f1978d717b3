import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { pack } from 'tar-stream';
import type { Header } from 'tar-stream';
import { createHash } from 'node:crypto';
import { extractArtifacts } from '../../../../src/build/results/artifacts';
import { partPath } from '../../../../src/build/results/part-file';
import type { ExtractionResult } from '../../../../src/build/results/artifacts';
import { TemporaryFolder } from '../../pigen/temporary-folder';

type Entry = Partial<Header> & { readonly name: string; readonly content?: string };

function archive(entries: readonly Entry[]): Readable {
  const made = pack();
  for (const { content, ...header } of entries) made.entry(header, content ?? '');
  made.finalize();
  return Readable.from(made);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The beginning of an archive whose rest never comes. */
async function unfinished(): Promise<PassThrough> {
  const connection = new PassThrough();
  const whole = archive([{ name: 'deploy/image.img', content: 'x'.repeat(5000) }]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of whole as AsyncIterable<Uint8Array>) chunks.push(chunk);
  connection.write(Buffer.concat(chunks).subarray(0, 2000));
  return connection;
}

describe('the results of a build', () => {
  let folder: TemporaryFolder;
  let deploy: string;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    deploy = `${folder.path}/repository/deploy`;
  });
  afterEach(() => folder.remove());

  function take(entries: readonly Entry[], strip: 0 | 1 = 1): Promise<ExtractionResult> {
    const signal = new AbortController().signal;
    return extractArtifacts(archive(entries), deploy, { strip, signal, onArtifact: () => undefined });
  }

  const everything = async () => (await readdir(folder.path, { recursive: true })).sort();

  it('are written below the folder, in place of old ones', async () => {
    const { artifacts, refused } = await take([
      { name: 'deploy/', type: 'directory' },
      { name: 'deploy/image.img', content: 'old' },
    ]);
    assert.deepEqual(artifacts, [
      { file: `${deploy}/image.img`, bytes: 3, sha256: sha256('old'), verified: false },
    ]);
    assert.deepEqual(refused, []);
    await take([
      { name: 'deploy/image.img', content: 'newer' },
      { name: 'deploy/NOOBS/os.json', content: '{}' },
    ]);
    assert.equal(await readFile(`${deploy}/image.img`, 'utf8'), 'newer');
    assert.equal(await readFile(`${deploy}/NOOBS/os.json`, 'utf8'), '{}');
    assert.deepEqual((await readdir(deploy)).sort(), ['NOOBS', 'image.img']);
  });

  it('may be a lone file', async () => {
    await take([{ name: 'build.log', content: 'log' }], 0);
    assert.equal(await readFile(`${deploy}/build.log`, 'utf8'), 'log');
  });

  it("may be named from their volume's root on, as Podman does it, and leave the folder no more than others", async () => {
    const { artifacts, refused } = await take([
      { name: '/', type: 'directory' },
      { name: '/image.img', content: 'x' },
      { name: '//NOOBS/os.json', content: '{}' },
      { name: '/../evil', content: 'x' },
      { name: '/a/../../evil', content: 'x' },
    ]);
    assert.deepEqual(
      artifacts.map(({ file }) => file),
      [`${deploy}/image.img`, `${deploy}/NOOBS/os.json`],
    );
    assert.equal(refused.length, 2);
    assert.ok(!(await everything()).some((name) => name.endsWith('evil')));
  });

  it('never leave the folder', async () => {
    const hostile: Entry[] = [
      { name: 'deploy/../../evil', content: 'x' },
      { name: '../evil', content: 'x' },
      { name: '/etc/evil', content: 'x' },
      { name: 'deploy/a/../../../evil', content: 'x' },
      { name: 'deploy\\..\\evil', content: 'x' },
      { name: 'C:/evil', content: 'x' },
      { name: 'deploy', content: 'x' },
      { name: 'deploy/link', type: 'symlink', linkname: '/etc/passwd' },
      { name: 'deploy/hard', type: 'link', linkname: 'deploy/image.img' },
      { name: 'deploy/pipe', type: 'fifo' },
      { name: 'deploy/device', type: 'block-device', devmajor: 8, devminor: 0 },
    ];
    const { artifacts, refused } = await take([...hostile, { name: 'deploy/good', content: 'x' }]);
    assert.deepEqual(
      artifacts.map(({ file, bytes }) => ({ file, bytes })),
      [{ file: `${deploy}/good`, bytes: 1 }],
    );
    assert.equal(refused.length, hostile.length, JSON.stringify(refused));
    assert.deepEqual(await everything(), ['repository', 'repository/deploy', 'repository/deploy/good']);
  });

  it('do not go through a link that the archive or the disk holds', async () => {
    await mkdir(`${folder.path}/outside`);
    await mkdir(deploy, { recursive: true });
    await symlink(`${folder.path}/outside`, `${deploy}/sub`);
    await symlink(`${folder.path}/outside/target`, `${deploy}/file`);
    const { refused } = await take([
      { name: 'deploy/tunnel', type: 'symlink', linkname: `${folder.path}/outside` },
      { name: 'deploy/tunnel/evil', content: 'x' },
      { name: 'deploy/sub/evil', content: 'x' },
      { name: 'deploy/file', content: 'x' },
    ]);
    assert.deepEqual(
      refused.map((entry) => entry.name),
      ['deploy/tunnel', 'deploy/sub/evil'],
    );
    assert.deepEqual(await readdir(`${folder.path}/outside`), []);
    assert.equal(await readFile(`${deploy}/tunnel/evil`, 'utf8'), 'x');
  });

  it('leave no half-written file where the stream breaks', async () => {
    const source = await unfinished();
    const signal = new AbortController().signal;
    const taken = extractArtifacts(source, deploy, { strip: 1, signal, onArtifact: () => undefined });
    setImmediate(() => source.destroy(new Error('connection lost')));
    await assert.rejects(taken, /connection lost|premature/i);
    assert.deepEqual(await readdir(deploy), []);
  });

  it('are compared with their source before they get their names', async () => {
    const asked: string[] = [];
    const { artifacts, damaged } = await extractArtifacts(
      archive([
        { name: 'deploy/good.img', content: 'good' },
        { name: 'deploy/sub/bad.img', content: 'bad' },
      ]),
      deploy,
      {
        strip: 1,
        signal: new AbortController().signal,
        onArtifact: () => undefined,
        compare: async (path, hash) => {
          asked.push(`${path} ${hash}`);
          await Promise.resolve();
          return path === 'good.img' ? 'same' : 'different';
        },
      },
    );
    assert.deepEqual(asked, [`good.img ${sha256('good')}`, `sub/bad.img ${sha256('bad')}`]);
    assert.deepEqual(
      artifacts.map(({ file, verified }) => ({ file, verified })),
      [{ file: `${deploy}/good.img`, verified: true }],
    );
    assert.deepEqual(damaged, ['sub/bad.img']);
    assert.deepEqual((await readdir(deploy, { recursive: true })).sort(), ['good.img', 'sub']);
  });

  it('leave what has arrived of a file where that is asked for', async () => {
    const source = await unfinished();
    const { signal } = new AbortController();
    const options = { strip: 1, signal, onArtifact: () => undefined, resumable: true } as const;
    const taken = extractArtifacts(source, deploy, options);
    const part = partPath(deploy, 'image.img');
    while ((await stat(part).catch(() => undefined))?.size !== 2000 - 512) await turn();
    source.destroy(new Error('connection lost'));
    await assert.rejects(taken, /connection lost|premature/i);
    assert.equal(await readFile(part, 'utf8'), 'x'.repeat(2000 - 512));
  });

  it('stop where the build is cancelled', async () => {
    const source = await unfinished();
    const cancel = new AbortController();
    const taken = extractArtifacts(source, deploy, {
      strip: 1,
      signal: cancel.signal,
      onArtifact: () => undefined,
    });
    setImmediate(() => {
      cancel.abort();
    });
    await assert.rejects(taken, { name: 'AbortError' });
    assert.deepEqual(await readdir(deploy), []);
  });
});
