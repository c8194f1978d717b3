import assert from 'node:assert/strict';
import { once } from 'node:events';
import { RunProblemError } from '../../../src/workflow-runs/run-problem';
import type { RunProblem } from '../../../src/workflow-runs/run-problem';
import { WorkflowRuns } from '../../../src/workflow-runs/workflow-runs';
import type { GitHubOptions } from '../../../src/workflow-runs/workflow-runs';
import { TestGitHub } from '../../github/github';
import type { TestRun } from '../../github/github';

const old: TestRun = {
  id: 7,
  title: 'Add a radio',
  workflow: 'image.yml',
  commit: 'a'.repeat(40),
  created: '2026-01-01T10:00:00Z',
  jobs: [
    { id: 71, name: 'lint', conclusion: 'success' },
    { id: 72, name: 'image', conclusion: 'failure', log: '2026-01-01T10:00:01.0000000Z Müll\n'.repeat(5000) },
  ],
};
const recent: TestRun = {
  ...old,
  id: 8,
  title: 'Turn it off',
  workflow: 'other.yml',
  created: '2026-02-01T10:00:00Z',
  jobs: [{ id: 81, name: 'image', conclusion: 'failure' }],
};

/** Against a local server that speaks GitHub's endpoints: GitHub itself is asked by nobody. */
describe('workflow runs', () => {
  let github: TestGitHub;
  beforeEach(async () => {
    github = await TestGitHub.start('owner/radio', [old, recent]);
  });
  afterEach(() => github.stop());

  function runs(options: Partial<GitHubOptions> = {}, name = 'radio'): WorkflowRuns {
    return new WorkflowRuns(
      { host: 'github.com', owner: 'owner', name },
      { baseUrl: github.address, token: 'good', fetch, signal: new AbortController().signal, ...options },
    );
  }

  async function textOf(job: number, options: Partial<GitHubOptions> = {}): Promise<string> {
    let text = '';
    for await (const chunk of await runs(options).log({ id: job, name: 'image' })) text += chunk;
    return text;
  }

  async function problemOf(work: Promise<unknown>): Promise<RunProblem> {
    const error = await work.then(
      () => assert.fail('It should have failed.'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof RunProblemError, String(error));
    return error.problem;
  }

  it('are listed for the workflows that build images, the newest first', async () => {
    const found = await runs().failedRuns(['image.yml', 'other.yml']);
    assert.deepEqual(
      found.map(({ id, title, commit }) => ({ id, title, commit })),
      [
        { id: 8, title: 'Turn it off', commit: old.commit },
        { id: 7, title: 'Add a radio', commit: old.commit },
      ],
    );
    assert.deepEqual(
      (await runs().failedRuns(['image.yml'])).map(({ id }) => id),
      [7],
    );
  });

  it('are listed for all workflows where nothing tells which', async () => {
    assert.equal((await runs().failedRuns([])).length, 2);
  });

  it('are none of a workflow that was never pushed', async () => {
    assert.deepEqual(await runs().failedRuns(['new.yml']), []);
  });

  it('have jobs, of which the failed ones count', async () => {
    const [run] = await runs().failedRuns(['image.yml']);
    assert.ok(run);
    assert.deepEqual(await runs().failedJobs(run), [{ id: 72, name: 'image' }]);
  });

  it('have a log, fetched from where GitHub points without handing the token on', async () => {
    assert.equal(await textOf(72), old.jobs[1]?.log);
    const asked = github.requests.map(({ path, authorization }) => `${path} ${authorization ?? 'nobody'}`);
    assert.deepEqual(asked, ['/repos/owner/radio/actions/jobs/72/logs bearer good', '/storage/72 nobody']);
  });

  it('say when a log is no longer there', async () => {
    assert.deepEqual(await problemOf(textOf(81)), { kind: 'expired' });
    assert.deepEqual(await problemOf(textOf(99)), { kind: 'expired' });
    github.misbehave = ({ url = '' }, response) => {
      if (url.startsWith('/storage/')) response.writeHead(404).end();
      return url.startsWith('/storage/');
    };
    assert.deepEqual(await problemOf(textOf(72)), { kind: 'expired' });
  });

  it('say when the repository may not be read, and when the sign-in no longer holds', async () => {
    assert.deepEqual(await problemOf(runs({}, 'secret').failedRuns(['image.yml'])), { kind: 'no-access' });
    assert.deepEqual(await problemOf(runs({}, 'secret').failedRuns([])), { kind: 'no-access' });
    assert.deepEqual(await problemOf(runs({ token: 'bad' }).failedRuns([])), { kind: 'signed-out' });
  });

  it('say until when GitHub takes no more requests', async () => {
    const answers: [number, Record<string, string>][] = [
      [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1790000000' }],
      [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1790000000' }],
    ];
    for (const [status, headers] of answers) {
      github.misbehave = (_request, response) => {
        response.writeHead(status, headers).end('{}');
        return true;
      };
      assert.deepEqual(await problemOf(runs().failedRuns([])), {
        kind: 'rate-limit',
        until: 1_790_000_000_000,
      });
    }
    const before = Date.now();
    github.misbehave = (_request, response) => {
      response.writeHead(403, { 'retry-after': '60' }).end('{"message":"secondary"}');
      return true;
    };
    const problem = await problemOf(runs().failedRuns([]));
    assert.ok(
      problem.kind === 'rate-limit' && problem.until !== undefined && problem.until >= before + 60_000,
    );
  });

  it('say when there is no network', async () => {
    const { address } = github;
    const unreachable = {
      baseUrl: address,
      fetch: () =>
        Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })),
    };
    assert.deepEqual(await problemOf(runs(unreachable).failedRuns([])), {
      kind: 'network',
      reason: 'connect ECONNREFUSED',
    });
  });

  it('say when the connection breaks in the middle of a log', async () => {
    github.misbehave = ({ url = '' }, response) => {
      if (!url.startsWith('/storage/')) return false;
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half a log', () => response.destroy());
      return true;
    };
    assert.equal((await problemOf(textOf(72))).kind, 'network');
  });

  it('say when GitHub answers what nobody understands', async () => {
    github.misbehave = (_request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end('oops');
      return true;
    };
    assert.deepEqual(await problemOf(runs().failedRuns([])), { kind: 'unexpected', reason: '500 oops' });
  });

  it('end at once when they are cancelled', async () => {
    const stop = new AbortController();
    const left = new Promise<void>((resolve, reject) => {
      github.misbehave = (request, response) => {
        once(response, 'close').then(() => {
          resolve();
        }, reject);
        stop.abort(new Error('cancelled'));
        return request.url !== undefined;
      };
    });
    await assert.rejects(runs({ signal: stop.signal }).failedRuns([]), /cancelled/);
    await left;
  });
});
