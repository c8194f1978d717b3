import assert from 'node:assert/strict';
import type { FSWatcher } from 'node:fs';
import { EventEmitter } from 'node:events';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { BuildProblemError } from '../../../src/build/build-problem';
import type { BuildProblem } from '../../../src/build/build-problem';
import type { BuildResult } from '../../../src/build/session/build-options';
import { watchStage } from '../../../src/cli/build-stage';
import type { Terminal } from '../../../src/cli/terminal';
import { TemporaryFolder } from '../pigen/temporary-folder';
import type { WatchFiles } from '../../../src/cli/watch-folder';
import { passed } from './passed';

describe('a stage that is watched in a terminal', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const end = new AbortController();
  after(() => {
    end.abort();
  });
  const terminalIn = (workingFolder: string): Terminal => ({
    workingFolder,
    environment: {},
    colour: false,
    signal: end.signal,
    input: Readable.from([]),
    window: undefined,
    write: () => Promise.resolve(),
    complain: () => undefined,
  });

  it('is told to be gone where its folder is moved', async () => {
    await folder.write('stage-x/00-step/00-run.sh', '');
    const stage = `${folder.path}/stage-x`;
    let runs = 0;
    const watching = watchStage(
      stage,
      async () => {
        runs += 1;
        await rename(stage, `${folder.path}/stage-y`);
        return passed;
      },
      terminalIn(folder.path),
    );
    assert.match((await problemOf(watching)).message, /stage-x was moved or removed/);
    assert.equal(runs, 1);
  });

  /** Stands in for a kernel that has nothing left, which a test cannot bring about for its own process alone. */
  const exhausted = (code: string): Error =>
    Object.assign(new Error(`${code}: limit reached, watch`), { code });

  /** Node's watcher: an event emitter. */
  const watcher = (): FSWatcher =>
    Object.assign(new EventEmitter(), { close: () => undefined }) as unknown as FSWatcher;

  /** How often the stage was tried until the watch ended by itself, and what was told then. */
  async function watchedBy(
    watchFiles: WatchFiles,
  ): Promise<{ readonly runs: number; readonly problem: BuildProblem }> {
    await folder.write('stage-x/00-step/00-run.sh', '');
    let runs = 0;
    const build = (): Promise<BuildResult> => {
      runs += 1;
      return Promise.resolve(passed);
    };
    const stage = `${folder.path}/stage-x`;
    const problem = await problemOf(watchStage(stage, build, terminalIn(folder.path), watchFiles));
    return { runs, problem };
  }

  it('is refused before anything runs where the kernel has no watch left', async () => {
    const watches = await watchedBy(() => {
      throw exhausted('ENOSPC');
    });
    assert.equal(watches.runs, 0);
    assert.match(watches.problem.message, /no inotify watches left \(fs\.inotify\.max_user_watches\)/);
    assert.match(watches.problem.wayOut, /sysctl -w fs\.inotify\.max_user_watches=\d+/);
    const instances = await watchedBy(() => {
      throw exhausted('EMFILE');
    });
    assert.match(instances.problem.message, /fs\.inotify\.max_user_instances/);
  });

  it('is refused where Node keeps to itself that not all could be watched', async () => {
    const { runs, problem } = await watchedBy((_path, { recursive }) => {
      if (!recursive) throw exhausted('ENOSPC');
      return watcher();
    });
    assert.equal(runs, 0);
    assert.match(problem.message, /Not all of \S+\/stage-x can be watched/);
  });

  it('ends where a folder that comes later cannot be watched, or the watch breaks', async () => {
    const endedBy = async (error: Error): Promise<string> => {
      const { problem } = await watchedBy((_path, { recursive }) => {
        const made = watcher();
        if (recursive) setImmediate(() => made.emit('error', error));
        return made;
      });
      return problem.message;
    };
    assert.match(await endedBy(exhausted('ENOSPC')), /no inotify watches left/);
    assert.match(await endedBy(new Error('it broke')), /cannot be watched any more: it broke\.$/);
  });
});

async function problemOf(watching: Promise<void>): Promise<BuildProblem> {
  const error: unknown = await watching.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof BuildProblemError);
  return error.problem;
}
