import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { CloneStore, cloneSource } from '../../../../src/build/plan/pi-gen-clone';
import type { CloneSource } from '../../../../src/build/plan/pi-gen-clone';
import { TemporaryFolder } from '../../pigen/temporary-folder';

describe('where pi-gen is cloned from', () => {
  const complaintOf = (repository: string, version = 'master'): string => {
    const result = cloneSource(repository, version);
    return result.ok ? result.source.url : result.problem.message;
  };

  it('is GitHub for a name, or what a URL names', () => {
    assert.equal(complaintOf('RPi-Distro/pi-gen', 'arm64'), 'https://github.com/RPi-Distro/pi-gen');
    for (const url of [
      'https://example.org/pi-gen.git',
      'ssh://git@example.org:22/pi-gen',
      'file:///srv/pi-gen',
    ]) {
      assert.equal(complaintOf(url), url);
    }
  });

  it('is nothing that git could take for an option or a program', () => {
    for (const url of [
      '--upload-pack=touch /tmp/x',
      '-x/pi-gen;',
      'ext::sh -c touch% /tmp/x',
      'git@example.org:pi-gen',
      'http://example.org/pi-gen',
      'ssh://-oProxyCommand=x/pi-gen',
      'ssh://-oProxyCommand=x@example.org/pi-gen',
      'https://me:secret@example.org/pi-gen',
      'https://example.org/pi gen',
    ]) {
      assert.match(complaintOf(url), /cannot be cloned/, url);
      assert.doesNotMatch(complaintOf(url), /secret/);
    }
    for (const version of [
      '',
      '--upload-pack=x',
      '-b',
      'a..b',
      'a b',
      'refs/heads/',
      'x.lock',
      'a\nb',
      '$(x)',
    ]) {
      assert.match(complaintOf('RPi-Distro/pi-gen', version), /no name of a branch/, version);
    }
  });
});

describe('a clone of pi-gen', () => {
  let folder: TemporaryFolder;
  let store: CloneStore;
  let bare: string;
  const { signal } = new AbortController();
  const git = async (...words: readonly string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...words], {
      cwd: `${folder.path}/work`,
    });
  const commit = async (text: string, ...more: readonly string[]) => {
    await folder.write('work/build.sh', text);
    await git('add', '-A');
    await git('commit', '-qm', text, ...more);
    await git('push', '-q', '--tags', bare, 'HEAD:refs/heads/arm64');
  };
  const source = (version = 'arm64'): CloneSource => ({ url: pathToFileURL(bare).href, version });
  const textOf = async (place: string) => readFile(path.join(place, 'build.sh'), 'utf8');

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    bare = `${folder.path}/bare.git`;
    await folder.write('work/README', '');
    await git('init', '-q');
    await git('init', '-q', '--bare', bare);
    await commit('one\r\n');
    await git('tag', 'v1');
    await git('push', '-q', bare, 'v1');
    store = new CloneStore(`${folder.path}/clones`);
  });
  afterEach(() => folder.remove());

  it('is made once, kept, and found again, byte for byte', async () => {
    assert.equal(await store.find(source()), undefined);
    const made = await store.clone(source(), signal);
    assert.equal(await textOf(made.folder), 'one\r\n');
    assert.match(made.commit, /^[0-9a-f]{40}$/);
    assert.deepEqual(await store.find(source()), made);
    assert.deepEqual(await store.list(), [made]);
    assert.equal(made.folder, store.folderOf(source()));
  });

  it('stays as it is until an update is asked for; a tag stays for good', async () => {
    const branch = await store.clone(source(), signal);
    const tag = await store.clone(source('v1'), signal);
    await commit('two\n');
    assert.equal(await textOf(branch.folder), 'one\r\n');
    const updated = await store.update(source(), signal);
    assert.equal(await textOf(branch.folder), 'two\n');
    assert.notEqual(updated.commit, branch.commit);
    await store.update(source('v1'), signal);
    assert.equal(await textOf(tag.folder), 'one\r\n');
    assert.equal((await store.list()).length, 2);
  });

  it('is of the tag where a branch has the same name, as in pi-gen-action', async () => {
    await commit('two\n');
    await git('push', '-q', bare, 'HEAD:refs/heads/v1', 'HEAD:refs/heads/other/v2');
    const tag = await store.clone(source('v1'), signal);
    assert.equal(await textOf(tag.folder), 'one\r\n');
    await store.update(source('v1'), signal);
    assert.equal(await textOf(tag.folder), 'one\r\n');
    await assert.rejects(store.clone(source('v2'), signal), /at v2: .*no tag of that name was found/);
  });

  it('says what is wrong with a version that is not there, and leaves nothing behind', async () => {
    await assert.rejects(
      store.clone(source('no-such'), signal),
      /at no-such: .*no tag of that name was found/,
    );
    assert.deepEqual(await readdir(`${folder.path}/clones`), []);
    const gone = { url: 'file:///nowhere/pi-gen', version: 'arm64' };
    await assert.rejects(store.clone(gone, signal), /cannot be fetched from file:\/\/\/nowhere/);
    const stop = new AbortController();
    stop.abort(new Error('given up'));
    await assert.rejects(store.clone(source(), stop.signal), /given up/);
    assert.deepEqual(await readdir(`${folder.path}/clones`), []);
  });

  it('keeps what it has where an update fails, and goes when it is removed', async () => {
    const made = await store.clone(source(), signal);
    await git('push', '-q', bare, ':refs/heads/arm64');
    await assert.rejects(store.update(source(), signal));
    assert.equal(await textOf(made.folder), 'one\r\n');
    assert.deepEqual(await store.find(source()), made);
    await store.remove(made);
    assert.equal(await store.find(source()), undefined);
    assert.deepEqual(await readdir(`${folder.path}/clones`), []);
  });

  it('counts for nothing where its note is missing or of something else', async () => {
    const made = await store.clone(source(), signal);
    await folder.write(`clones/${path.basename(made.folder)}.json`, '{"url":"x"');
    assert.equal(await store.find(source()), undefined);
    assert.deepEqual(await store.list(), []);
  });
});
