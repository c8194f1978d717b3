import assert from 'node:assert/strict';
import { githubServers } from '../../../src/workflow-runs/github-server';

const github = {
  host: 'github.com',
  web: 'https://github.com',
  api: 'https://api.github.com',
  accounts: 'github',
};

describe('the servers of GitHub', () => {
  it('are github.com alone where no other is named, or none that may have a token', () => {
    for (const uri of [
      undefined,
      '',
      'git.example.org',
      'http://git.example.org',
      'ftp://x',
      'https://github.com',
    ])
      assert.deepEqual(githubServers(undefined, uri), [github], uri);
    assert.deepEqual(githubServers('http://api.example.org', undefined), [github]);
  });

  it('have their API below an Enterprise Server, and beside a domain of Enterprise Cloud', () => {
    const apiOf = (uri: string): readonly string[] =>
      githubServers(undefined, uri)
        .slice(1)
        .map(({ host, web, api, accounts }) => [host, web, api, accounts].join(' '));
    assert.deepEqual(apiOf('https://git.example.org/'), [
      'git.example.org https://git.example.org https://git.example.org/api/v3 github-enterprise',
    ]);
    assert.deepEqual(apiOf('https://octo.ghe.com'), [
      'octo.ghe.com https://octo.ghe.com https://api.octo.ghe.com github-enterprise',
    ]);
  });

  it('never get an account of another: that of github.com stays there', () => {
    const [usual] = githubServers('https://api.octo.ghe.com/', undefined);
    assert.deepEqual(usual, { ...github, api: 'https://api.octo.ghe.com', accounts: 'github-enterprise' });
    const [, local] = githubServers(undefined, 'http://127.0.0.1:8080');
    assert.equal(local?.accounts, 'pi-gen-github-stand-in');
    assert.equal(local.api, 'http://127.0.0.1:8080/api/v3');
  });
});
