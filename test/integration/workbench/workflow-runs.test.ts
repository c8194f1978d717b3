import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TestGitHub } from '../../github/github';
import { root, Workbench } from './driver';

const fixtures = path.join(root, 'test', 'fixtures');
const command = 'Pi-gen: Explain Workflow Run…';
const checkedOut = 'b'.repeat(40);

/**
 * Neither GitHub nor its sign-in can be had by a test: a local server speaks the endpoints of its API, and the extension in
 * test/fixtures/github-sign-in stands in for the provider of its accounts. VS Code, and what it asks its user, are real.
 */
describe('failed runs of GitHub Actions, as a user sees them', () => {
  let github: TestGitHub;
  let workbench: Workbench;
  let gitConfig: string;

  before(async () => {
    const log = await readFile(path.join(fixtures, 'logs', 'command.log'), 'utf8');
    const job = { name: 'image', conclusion: 'failure' };
    const run = { workflow: 'image.yml', commit: 'a'.repeat(40) };
    github = await TestGitHub.start('owner/radio', [
      {
        ...run,
        id: 8,
        title: 'Add a radio',
        created: '2026-02-01T10:00:00Z',
        jobs: [{ ...job, id: 81, log: log.replaceAll(/^/gm, '2026-02-01T10:00:01.0000000Z ') }],
      },
      {
        ...run,
        id: 7,
        title: 'Begin with it',
        created: '2025-01-01T10:00:00Z',
        jobs: [{ ...job, id: 71 }],
      },
    ]);
    workbench = await Workbench.open(path.join(fixtures, 'explain', 'tree'), {
      env: { GITHUB_API_URL: github.address },
      settings: { 'github-enterprise.uri': github.address },
      extensions: [
        { id: 'pi-gen-stages-test.github-sign-in-0.0.1', folder: path.join(fixtures, 'github-sign-in') },
      ],
      prepare: async (folder) => {
        const git = path.join(folder, '.git');
        gitConfig = path.join(git, 'config');
        await mkdir(git);
        await writeFile(gitConfig, '[remote "origin"]\n\turl = git@github.com:owner/radio.git\n');
        await writeFile(path.join(git, 'HEAD'), `${checkedOut}\n`);
      },
    });
  });
  after(async () => {
    await workbench.close();
    await github.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title}`);
  });

  it('ask for a sign-in, and say the manual way where there is none', async () => {
    await workbench.runCommand(command);
    await workbench.answerDialog(/wants to sign in using the GitHub of this test/, 'Cancel');
    await workbench.notification(/Nobody is signed in to GitHub.*download the log from GitHub/);
  });

  it('are listed, and explained against the tree, which is said to be another commit', async () => {
    await workbench.runCommand(command);
    await workbench.answerDialog(/wants to sign in using the GitHub of this test/, 'Allow');
    await workbench.questionIs('Explain Workflow Run');
    await workbench.questionIs('Begin with it');
    await workbench.pick('Add a radio');
    await workbench.editorShows('stage-command/00-app/00-run-chroot.sh, line 5');
    await workbench.editorShows('The run built commit aaaaaaa, but bbbbbbb is checked out');
    await workbench.screenshot('workflow-run-explained');
    await workbench.openFile('stage-command/00-app/00-run-chroot.sh');
    await workbench.squiggles().first().waitFor();
  });

  it('are asked of an Enterprise server, with its account, where the remote is there', async () => {
    await writeFile(gitConfig, `[remote "origin"]\n\turl = ${github.address}/owner/radio.git\n`);
    github.requests.length = 0;
    await workbench.runCommand(command);
    await workbench.questionIs('Explain Workflow Run');
    await workbench.pick('Add a radio');
    await workbench.editorShows('stage-command/00-app/00-run-chroot.sh, line 5');
    const asked = github.requests.filter(({ path: at }) => !at.startsWith('/storage/'));
    assert.ok(asked.length > 0 && asked.every(({ path: at }) => at.startsWith('/api/v3/repos/owner/radio')));
    assert.ok(asked.every(({ authorization }) => authorization === 'bearer good'));
  });

  it('are told of where GitHub no longer has their log', async () => {
    await workbench.runCommand(command);
    await workbench.questionIs('Begin with it');
    await workbench.pick('Begin with it');
    await workbench.notification(/GitHub no longer has the log of this run.*Run the workflow again/);
  });

  it('are told of where GitHub takes no more requests, and until when', async () => {
    github.misbehave = (_request, response) => {
      response.writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1790000000' }).end('{}');
      return true;
    };
    await workbench.runCommand(command);
    // So soon after the one before it, the editor puts it into its list alone.
    await workbench.runCommand('Notifications: Show Notifications');
    await workbench.page
      .locator('.notifications-center', { hasText: /GitHub takes no more requests of this account until \d/ })
      .first()
      .waitFor();
  });
});
