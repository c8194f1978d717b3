import assert from 'node:assert/strict';
import { chmod, readdir } from 'node:fs/promises';
import { findKept, removeFailed } from '../../../../src/build/afterwards/kept-containers';
import type { BuildEvent } from '../../../../src/build/build-event';
import type { Engine, ListedContainer } from '../../../../src/build/engine/engine';
import { labelsFor } from '../../../../src/build/labels';
import { defaultBuildSettings } from '../../../../src/build/plan/build-plan';
import type { BuildPlan } from '../../../../src/build/plan/build-plan';
import { createBuildPlan } from '../../../../src/build/plan/create-build-plan';
import { localProblem, unwritableFolder } from '../../../../src/build/results/local-problem';
import { writeRecord } from '../../../../src/build/session/build-record';
import { resumeLabels } from '../../../../src/build/session/found-build';
import { runBuild } from '../../../../src/build/session/run-build';
import { asNobody } from '../../pigen/as-nobody';
import { TemporaryFolder } from '../../pigen/temporary-folder';

function planFor(treeRoot: string, deployFolder: string): BuildPlan {
  const made = createBuildPlan({
    treeRoot,
    treeEntries: [],
    repositoryRoot: undefined,
    treeConfig: undefined,
    config: undefined,
    stages: undefined,
    exportFolder: undefined,
    configValues: {},
    variant: 'config',
    script: {
      baseImage: undefined,
      imageTag: 'pi-gen',
      containerName: 'pigen_work',
      startLine: './build.sh',
      runOptions: '',
    },
    gitHash: undefined,
    settings: defaultBuildSettings,
    environment: {},
  });
  assert.ok(made.ok);
  return { ...made.plan, deployFolder };
}

/** Stands in for an engine of which only these calls may be made. */
function engineWith(calls: Partial<Engine>): Engine {
  return new Proxy({ label: 'unix:///nowhere' } as Engine, {
    get: (target, name) => {
      const known: unknown = Reflect.get({ ...target, ...calls }, name);
      assert.ok(known !== undefined, `the engine is asked for ${String(name)}`);
      return known;
    },
  });
}

describe('a folder for results that cannot be written', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  /** What a build into it says, which must not come as far as the engine. */
  async function toldOf(deployFolder: string): Promise<string> {
    const events: BuildEvent[] = [];
    const result = await runBuild(planFor(folder.path, deployFolder), engineWith({}), {
      signal: new AbortController().signal,
      secrets: [],
      logFile: `${deployFolder}/build-docker.log`,
      onEvent: (event) => {
        events.push(event);
        return undefined;
      },
    });
    assert.deepEqual(
      events.map(({ event }) => event),
      ['failed', 'ended'],
    );
    assert.deepEqual([result.outcome, result.problem?.kind], ['failed', 'unreadable-file']);
    assert.match(result.problem?.wayOut ?? '', /name another one with `--output`/);
    return result.problem?.message ?? '';
  }

  it('is told at once where a file is in the way', async () => {
    await folder.write('file', '');
    assert.match(await toldOf(`${folder.path}/file`), /\/file is there, and is no folder\.$/);
    assert.match(
      await toldOf(`${folder.path}/file/deploy`),
      /because a file stands where a folder is needed\.$/,
    );
  });

  it('is told at once where a file system takes nothing new', async () => {
    if (process.platform !== 'linux') return;
    assert.match(
      await toldOf('/proc/x'),
      /^The results could not be written to \/proc\/x.*: \/proc\/x cannot be made there\.$/,
    );
    assert.match(await toldOf('/proc'), /cannot be made there\.$/);
    assert.match(await toldOf('/sys/x'), /: (?:you may not write|the disk of) \/sys\/x/);
    assert.match(await toldOf('/dev/null/x'), /because a file stands where a folder is needed\.$/);
  });

  it('is told at once where the user may not write', async () => {
    await folder.write('deploy/old.img', '');
    await chmod(`${folder.path}/deploy`, 0o555);
    await chmod(folder.path, 0o755);
    await asNobody(async () => {
      assert.match(await toldOf(`${folder.path}/deploy`), /: you may not write \S+\/deploy\//);
      assert.equal((await unwritableFolder(`${folder.path}/deploy`))?.kind, 'unreadable-file');
    });
    assert.deepEqual(await readdir(`${folder.path}/deploy`), ['old.img']);
  });

  it('is told apart from a full disk', () => {
    const error = (code: string): Error => Object.assign(new Error('write failed.'), { code });
    assert.equal(localProblem(error('ENOSPC'), '/deploy').kind, 'local-disk-full');
    assert.match(localProblem(error('EROFS'), '/deploy').message, /the disk of \/deploy is read-only\.$/);
    assert.match(localProblem(error('EIO'), '/deploy').message, /: write failed\.$/);
  });

  it('costs nothing that an earlier build was kept for', async () => {
    const plan = planFor(folder.path, `${folder.path}/deploy`);
    const logFile = `${folder.path}/deploy/build-docker.log`;
    const record = {
      ...{ session: 'one', treeRoot: folder.path, deployFolder: plan.deployFolder, engine: '' },
      ...{ began: '2026-01-01T00:00:00.000Z', position: undefined },
      end: { outcome: 'failed', exitCode: 1, artifacts: [] } as const,
    };
    await folder.write('deploy/build-docker.log', 'it failed\n');
    await writeRecord(logFile, record);
    const labels = {
      ...labelsFor('build', { treeRoot: folder.path }),
      ...resumeLabels(plan, record, logFile),
    };
    const kept: ListedContainer[] = [{ id: 'kept', name: 'pigen_work', state: 'exited', labels }];
    const engine = engineWith({
      containers: () => Promise.resolve(kept),
      remove: (id) => {
        kept.splice(0, 1);
        assert.equal(id, 'kept');
        return Promise.resolve();
      },
    });
    const search = { treeRoot: folder.path };
    await folder.write('file', '');
    await assert.rejects(
      removeFailed(engine, search, { ...plan, deployFolder: `${folder.path}/file` }),
      /no folder/,
    );
    assert.equal((await findKept(engine, search)).length, 1);

    await removeFailed(engine, search, plan);
    assert.deepEqual(kept, []);
    assert.ok(!(await readdir(`${folder.path}/deploy`)).some((name) => name.includes('trial')));
  });
});
