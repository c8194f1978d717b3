import assert from 'node:assert/strict';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import fc from 'fast-check';
import { compareBytes } from '../../../src/pigen/files/byte-order';
import { FileError } from '../../../src/pigen/files/file-system';
import type { FileErrorReason } from '../../../src/pigen/files/file-system';
import { LimitedFileSystem } from '../../../src/pigen/files/limited-file-system';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { OverlayFileSystem } from '../../../src/pigen/files/overlay-file-system';
import { asNobody } from './as-nobody';
import { TemporaryFolder } from './temporary-folder';

const fs = new NodeFileSystem();

async function rejectsFor(call: Promise<unknown>, reason: FileErrorReason): Promise<void> {
  await assert.rejects(call, (error) => error instanceof FileError && error.reason === reason);
}

describe('NodeFileSystem', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  it('sorts entries by bytes, as bash sorts a glob in the C locale', async () => {
    for (const name of ['stage2', 'stage10', 'Zoo', 'émile', '_x', '\u{1f600}', '\uff5e'])
      await folder.write(name, '');
    const names = (await fs.readFolder(folder.path)).map((entry) => entry.name);
    assert.deepEqual(names, ['Zoo', '_x', 'stage10', 'stage2', 'émile', '\uff5e', '\u{1f600}']);
  });

  it('tells what links point at, and survives loops and broken ones', async () => {
    await folder.write('real', 'x');
    await mkdir(`${folder.path}/sub`);
    await symlink('real', `${folder.path}/to-file`);
    await symlink('sub', `${folder.path}/to-folder`);
    await symlink('nowhere', `${folder.path}/broken`);
    await symlink('loop-b', `${folder.path}/loop-a`);
    await symlink('loop-a', `${folder.path}/loop-b`);
    const kinds = (await fs.readFolder(folder.path)).map(({ name, kind, symbolicLink }) => [
      name,
      kind,
      symbolicLink,
    ]);
    assert.deepEqual(kinds, [
      ['broken', 'other', true],
      ['loop-a', 'other', true],
      ['loop-b', 'other', true],
      ['real', 'file', false],
      ['sub', 'folder', false],
      ['to-file', 'file', true],
      ['to-folder', 'folder', true],
    ]);
    assert.equal(await fs.stat(`${folder.path}/loop-a`), undefined);
    await rejectsFor(fs.readFile(`${folder.path}/loop-a`), 'not-found');
  });

  it('tells size and execute bit', async () => {
    await folder.write('run', 'abc', 0o755);
    await folder.write('plain', '');
    assert.equal((await fs.stat(`${folder.path}/run`))?.executable, true);
    assert.equal((await fs.stat(`${folder.path}/run`))?.size, 3);
    assert.equal((await fs.stat(`${folder.path}/plain`))?.executable, false);
    assert.equal(await fs.stat(`${folder.path}/none`), undefined);
  });

  it('rejects with the reason and nothing else', async () => {
    const file = await folder.write('large', new Uint8Array(100));
    assert.equal((await fs.readFile(file, 100)).length, 100);
    await rejectsFor(fs.readFile(file, 99), 'too-large');
    await rejectsFor(fs.readFile(folder.path), 'is-folder');
    await rejectsFor(fs.readFile(`${folder.path}/none`), 'not-found');
    await rejectsFor(fs.readFile(`${file}/below`), 'not-found');
    await rejectsFor(fs.readFolder(`${folder.path}/none`), 'not-found');
  });

  it('says so where it may not read', async () => {
    const file = await folder.write('closed/inside', 'x');
    await chmod(file, 0);
    await chmod(`${folder.path}/closed`, 0);
    await asNobody(async () => {
      await rejectsFor(fs.readFile(file), 'no-permission');
      await rejectsFor(fs.readFolder(`${folder.path}/closed`), 'no-permission');
    });
    await chmod(`${folder.path}/closed`, 0o755);
  });
});

describe('compareBytes', () => {
  it('orders as the UTF-8 bytes do', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        assert.equal(Math.sign(compareBytes(a, b)), bytes);
      }),
    );
  });
});

describe('OverlayFileSystem', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  it('shows unsaved texts in place of files, and new ones in their folder', async () => {
    const file = await folder.write('b', 'on disk', 0o755);
    const texts = new Map([[file, 'on screen']]);
    const overlay = new OverlayFileSystem(fs, texts);
    assert.equal(new TextDecoder().decode(await overlay.readFile(file)), 'on screen');
    assert.deepEqual(
      { ...(await overlay.stat(file)), modified: 0 },
      {
        kind: 'file',
        size: 9,
        modified: 0,
        executable: true,
      },
    );
    await rejectsFor(overlay.readFile(file, 3), 'too-large');
    texts.set(`${folder.path}/a`, 'new');
    assert.deepEqual(
      (await overlay.readFolder(folder.path)).map((entry) => entry.name),
      ['a', 'b'],
    );
    assert.equal((await overlay.stat(`${folder.path}/a`))?.executable, undefined);
    texts.delete(file);
    assert.equal(new TextDecoder().decode(await overlay.readFile(file)), 'on disk');
  });
});

describe('LimitedFileSystem', () => {
  it('never runs more calls than its limit, and all of them in the end', async () => {
    let running = 0;
    let most = 0;
    const slow = new LimitedFileSystem(
      {
        readFile: () => Promise.reject(new FileError('not-found', '/')),
        readFolder: () => Promise.resolve([]),
        realPath: () => Promise.resolve(undefined),
        stat: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          return undefined;
        },
      },
      3,
    );
    await Promise.all(Array.from({ length: 50 }, (_, i) => slow.stat(`/${i}`)));
    assert.equal(most, 3);
    assert.equal(running, 0);
  });

  it('rejects with the reason of its signal once that is aborted', async () => {
    const controller = new AbortController();
    const limited = new LimitedFileSystem(fs, 1, controller.signal);
    controller.abort(new Error('enough'));
    await assert.rejects(limited.stat('/'), /enough/);
  });
});
