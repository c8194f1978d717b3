import assert from 'node:assert/strict';
import { findInTheWay } from '../../../../src/build/afterwards/kept-containers';
import { foundBuildProblem } from '../../../../src/build/engine/engine-errors';
import { LeaseSeeker } from '../../../../src/build/session/build-lease';
import type { FoundBuild } from '../../../../src/build/session/found-build';
import { TemporaryFolder } from '../../pigen/temporary-folder';

describe('a build whose log a new one would write too', () => {
  let folder: TemporaryFolder;
  const removed: string[] = [];
  const engine = {
    remove: (id: string) => {
      removed.push(id);
      return Promise.resolve();
    },
  };
  const found = (id: string, state: string, log = 'build-docker.log'): FoundBuild => ({
    id,
    state,
    session: id,
    treeRoot: folder.path,
    repositoryRoot: undefined,
    logFile: `${folder.path}/deploy/${log}`,
    began: '2026-01-01T00:00:00.000Z',
    plan: {
      deployFolder: `${folder.path}/deploy`,
      paths: [],
      results: undefined,
      buildLog: undefined,
      subject: { variant: 'config', whole: false, sizes: { kind: 'log' } },
      container: { name: 'pigen_work', keep: false },
    },
    configs: [],
    secretNames: [],
  });
  before(async () => {
    folder = await TemporaryFolder.create();
  });
  beforeEach(() => {
    removed.length = 0;
  });
  after(() => folder.remove());

  it('is not one that was never started, because what prepared it was killed: that is removed', async () => {
    const builds = [found('other', 'created', 'build-docker-stage-x.log'), found('one', 'created')];
    assert.equal(await findInTheWay(engine, builds, builds[1]?.logFile ?? ''), undefined);
    assert.deepEqual(removed, ['one']);
  });

  it('is one that somebody prepares', async () => {
    const build = found('one', 'created');
    const lease = await new LeaseSeeker(build.logFile).try();
    try {
      assert.equal(await findInTheWay(engine, [build], build.logFile), build);
      assert.deepEqual(removed, []);
      assert.match(foundBuildProblem(build).message, /is about to start \(container pigen_work/);
    } finally {
      await lease?.release();
    }
  });

  it('is one that runs, or has ended and was not collected', async () => {
    for (const state of ['running', 'exited']) {
      const build = found('one', state);
      assert.equal(await findInTheWay(engine, [build], build.logFile), build);
    }
    assert.deepEqual(removed, []);
  });
});
