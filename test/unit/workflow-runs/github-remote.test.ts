import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { findGitHubRepository, parseRemote, repositoryOf } from '../../../src/workflow-runs/github-remote';

const radio = { host: 'github.com', owner: 'owner', name: 'radio.stages' };
const hosts = ['github.com'];

describe('the repository on GitHub', () => {
  it('is what a remote names, over https or ssh', () => {
    for (const url of [
      'https://github.com/owner/radio.stages.git',
      'https://github.com/owner/radio.stages/',
      'https://user:secret@github.com/owner/radio.stages',
      'git@github.com:owner/radio.stages.git',
      'github.com:owner/radio.stages',
      'ssh://git@github.com/owner/radio.stages.git',
      'ssh://git@ssh.github.com:443/owner/radio.stages.git',
    ])
      assert.deepEqual(parseRemote(url, hosts), radio, url);
  });

  it('is one of a server of the user’s own, where that is named', () => {
    const own = { host: 'git.example.org', owner: 'owner', name: 'radio' };
    for (const url of [
      'https://git.example.org/owner/radio.git',
      'git@git.example.org:owner/radio.git',
      'ssh://git@git.example.org:2222/owner/radio',
    ]) {
      assert.deepEqual(parseRemote(url, [...hosts, 'git.example.org']), own, url);
      assert.equal(parseRemote(url, hosts), undefined, url);
    }
  });

  it('is none where the remote is elsewhere', () => {
    for (const url of [
      'https://gitlab.com/owner/radio.git',
      'https://notgithub.com/owner/radio.git',
      'https://github.com.example.org/owner/radio',
      'https://example.org/github.com/owner/radio',
      '/srv/git/radio.git',
      'https://github.com/owner',
      '',
    ])
      assert.equal(parseRemote(url, hosts), undefined, url);
  });

  it('is that of origin, where there are several', () => {
    const config = [
      '[core]',
      '\tbare = false',
      '[remote "upstream"]',
      '\turl = https://github.com/RPi-Distro/pi-gen.git',
      '[remote "origin"]',
      '\tfetch = +refs/heads/*:refs/remotes/origin/*',
      '\turl = git@github.com:owner/radio.stages.git ; mine',
      '[branch "main"]',
      '\turl = https://github.com/nobody/nothing',
    ];
    assert.deepEqual(repositoryOf(config.join('\n'), hosts), radio);
    assert.deepEqual(repositoryOf(config.slice(0, 4).join('\r\n'), hosts), {
      ...radio,
      owner: 'RPi-Distro',
      name: 'pi-gen',
    });
    assert.equal(repositoryOf('[remote "origin"]\nurl = /srv/git/radio', hosts), undefined);
  });

  it('is found from a folder inside the working tree, and from a linked one', async () => {
    const scratch = await mkdtemp(join(os.tmpdir(), 'pi-gen-stages-remote-'));
    try {
      const git = join(scratch, 'main', '.git');
      await mkdir(join(git, 'worktrees', 'linked'), { recursive: true });
      await mkdir(join(scratch, 'main', 'stages', 'stage-a'), { recursive: true });
      await mkdir(join(scratch, 'linked'));
      await writeFile(
        join(git, 'config'),
        '[remote "origin"]\n\turl = https://github.com/owner/radio.stages\n',
      );
      await writeFile(join(git, 'worktrees', 'linked', 'commondir'), '../..\n');
      await writeFile(join(scratch, 'linked', '.git'), `gitdir: ${join(git, 'worktrees', 'linked')}\n`);
      const fs = new NodeFileSystem();
      for (const [folder, root] of [
        ['main/stages/stage-a', 'main'],
        ['linked', 'linked'],
      ] as const) {
        const found = await findGitHubRepository(fs, join(scratch, folder), hosts);
        assert.deepEqual(found, { repository: radio, root: join(scratch, root) });
      }
      assert.equal(await findGitHubRepository(fs, scratch, hosts), undefined);
    } finally {
      await rm(scratch, { recursive: true });
    }
  });
});
