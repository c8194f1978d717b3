import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Core } from '../../../src/cli/core';
import { UsageError } from '../../../src/cli/terminal';
import type { Terminal } from '../../../src/cli/terminal';
import { workflowBuilds } from '../../../src/cli/workflow-builds';

const workflow = path.resolve(import.meta.dirname, '../../fixtures/workflows/odd-matrix.yml');

describe('the entries that --matrix can name', () => {
  const core = new Core();
  after(() => {
    core.dispose();
  });
  const terminal: Terminal = {
    workingFolder: path.dirname(workflow),
    environment: {},
    colour: false,
    signal: new AbortController().signal,
    input: process.stdin,
    window: undefined,
    write: () => Promise.resolve(),
    complain: () => undefined,
  };

  it('are told as a shell takes them, whatever the matrix holds', async () => {
    const told = await workflowBuilds(core, { workflow, job: 'none' }, terminal).catch((error: unknown) => {
      assert.ok(error instanceof UsageError);
      return error.message;
    });
    assert.ok(typeof told === 'string');
    const hints = [...told.matchAll(/\((--matrix (?:extra|'extra)=.*?)\)(?:; image|\.$)/g)].map(
      ([, hint]) => hint ?? '',
    );
    assert.equal(hints.length, 12, told);
    assert.equal(hints[0], "--matrix extra=plain --matrix 'odd key=1'");
    const names = new Set<string>();
    for (const hint of hints) {
      const { stdout } = await promisify(execFile)('bash', ['-c', `printf '%s\\0' ${hint}`]);
      const words = stdout.split('\0').filter((word) => word !== '' && word !== '--matrix');
      const [only, ...others] = await workflowBuilds(core, { workflow, matrix: words }, terminal);
      assert.ok(only !== undefined && others.length === 0, hint);
      names.add(only.name);
    }
    assert.equal(names.size, 12);
  });
});
