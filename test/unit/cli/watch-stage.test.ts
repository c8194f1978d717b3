import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { BuildProblemError } from '../../../src/build/build-problem';
import { watchStage } from '../../../src/cli/build-stage';
import type { Terminal } from '../../../src/cli/terminal';
import { TemporaryFolder } from '../pigen/temporary-folder';
import { passed } from './passed';

describe('a stage that is watched in a terminal', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  it('is told to be gone where its folder is moved', async () => {
    await folder.write('stage-x/00-step/00-run.sh', '');
    const stage = `${folder.path}/stage-x`;
    const end = new AbortController();
    const terminal: Terminal = {
      workingFolder: folder.path,
      environment: {},
      colour: false,
      signal: end.signal,
      input: Readable.from([]),
      window: undefined,
      write: () => Promise.resolve(),
      complain: () => undefined,
    };
    let runs = 0;
    const watching = watchStage(
      stage,
      async () => {
        runs += 1;
        await rename(stage, `${folder.path}/stage-y`);
        return passed;
      },
      terminal,
    );
    try {
      await assert.rejects(watching, (error) => {
        assert.ok(error instanceof BuildProblemError);
        assert.match(error.problem.message, /stage-x was moved or removed/);
        return true;
      });
      assert.equal(runs, 1);
    } finally {
      end.abort();
    }
  });
});
