import assert from 'node:assert/strict';
import { chmod, readdir, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Fingerprints } from '../../../../src/build/stage-loop/fingerprint';
import { FingerprintStore } from '../../../../src/cli/fingerprint-store';
import { TemporaryFolder } from '../../pigen/temporary-folder';

/** A file that nobody has changed for a while. */
const oldFile = path.resolve(import.meta.dirname, '../../../../LICENSE').replaceAll('\\', '/');

describe('fingerprints of files', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  it('are of names, modes, contents and links, and not of times', async () => {
    const of = () => new Fingerprints().ofFolder(folder.path);
    const script = await folder.write('00-run.sh', 'true\n');
    await folder.write('files/a', 'a');
    const first = await of();
    await folder.write('00-run.sh', 'true\n');
    assert.equal(await of(), first);
    const seen = new Set([first]);
    for (const change of [
      () => chmod(script, 0o755),
      () => folder.write('files/a', 'b'),
      () => folder.write('files/b', ''),
      () => symlink('a', `${folder.path}/files/c`),
    ]) {
      await change();
      const now = await of();
      assert.ok(!seen.has(now));
      seen.add(now);
    }
  });

  it('read nothing again that is as it was, and trust no file that was changed just now', async () => {
    const fingerprints = new Fingerprints();
    await fingerprints.ofFile(await folder.write('fresh', 'x'));
    assert.equal(fingerprints.news(), undefined);
    const own = await fingerprints.ofFile(oldFile);
    const known = [...(fingerprints.news() ?? [])];
    assert.deepEqual(
      known.map(([file]) => file),
      [oldFile],
    );
    const later = new Fingerprints(known.map(([file, { stamp }]) => [file, { stamp, hash: 'kept' }]));
    const { mode } = await stat(oldFile);
    assert.equal(await later.ofFile(oldFile), `file ${(mode & 0o7777).toString(8)} kept`);
    assert.equal(later.news(), undefined);
    const other = new Fingerprints(known.map(([file]) => [file, { stamp: 'another', hash: 'kept' }]));
    assert.equal(await other.ofFile(oldFile), own);
  });

  it('outlive the process that took them', async () => {
    const store = new FingerprintStore({ environment: { PIGEN_CACHE_DIR: folder.path } });
    const first = await store.read('/tree');
    const own = await first.ofFile(oldFile);
    await store.write('/tree', first);
    const second = await store.read('/tree');
    assert.equal(await second.ofFile(oldFile), own);
    assert.equal(second.news(), undefined);
    assert.notEqual(await (await store.read('/other')).ofFile(oldFile), '');
  });

  it('are taken anew where what was kept is not what was written', async () => {
    const store = new FingerprintStore({ environment: { PIGEN_CACHE_DIR: folder.path } });
    const first = await store.read('/tree');
    const own = await first.ofFile(oldFile);
    await store.write('/tree', first);
    const [file = ''] = (await readdir(folder.path)).filter((name) => name.startsWith('fingerprints-'));
    for (const text of ['', '{', '{}', '[[1]]', '[["a","b"]]']) {
      await folder.write(file, text);
      assert.equal(await (await store.read('/tree')).ofFile(oldFile), own);
    }
    const off = new FingerprintStore({ environment: { PIGEN_CACHE_DIR: '' } });
    await off.write('/tree', first);
    assert.equal(await (await off.read('/tree')).ofFile(oldFile), own);
  });
});
