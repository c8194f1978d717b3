import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, watch, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { findShellCheck } from '../../../src/shellcheck/find-shellcheck';
import type { ShellCheckBinary } from '../../../src/shellcheck/find-shellcheck';
import { installShellCheck } from '../../../src/shellcheck/install-shellcheck';
import { ShellCheckRcFinder } from '../../../src/shellcheck/shellcheck-rc';
import { ShellCheckRunner } from '../../../src/shellcheck/shellcheck-runner';
import { shellCheckOfMachine } from '../../rules/harness';

const unquoted = '#!/bin/bash\necho $1\n';

describe('running ShellCheck', function () {
  // A POSIX shell stands between in these tests.
  if (process.platform === 'win32') return;
  let folder: string;
  let binary: ShellCheckBinary;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'counting-'));
    const program = path.join(folder, 'shellcheck');
    await copyFile(path.join(import.meta.dirname, 'counting-shellcheck.sh'), program);
    await chmod(program, 0o755);
    const real = await shellCheckOfMachine();
    // By its path: npm puts the wrapper package, which has the same name, before it on the PATH.
    await writeFile(path.join(folder, 'real'), real.path);
    binary = { path: program, version: real.version };
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function starts(): Promise<readonly string[]> {
    const text = await readFile(path.join(folder, 'started'), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  it('reads many texts in one process, each with its own settings, and none twice', async () => {
    const runner = new ShellCheckRunner();
    const sources = [
      { text: unquoted, settings: '' },
      { text: unquoted, settings: 'disable=SC2086\n' },
      { text: '#!/bin/bash\ncd /x\n', settings: '' },
      { text: unquoted, settings: '' },
    ];
    const codes = async (): Promise<unknown> =>
      (await runner.check(binary, sources)).map((comments) => comments.map(({ code }) => code));
    assert.deepEqual(await codes(), [[2086], [], [2164], [2086]]);
    assert.equal((await starts()).length, 1);
    assert.deepEqual(await codes(), [[2086], [], [2164], [2086]]);
    assert.equal((await starts()).length, 1);
    assert.deepEqual(await leftovers(), []);
  });

  it('is killed when it is aborted, and leaves no file behind', async () => {
    await writeFile(path.join(folder, 'wait'), '');
    const abort = new AbortController();
    const checking = new ShellCheckRunner().check(binary, [{ text: unquoted, settings: '' }], abort.signal);
    checking.catch(() => undefined);
    await untilStarted(folder);
    const [pid = ''] = (await starts())[0]?.split(' ') ?? [];
    assert.ok(isAlive(Number(pid)));
    abort.abort(new Error('outdated'));
    await assert.rejects(checking, /outdated/);
    assert.equal(isAlive(Number(pid)), false);
    assert.deepEqual(await leftovers(), []);
  });

  it('gives up on a text that takes too long, says so, and does not try it again', async () => {
    await writeFile(path.join(folder, 'wait'), '');
    const troubles: string[] = [];
    const runner = new ShellCheckRunner({ timeout: 50, onTrouble: (message) => troubles.push(message) });
    const source = { text: unquoted, settings: '' };
    assert.deepEqual(await runner.check(binary, [source]), [[]]);
    assert.deepEqual(await runner.check(binary, [source]), [[]]);
    assert.equal(troubles.length, 1);
    assert.match(troubles[0] ?? '', /took too long/);
  });

  it('rejects where the program is gone', async () => {
    const gone = { path: path.join(folder, 'gone'), version: '0.9.0' };
    await assert.rejects(
      new ShellCheckRunner().check(gone, [{ text: unquoted, settings: '' }]),
      /cannot be run/,
    );
  });

  it('removes what a killed process of ours has left', async () => {
    const left = await mkdtemp(path.join(os.tmpdir(), 'pigen-shellcheck-999999999-'));
    await new ShellCheckRunner().check(binary, [{ text: unquoted, settings: '' }]);
    assert.ok(!(await readdir(os.tmpdir())).includes(path.basename(left)));
  });

  it('is found where it is named, else on the PATH, never in a folder that is relative', async () => {
    const found = async (asked: string | undefined, search: string): Promise<string> => {
      const answer = await findShellCheck({ asked, environment: { PATH: search } });
      return answer.kind === 'found' ? answer.binary.path : answer.kind;
    };
    assert.equal(await found(binary.path, ''), binary.path);
    assert.equal(await found(undefined, folder), binary.path);
    assert.equal(await found(undefined, path.relative(process.cwd(), folder)), 'absent');
    const wrappers = path.join(folder, 'node_modules/.bin');
    await mkdir(wrappers, { recursive: true });
    await copyFile(binary.path, path.join(wrappers, 'shellcheck'));
    assert.equal(await found(undefined, wrappers), 'absent');
    assert.equal(await found('/bin/true', folder), 'unusable');
    assert.equal(await found(path.join(folder, 'gone'), folder), 'unusable');
  });

  // Versions that old come with no Debian that is kept up: a script stands for them.
  it('is none that is too old to be understood', async () => {
    const search = path.join(folder, 'old');
    await mkdir(search);
    const old = path.join(search, 'shellcheck');
    const say = (version: string) =>
      writeFile(old, `#!/bin/sh\nprintf 'ShellCheck\\nversion: ${version}\\n'\n`, { mode: 0o755 });
    await say('0.6.0');
    assert.deepEqual(await findShellCheck({ asked: old, environment: {} }), {
      kind: 'unusable',
      path: old,
      reason: 'it is version 0.6.0, and 0.7.0 or newer is needed',
    });
    assert.equal((await findShellCheck({ asked: undefined, environment: { PATH: search } })).kind, 'absent');
    await say('0.10.0');
    assert.equal((await findShellCheck({ asked: old, environment: {} })).kind, 'found');
  });

  it('goes by the nearest .shellcheckrc, else by the user’s own', async () => {
    const deep = path.join(folder, 'tree/stage/00-sub');
    await mkdir(deep, { recursive: true });
    await writeFile(path.join(folder, 'shellcheckrc'), 'of the user');
    const finder = (): ShellCheckRcFinder =>
      new ShellCheckRcFinder(new NodeFileSystem(), { XDG_CONFIG_HOME: folder });
    assert.equal(await finder().textFor('/'), 'of the user');
    await writeFile(path.join(folder, 'tree/.shellcheckrc'), 'of the tree');
    assert.equal(await finder().textFor(deep), 'of the tree');
    await writeFile(path.join(deep, 'shellcheckrc'), 'of the sub-stage');
    assert.equal(await finder().textFor(deep), 'of the sub-stage');
  });

  describe('that is downloaded', () => {
    // GitHub cannot be reached from every machine: a program that copies the machine's ShellCheck stands for the download.
    async function install(downloader: string): ReturnType<typeof installShellCheck> {
      const file = path.join(folder, 'download.mjs');
      await writeFile(file, downloader);
      const place = path.join(folder, 'own');
      return installShellCheck({
        node: process.execPath,
        downloader: file,
        folder: place,
        environment: process.env,
      });
    }

    it('takes its place once it is seen to run', async () => {
      const { path: real, version } = await shellCheckOfMachine();
      const copy = `import { copyFileSync } from 'node:fs'; copyFileSync(${JSON.stringify(real)}, process.argv[2]);`;
      assert.deepEqual(await install(copy), { path: path.join(folder, 'own/shellcheck'), version });
      assert.deepEqual(await readdir(path.join(folder, 'own')), ['shellcheck']);
    });

    it('is not kept where it does not run, and the reason is one sentence', async () => {
      const broken = `import { writeFileSync } from 'node:fs'; writeFileSync(process.argv[2], '#!/bin/sh', { mode: 0o755 });`;
      assert.equal(await install(broken), 'it is no ShellCheck');
      const failing = `console.error('[INFO] begun'); console.error('no network'); process.exitCode = 1;`;
      assert.equal(await install(failing), 'no network');
      assert.deepEqual(await readdir(path.join(folder, 'own')), []);
    });
  });
});

async function leftovers(): Promise<readonly string[]> {
  return (await readdir(os.tmpdir())).filter((name) => name.startsWith(`pigen-shellcheck-${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once the program has noted its start. */
async function untilStarted(folder: string): Promise<void> {
  const stop = new AbortController();
  const changes = watch(folder, { signal: stop.signal });
  const has = async (): Promise<boolean> =>
    (await readFile(path.join(folder, 'started'), 'utf8').catch(() => '')).includes('\n');
  if (await has()) return;
  for await (const { filename } of changes) if (filename === 'started' && (await has())) break;
}
