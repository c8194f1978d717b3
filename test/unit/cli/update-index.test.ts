import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { copyAptTree, TestRepository } from '../../apt/repository';
import { pigen, root } from './pigen';
import type { Ran } from './pigen';

const fixtures = path.join(root, 'test/fixtures/apt');

describe('pigen update-index as a process', () => {
  let repository: TestRepository;
  let scratch: string;
  let tree: string;

  beforeEach(async () => {
    repository = await TestRepository.start(fixtures);
    scratch = await mkdtemp(path.join(os.tmpdir(), 'pigen-update-'));
    tree = path.join(scratch, 'pi-gen');
    await copyAptTree(fixtures, tree, repository.address);
  });

  afterEach(async () => {
    await repository.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  /** The same folder on every platform. */
  const env = () => ({ XDG_CACHE_HOME: path.join(scratch, 'cache') });
  const cache = () => path.join(scratch, 'cache/pigen/packages');

  function run(...words: readonly string[]): Promise<Ran> {
    return pigen(words, { cwd: tree, env: env() });
  }

  it('lets check find misspelt packages, offline too', async () => {
    assert.match((await run('check')).out, /^No findings\./);
    const { code, out } = await run('update-index');
    assert.equal(code, 0);
    const shown = `${repository.address}raspbian/ trixie (arm64, armhf)`;
    assert.ok(out.includes(`up to date: ${shown}`), out);

    await repository.stop();
    const checked = await run('check', '--format', 'json', '--fail-on', 'warning');
    const { findings } = JSON.parse(checked.out) as {
      findings: {
        rule: string;
        file: string;
        range: { start: { line: number } };
        fixes: { title: string }[];
      }[];
    };
    assert.equal(checked.code, 1);
    assert.deepEqual(
      findings.map(({ rule, file, range, fixes }) => [rule, file, range.start.line, fixes[0]?.title]),
      [['unknown-package', 'stage1/00-app/00-packages', 2, 'Change pyhton3 to python3']],
    );
    repository = await TestRepository.start(fixtures);
  });

  it('asks nobody while checking', async () => {
    await run('check');
    assert.deepEqual(repository.requests, []);
    await run('update-index');
    const asked = repository.requests.length;
    await run('check');
    assert.equal(repository.requests.length, asked);
  });

  it('keeps the releases of several trees, and tells where else a package is', async () => {
    await run('update-index');
    // The archive of the fixture has no bookworm.
    const second = await run('update-index', '--release', 'bookworm');
    assert.equal(second.code, 1);
    assert.match(
      second.out,
      /not updated: \S+archive\/dists\/bookworm\/InRelease: the server has no such file/,
    );
    await writeFile(path.join(tree, 'stage1/00-app/00-packages'), 'libicu72\n');
    const { out } = await run('check');
    assert.match(
      out,
      /libicu72 is in bookworm \(armhf\), but none .* for trixie has it.* Is libicu76 meant\?/,
    );
    // The other way round one repository is unknown, and so are all names.
    assert.match((await run('check', '--release', 'bookworm')).out, /^No findings\./);
  });

  it('answers in JSON', async () => {
    repository.files.delete('/archive/dists/trixie/InRelease');
    const { code, out, err } = await run('update-index', '--format', 'json');
    const { version, updated, failures } = JSON.parse(out) as {
      version: number;
      updated: { suite: string; architecture: string }[];
      failures: { url: string; reason: string }[];
    };
    assert.equal(code, 1);
    assert.equal(err, '');
    assert.equal(version, 1);
    assert.ok(updated.every(({ suite }) => suite === 'trixie'));
    assert.deepEqual(failures, [
      { url: `${repository.address}archive/dists/trixie/InRelease`, reason: 'the server has no such file' },
    ]);
  });

  it('leaves no half of a file when it is stopped', async function () {
    // There is no SIGINT to be sent to a process on Windows.
    if (process.platform === 'win32') return;
    const hung = new Promise<void>((resolve) => {
      repository.misbehave = ({ url = '' }) => {
        if (!url.endsWith('/raspbian/dists/trixie/main/binary-armhf/Packages.gz')) return false;
        resolve();
        return true;
      };
    });
    const child = spawn(process.execPath, [path.join(root, 'dist/cli.js'), 'update-index'], {
      cwd: tree,
      env: { ...process.env, ...env() },
      stdio: 'ignore',
    });
    await hung;
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 130);
    const names = await readdir(cache());
    assert.ok(names.includes('index.json'));
    assert.deepEqual(
      names.filter((name) => name !== 'index.json' && !name.endsWith('.gz')),
      [],
    );
  });

  it('says what is missing where nothing tells what to ask', async () => {
    await pigen(['new', 'stage', 'stage-app', '--in', scratch], { cwd: scratch });
    const { code, err } = await pigen(['update-index', path.join(scratch, 'stage-app')], {
      cwd: scratch,
      env: env(),
    });
    assert.equal(code, 2);
    assert.match(err, /Nothing tells which repositories .* --release/);
  });
});
