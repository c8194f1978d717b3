import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { findGitIndex, parseGitIndex, readGitIndex } from '../../../src/pigen/files/git-index';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { TemporaryFolder } from './temporary-folder';

const run = promisify(execFile);
const fs = new NodeFileSystem();

/** Runs git without the settings of whoever runs the tests. */
async function git(cwd: string, ...parameters: string[]): Promise<void> {
  const identity = [
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@example.org',
    '-c',
    'protocol.file.allow=always',
  ];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  await run('git', [...identity, ...parameters], { cwd, env });
}

describe('the git index', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write('stage2/00-x/00-run.sh', 'run', 0o755);
    await folder.write('stage2/00-x/01-run.sh', 'plain');
    await folder.write(`stage2/${'long'.repeat(40)}/00-packages`, '');
    for (let i = 0; i < 40; i++) await folder.write(`name${'x'.repeat(i)}`, '', i % 3 === 0 ? 0o755 : 0o644);
  });
  afterEach(() => folder.remove());

  async function expectBits(): Promise<void> {
    const index = await readGitIndex(fs, `${folder.path}/stage2/00-x`);
    assert.equal(index?.root, folder.path);
    assert.equal(index.executable(`${folder.path}/stage2/00-x/00-run.sh`), true);
    assert.equal(index.executable(`${folder.path}/stage2/00-x/01-run.sh`), false);
    assert.equal(index.executable(`${folder.path}/untracked`), undefined);
    assert.equal(index.executable('/elsewhere'), undefined);
    for (let i = 0; i < 40; i++)
      assert.equal(index.executable(`${folder.path}/name${'x'.repeat(i)}`), i % 3 === 0);
  }

  for (const version of ['2', '3', '4']) {
    it(`is read in version ${version}`, async () => {
      await git(folder.path, 'init', '-q');
      await git(folder.path, 'update-index', '--index-version', version);
      await git(folder.path, 'add', '.');
      // Intent to add sets the extended flags that make version 3.
      await folder.write('later', '');
      await git(folder.path, 'add', '--intent-to-add', 'later');
      const bytes = await readFile(`${folder.path}/.git/index`);
      assert.equal(bytes.readUInt32BE(4), version === '4' ? 4 : 3);
      await expectBits();
    });
  }

  it('is read in version 2 with extensions, after a commit', async () => {
    await git(folder.path, 'init', '-q');
    await git(folder.path, 'add', '.');
    await git(folder.path, 'commit', '-qm', 'x');
    assert.equal((await readFile(`${folder.path}/.git/index`)).readUInt32BE(4), 2);
    await expectBits();
    await git(folder.path, 'update-index', '--chmod=-x', 'stage2/00-x/00-run.sh');
    const index = await readGitIndex(fs, folder.path);
    assert.equal(index?.executable(`${folder.path}/stage2/00-x/00-run.sh`), false);
  });

  it('is read in a SHA-256 repository', async () => {
    await git(folder.path, 'init', '-q', '--object-format=sha256');
    await git(folder.path, 'add', '.');
    await expectBits();
    await git(folder.path, 'update-index', '--index-version', '4');
    await expectBits();
  });

  it('is found behind the .git file of a worktree and of a submodule', async () => {
    const main = `${folder.path}/main`;
    await folder.write('main/run.sh', '', 0o755);
    await git(main, 'init', '-q');
    await git(main, 'add', '.');
    await git(main, 'commit', '-qm', 'x');
    await git(main, 'worktree', 'add', '-q', `${folder.path}/tree`);
    assert.match(
      (await findGitIndex(fs, `${folder.path}/tree`))?.file ?? '',
      /\.git\/worktrees\/tree\/index$/,
    );
    const worktree = await readGitIndex(fs, `${folder.path}/tree`);
    assert.equal(worktree?.executable(`${folder.path}/tree/run.sh`), true);
    await git(folder.path, 'init', '-q', 'outer');
    await git(`${folder.path}/outer`, 'submodule', '--quiet', 'add', main, 'inner');
    const submodule = await readGitIndex(fs, `${folder.path}/outer/inner`);
    assert.equal(submodule?.root, `${folder.path}/outer/inner`);
    assert.equal(submodule.executable(`${folder.path}/outer/inner/run.sh`), true);
    const outer = await readGitIndex(fs, `${folder.path}/outer`);
    assert.equal(outer?.executable(`${folder.path}/outer/inner`), undefined);
  });

  it('says nothing of a split index, whose entries are mostly elsewhere', async () => {
    await git(folder.path, 'init', '-q');
    await git(folder.path, 'add', '.');
    await git(folder.path, 'update-index', '--split-index');
    assert.equal(await readGitIndex(fs, folder.path), undefined);
  });

  it('is undefined without a repository, without an index and for a broken one', async () => {
    assert.equal(await readGitIndex(fs, folder.path), undefined);
    await folder.write('.git', 'no such line');
    assert.equal(await readGitIndex(fs, folder.path), undefined);
    await folder.write('other/.git/HEAD', 'ref: refs/heads/main');
    assert.equal(await readGitIndex(fs, `${folder.path}/other`), undefined);
    await folder.write('other/.git/index', 'DIRC');
    assert.equal(await readGitIndex(fs, `${folder.path}/other`), undefined);
  });

  it('is undefined for any index cut short or changed in its structure, and never throws', async () => {
    await git(folder.path, 'init', '-q');
    await git(folder.path, 'add', '.');
    const whole = new Uint8Array(await readFile(`${folder.path}/.git/index`));
    assert.ok(parseGitIndex(whole));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        assert.equal(parseGitIndex(whole.slice(0, length)), undefined);
      }),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = whole.slice();
        changed[at] = byte;
        parseGitIndex(changed);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => parseGitIndex(noise) === undefined));
  });
});
