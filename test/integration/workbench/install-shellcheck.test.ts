import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findShellCheck } from '../../../src/shellcheck/find-shellcheck';
import { makeCertificates } from '../../engine/host/certificates.mjs';
import { ReleaseServer } from '../../github/release-server';
import { Workbench } from './driver';

const question = /Download ShellCheck from github\.com\/koalaman\/shellcheck\?/;

/** GitHub cannot be reached by a test: a stand-in of its releases hands out the ShellCheck of this machine. */
describe('a machine without ShellCheck, as a user sees it', () => {
  let folder: string;
  let releases: ReleaseServer;
  let workbench: Workbench;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pi-gen-stages-releases-'));
    await makeCertificates(folder, 'DNS:github.com');
    const read = (name: string) => readFile(path.join(folder, name), 'utf8');
    releases = await ReleaseServer.start({
      key: await read('server-key.pem'),
      cert: await read('server-cert.pem'),
    });
    workbench = await Workbench.open('stages', {
      settings: { 'http.proxy': releases.address },
      env: {
        PATH: path.join(folder, 'nothing'),
        // Else the server asks a login shell for the PATH.
        VSCODE_CLI: '1',
        NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
      },
      prepare: (workspace) =>
        writeFile(path.join(workspace, 'stage-radio/00-tuner/01-run.sh'), '#!/bin/bash -e\n\necho $1\n'),
    });
  });
  after(async () => {
    try {
      await workbench.close();
    } finally {
      await releases.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('is offered it, and nothing is asked of GitHub where the question is answered with no', async () => {
    await workbench.press(await workbench.notification(/ShellCheck is not installed/), 'Install…');
    const dialog = workbench.page.locator('.monaco-dialog-box', { hasText: question });
    await dialog.waitFor();
    // Where it is put, and how to do without the download.
    assert.match(await dialog.innerText(), /globalStorage\/\S*\/shellcheck\b.*apt install shellcheck/s);
    await workbench.screenshot('install-shellcheck');
    await workbench.answerDialog(question, 'Cancel');
    assert.deepEqual(releases.requests, []);
  });

  it('is told why it could not be had', async () => {
    await workbench.runCommand('Pi-gen: Install ShellCheck');
    await workbench.answerDialog(question, 'Download');
    await workbench.notification(/ShellCheck could not be installed: .*404.*pi-gen\.shellcheck\.path/);
    assert.equal(releases.requests.length, 1);
  });

  it('gets it once the question is answered with yes, and its scripts are checked with it at once', async () => {
    releases.archive = await archiveOf(folder);
    await workbench.runCommand('Pi-gen: Install ShellCheck');
    await workbench.answerDialog(question, 'Download');
    await workbench.notification(/ShellCheck \d+\.\d+\.\d+ is installed/);
    await workbench.problems();
    await workbench.problem(/SC2086/).waitFor();
    const [, asked] = releases.requests;
    assert.match(
      asked ?? '',
      /^\/koalaman\/shellcheck\/releases\/download\/v\d+\.\d+\.\d+\/shellcheck-v[\d.]+\./,
    );
  });
});

/** A release as GitHub has it, with a program in it that hands over to the ShellCheck of this machine. */
async function archiveOf(folder: string): Promise<Buffer> {
  const real = await findShellCheck({ asked: undefined, environment: process.env });
  assert.ok(real.kind === 'found', 'ShellCheck is not installed');
  await mkdir(path.join(folder, 'release'));
  const program = path.join(folder, 'release/shellcheck');
  await writeFile(program, `#!/bin/sh\nexec '${real.binary.path}' "$@"\n`, { mode: 0o755 });
  await promisify(execFile)('tar', ['-cJf', 'release.tar.xz', 'release'], { cwd: folder });
  return readFile(path.join(folder, 'release.tar.xz'));
}
