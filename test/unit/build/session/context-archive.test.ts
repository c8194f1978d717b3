import assert from 'node:assert/strict';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { BuildProblemError } from '../../../../src/build/build-problem';
import {
  createContextArchive,
  createFolderArchive,
  createTextArchive,
} from '../../../../src/build/session/context-archive';
import { TemporaryFolder } from '../../pigen/temporary-folder';

interface Unpacked {
  readonly header: Header;
  readonly text: string;
}

async function unpack(archive: Readable): Promise<Map<string, Unpacked>> {
  const reader = extract();
  archive.on('error', (error) => {
    reader.destroy(error);
  });
  archive.pipe(reader);
  const entries = new Map<string, Unpacked>();
  for await (const entry of reader) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
    entries.set(entry.header.name.replace(/\/$/, ''), {
      header: entry.header,
      text: Buffer.concat(chunks).toString(),
    });
  }
  return entries;
}

describe('what is sent for an image build', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const context = (omit: readonly string[] = [], platform: NodeJS.Platform = 'linux') =>
    unpack(createContextArchive({ root: folder.path, omit, platform }));

  it('is the tree with modes, links and empty folders', async () => {
    await folder.write('build.sh', '#!/bin/bash\n', 0o755);
    await folder.write('stage0/files/empty', '', 0o600);
    await mkdir(`${folder.path}/stage1`);
    await symlink('../build.sh', `${folder.path}/stage0/link`);
    const entries = await context();
    assert.deepEqual(
      [...entries.keys()],
      ['build.sh', 'stage0', 'stage0/files', 'stage0/files/empty', 'stage0/link', 'stage1'],
    );
    assert.equal(entries.get('build.sh')?.header.mode, 0o755);
    assert.equal(entries.get('build.sh')?.text, '#!/bin/bash\n');
    assert.equal(entries.get('stage0/files/empty')?.header.mode, 0o600);
    assert.equal(entries.get('stage0/link')?.header.type, 'symlink');
    assert.equal(entries.get('stage0/link')?.header.linkname, '../build.sh');
    assert.equal(entries.get('stage1')?.header.type, 'directory');
  });

  it('leaves out results, objects of git, and what it is told to', async () => {
    await folder.write('.git/HEAD', 'ref: refs/heads/main\n');
    await folder.write('.git/objects/ab/cd', 'x');
    await folder.write('work/tiny/rootfs/etc/passwd', 'x');
    await folder.write('deploy/image.img', 'x');
    await folder.write('config', "FIRST_USER_PASS='secret'\n");
    await folder.write('stage2/files/deploy/kept', 'x');
    const names = [...(await context(['config'])).keys()];
    assert.deepEqual(names, [
      '.git',
      '.git/HEAD',
      'stage2',
      'stage2/files',
      'stage2/files/deploy',
      'stage2/files/deploy/kept',
    ]);
  });

  it("follows .dockerignore by docker's rules", async () => {
    await folder.write(
      '.dockerignore',
      '\uFEFF# comment\r\nsecret\n*.log\n**/cache\nbig/\n!big/kept\nDockerfile\n',
    );
    for (const name of [
      'Dockerfile',
      'secret/x',
      'a.log',
      'sub/b.log',
      'sub/cache/x',
      'big/gone',
      'big/kept',
    ]) {
      await folder.write(name, 'x');
    }
    const names = [...(await context()).keys()].filter(
      (name) => name.includes('/') || name.includes('.') || name === 'Dockerfile',
    );
    assert.deepEqual(names, ['.dockerignore', 'Dockerfile', 'big/kept', 'sub/b.log']);
  });

  it('gives scripts an execute bit on Windows, which has none', async () => {
    await folder.write('00-run.sh', 'echo');
    await folder.write('tool', '#!/usr/bin/env python3\n');
    await folder.write('text', 'plain');
    const entries = await context([], 'win32');
    const modes = [...entries].map(([name, { header }]) => [name, header.mode.toString(8)]);
    assert.deepEqual(modes, [
      ['00-run.sh', '755'],
      ['text', '644'],
      ['tool', '755'],
    ]);
    assert.equal(entries.get('tool')?.text, '#!/usr/bin/env python3\n');
  });

  it('reads on only as fast as it is read', async () => {
    for (let i = 0; i < 50; i++) await folder.write(`file-${i}`, Buffer.alloc(1024 * 1024));
    const archive = createContextArchive({ root: folder.path, omit: [], platform: 'linux' });
    const before = process.memoryUsage().arrayBuffers;
    // The first piece is here: whatever is read ahead now is all that is read until somebody asks for more.
    await new Promise((resolve) => archive.once('readable', resolve));
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(process.memoryUsage().arrayBuffers - before < 10 * 1024 * 1024);
    archive.destroy();
  });

  it('names the file that cannot be read', async () => {
    const missing = createContextArchive({ root: `${folder.path}/gone`, omit: [], platform: 'linux' });
    await assert.rejects(unpack(missing), (error) => {
      assert.ok(error instanceof BuildProblemError);
      assert.equal(error.problem.kind, 'unreadable-file');
      assert.match(error.problem.message, /gone cannot be read \(ENOENT\)/);
      return true;
    });
  });

  it('holds folders under other names, and texts', async () => {
    await folder.write('my stage/00-x/00-run.sh', 'echo\n', 0o755);
    await folder.write('my stage/.git/HEAD', 'x');
    await chmod(`${folder.path}/my stage/00-x`, 0o700);
    const entries = await unpack(
      createFolderArchive([{ from: `${folder.path}/my stage`, name: 'pi-gen/stage-x' }], 'linux'),
    );
    assert.deepEqual(
      [...entries.keys()],
      ['pi-gen/stage-x', 'pi-gen/stage-x/00-x', 'pi-gen/stage-x/00-x/00-run.sh'],
    );
    assert.equal(entries.get('pi-gen/stage-x/00-x/00-run.sh')?.header.mode, 0o755);
    const texts = await unpack(createTextArchive([{ name: 'config', text: "A='é'\n", mode: 0o600 }]));
    assert.equal(texts.get('config')?.text, "A='é'\n");
    assert.equal(texts.get('config')?.header.mode, 0o600);
  });
});
