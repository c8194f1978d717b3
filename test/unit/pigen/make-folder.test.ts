import assert from 'node:assert/strict';
import { chmod, stat, symlink } from 'node:fs/promises';
import { makeFolder } from '../../../src/pigen/files/make-folder';
import { asNobody } from './as-nobody';
import { TemporaryFolder } from './temporary-folder';

async function isFolder(place: string): Promise<boolean> {
  return (await stat(place)).isDirectory();
}

describe('makeFolder', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const failsWith = (place: string, code: string): Promise<void> =>
    assert.rejects(makeFolder(place), { code, path: place });

  it('makes those above it too, and takes one that is there', async () => {
    await makeFolder(`${folder.path}/a/b/c`, 0o700);
    await makeFolder(`${folder.path}/a/b/c`);
    await makeFolder('/');
    assert.equal((await stat(`${folder.path}/a/b`)).mode & 0o777, 0o700);
  });

  it('takes one that somebody else makes at the same moment', async () => {
    await Promise.all(['x', 'y', 'z', 'x'].map((name) => makeFolder(`${folder.path}/a/b/${name}`)));
    assert.ok(await isFolder(`${folder.path}/a/b/z`));
  });

  it('follows a link to a folder', async () => {
    await makeFolder(`${folder.path}/real`);
    await symlink('real', `${folder.path}/link`);
    await makeFolder(`${folder.path}/link`);
    await makeFolder(`${folder.path}/link/below`);
    assert.ok(await isFolder(`${folder.path}/real/below`));
  });

  it('comes to an end where no folder can be made: a file or a broken link in the way', async () => {
    await folder.write('file', '');
    await symlink('nowhere', `${folder.path}/broken`);
    await failsWith(`${folder.path}/file`, 'EEXIST');
    await failsWith(`${folder.path}/file/below`, 'ENOTDIR');
    await failsWith(`${folder.path}/broken`, 'EEXIST');
  });

  it('comes to an end where a file system takes no new folders', async function () {
    if (process.platform !== 'linux') return;
    await failsWith('/dev/null/x', 'ENOTDIR');
    await failsWith('/proc/x', 'ENOENT');
    // Told of the first that could not be made.
    await assert.rejects(makeFolder('/proc/x/y/z'), { code: 'ENOENT', path: '/proc/x' });
    await assert.rejects(makeFolder('/sys/x/y'), { syscall: 'mkdir', path: '/sys/x' });
  });

  it('comes to an end where the user may make none', async () => {
    await makeFolder(`${folder.path}/locked`);
    await chmod(`${folder.path}/locked`, 0o555);
    await chmod(folder.path, 0o755);
    await asNobody(() => failsWith(`${folder.path}/locked/x`, 'EACCES'));
  });
});
