import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readGitHash } from '../../../src/pigen/files/git-hash';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { TemporaryFolder } from './temporary-folder';

describe('the commit of a working tree', () => {
  let folder: TemporaryFolder;
  const read = (path: string) => readGitHash(new NodeFileSystem(), path);

  async function git(cwd: string, ...words: readonly string[]): Promise<string> {
    const identity = [
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@example.org',
      '-c',
      'commit.gpgsign=false',
    ];
    return (await promisify(execFile)('git', [...identity, ...words], { cwd })).stdout.trim();
  }

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await git(folder.path, 'init', '--quiet', '--initial-branch=main', 'tree');
    await git(`${folder.path}/tree`, 'commit', '--quiet', '--allow-empty', '-m', 'first');
  });

  afterEach(() => folder.remove());

  it('is what git says, on a branch, detached, and with packed references', async () => {
    const tree = `${folder.path}/tree`;
    const expected = await git(tree, 'rev-parse', 'HEAD');
    assert.equal(await read(tree), expected);
    await git(tree, 'pack-refs', '--all');
    assert.equal(await read(tree), expected);
    await git(tree, 'checkout', '--quiet', '--detach');
    assert.equal(await read(tree), expected);
  });

  it('is found in a linked working tree', async () => {
    const tree = `${folder.path}/tree`;
    await git(tree, 'worktree', 'add', '--quiet', '-b', 'other', '../linked');
    const linked = `${folder.path}/linked`;
    await git(linked, 'commit', '--quiet', '--allow-empty', '-m', 'second');
    assert.equal(await read(linked), await git(linked, 'rev-parse', 'HEAD'));
    assert.notEqual(await read(linked), await read(tree));
  });

  it('is unknown without a commit and without git', async () => {
    await git(folder.path, 'init', '--quiet', 'empty');
    assert.equal(await read(`${folder.path}/empty`), undefined);
    assert.equal(await read(folder.path), undefined);
  });
});
