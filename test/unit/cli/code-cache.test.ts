import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../../../src/cli/code-cache';
import { pigen, root } from './pigen';

describe('the compiled code of pigen', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-code-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const sample = path.join(root, 'stage-ossuary');
  const check = (cache = folder) => pigen(['check', sample], { env: { PIGEN_CACHE_DIR: cache } });
  const cached = async () => {
    const [name, ...others] = await readdir(path.join(folder));
    assert.deepEqual(others, []);
    return path.join(folder, name!);
  };

  it('is kept by the first run, for its user only, and left alone by the second', async () => {
    const first = await check();
    const file = await cached();
    const before = await stat(file);
    assert.equal(before.mode & 0o077, 0);
    assert.ok(before.size > 10_000);
    assert.deepEqual(await check(), first);
    assert.equal((await stat(await cached())).mtimeMs, before.mtimeMs);
  });

  it('is made again where it is of another bundle, cut off or no code at all', async () => {
    const first = await check();
    const file = await cached();
    const good = await readFile(file);
    for (const bad of [Buffer.from('nonsense'), good.subarray(0, 2000), Buffer.alloc(good.length, 1)]) {
      await writeFile(file, bad);
      assert.deepEqual(await check(), first);
      assert.ok((await stat(file)).size > 10_000);
      assert.notDeepEqual(await readFile(file), bad);
    }
  });

  it('is not kept for a command that does not exist', async () => {
    const { code } = await pigen(['chekc', sample], { env: { PIGEN_CACHE_DIR: folder } });
    assert.equal(code, 2);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is kept when the command has ended, and not for one that could not do its work', async () => {
    const missing = path.join(folder, 'no-such-tree');
    const { code } = await pigen(['check', missing], { env: { PIGEN_CACHE_DIR: folder } });
    assert.equal(code, 2);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is that of what a command runs, not of its help', async () => {
    const help = await pigen(['check', '--help'], { env: { PIGEN_CACHE_DIR: folder } });
    assert.equal(help.code, 0);
    const { size } = await stat(await cached());
    await rm(await cached());
    await check();
    assert.ok((await stat(await cached())).size > size * 1.5);
  });

  it('is done without where there is no place for it', async () => {
    const file = path.join(folder, 'a-file');
    await writeFile(file, '');
    const { code, err } = await check(file);
    assert.deepEqual([code, err], [0, '']);
    assert.equal((await check('')).code, 0);
  });
});

describe('cacheFolder', () => {
  it('goes by the customs of the platform', () => {
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/cache' }, 'linux'), '/cache/pigen');
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '' }, 'linux'), path.join(os.homedir(), '.cache/pigen'));
    assert.equal(
      cacheFolder({ XDG_CACHE_HOME: '/cache' }, 'darwin'),
      path.join(os.homedir(), 'Library/Caches/pigen'),
    );
    assert.equal(cacheFolder({ PIGEN_CACHE_DIR: '/own' }, 'linux'), '/own');
    assert.equal(cacheFolder({ PIGEN_CACHE_DIR: '' }, 'linux'), undefined);
  });
});
