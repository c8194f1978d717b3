import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../../../..');
const snippet = path.join(root, 'src/build/stage-loop/container/open-steps.sh');

describe('what a log leaves open', () => {
  /** Lines that the function prints, as bash runs it in a container. */
  async function openSteps(...logs: readonly string[]): Promise<readonly string[]> {
    const files = logs.map((name) => path.join(root, 'test/fixtures/open-steps', name));
    const script = 'set -u; source "$0"; __open_steps "$@"';
    const { stdout } = await promisify(execFile)('bash', ['-c', script, snippet, ...files]);
    return stdout.split('\n').slice(0, -1);
  }

  it('is the step that failed, with all that holds it', async () => {
    assert.deepEqual(await openSteps('failed.log'), [
      '/pi-gen',
      '/pi-gen/my stage',
      '/pi-gen/my stage/00-host',
      '/pi-gen/my stage/00-host/00-run.sh',
    ]);
  });

  it('is that of the last run, where a log goes on in the middle of an earlier one', async () => {
    assert.deepEqual(await openSteps('resumed.log'), [
      '/pi-gen',
      '/pi-gen/stage1',
      '/pi-gen/stage1/01-chroot',
    ]);
  });

  it('is nothing after a build that passed, and without a log', async () => {
    assert.deepEqual(await openSteps('passed.log'), []);
    assert.deepEqual(await openSteps('missing.log'), []);
  });
});
