import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compareStage } from '../../src/build/afterwards/compare-stage';
import { openFailingShell } from '../../src/build/afterwards/failing-shell';
import { findKept, removeFailed } from '../../src/build/afterwards/kept-containers';
import type { KeptContainer } from '../../src/build/afterwards/kept-containers';
import { openRootfs, stagesOfContainer } from '../../src/build/rootfs/rootfs-source';
import { workFolderOf } from '../../src/build/session/found-build';
import { Bench, realTree } from './bench';
import { gone } from './gone';
import { rootfsScripts } from './rootfs-scripts';
import { shellOutput } from './shell-output';

/** As the bundle's reader puts it together (readWithOpenSteps). */
async function readHook(): Promise<string> {
  const read = (name: string) => readFile(new URL(`../../src/build/${name}`, import.meta.url), 'utf8');
  return (
    (await read('stage-loop/container/open-steps.sh')) + (await read('afterwards/container/failing-shell.sh'))
  );
}

const scriptFile = new URL('../../src/build/afterwards/container/compare-stage.sh', import.meta.url);
const openerFile = fileURLToPath(new URL('open-shell.ts', import.meta.url));

describe('a build that failed, afterwards', () => {
  let bench: Bench;
  let name: string;
  let kept: KeptContainer;
  const { signal } = new AbortController();

  before(async () => {
    bench = await Bench.create();
    const settings = bench.settings();
    name = settings.containerName;
    const configFile = await bench.config('stage-failing');
    // Not the usual one, which test/engine/rootfs.test.ts has.
    await appendFile(configFile, "WORK_DIR='/elsewhere/work'\n");
    const prepared = await bench.prepare({ settings, configFile });
    const { result } = await bench.build(prepared, { keepFailed: true });
    assert.equal(result.outcome, 'failed');
    assert.equal(result.containerLeft, name);
    const [found] = await findKept(bench.engine, { treeRoot: bench.tree });
    assert.ok(found);
    kept = found;
  });
  after(async () => {
    await bench.engine.remove(name);
    await bench.dispose();
  });

  it('opens a shell in the chroot of the failing stage, with the environment of a step', async () => {
    const hook = await readHook();
    const helper = await openFailingShell(bench.engine, kept, hook, signal);
    try {
      await helper.resize(120, 40);
      const text = await shellOutput(
        helper,
        'echo "got $STAGE $ROOTFS_DIR $FIRST_USER_NAME"; pwd; echo "root has $(echo /*)"; false; echo "goes on"; exit\n',
      );
      assert.match(text, /pi-gen stopped in \S+stage-failing\/00-install\/00-run\.sh/);
      assert.match(text, /got stage-failing \/elsewhere\/work\/stage-failing\/rootfs pi/);
      assert.match(text, /root has (?!.*\/pi-gen).*\/etc/);
      assert.match(text, /^goes on/m);
    } finally {
      await helper.close();
    }
    assert.ok(!(await bench.hasContainer(helper.id)));
    assert.ok(await bench.hasContainer(name));
  });

  it('leaves no shell behind when its window goes', async () => {
    const hook = await readHook();
    // Another process, which is killed.
    const label = { label: ['pi-gen-stages.purpose=look', `pi-gen-stages.tree=${bench.tree}`] };
    const child = spawn(process.execPath, ['--import', 'tsx', openerFile, bench.tree, hook], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const containers = await bench.docker.listContainers({ all: true, filters: label });
      assert.equal(containers.length, 2);
      child.kill('SIGKILL');
      await gone(
        bench.docker,
        containers.map(({ Id }) => Id),
      );
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('shows its root file systems', async () => {
    const scripts = await rootfsScripts();
    const work = workFolderOf(kept.plan);
    const stages = await stagesOfContainer(bench.engine, { id: kept.id, name, work }, scripts, signal);
    assert.deepEqual(stages, [
      'stage-failing',
      ...(realTree === undefined ? ['stage0', 'stage1'] : ['stage-base']),
    ]);
    const source = { kind: 'container', container: kept.id, name, work, stage: 'stage-failing' } as const;
    const reader = await openRootfs(bench.engine, source, scripts, signal);
    try {
      assert.equal((await reader.stat('/etc/motd')).type, 'f');
    } finally {
      await reader.close();
    }
  });

  it('compares a stage with the one before it', async () => {
    const script = await readFile(scriptFile, 'utf8');
    const { before, stage, entries, bytes } = await compareStage(
      bench.engine,
      kept,
      'stage1',
      script,
      signal,
    );
    assert.deepEqual([before, stage], ['stage0', 'stage1']);
    const motd = entries.find(({ path }) => path === 'etc/motd');
    assert.ok(motd, entries.map(({ path }) => path).join('\n'));
    assert.equal(motd.after?.type, 'f');
    assert.ok(bytes > 0);
    const same = await compareStage(bench.engine, kept, 'stage-failing', script, signal);
    assert.deepEqual([same.before, same.entries, same.bytes], ['stage1', [], 0]);
    await assert.rejects(
      compareStage(bench.engine, kept, 'stage0', script, signal),
      /No stage was built before stage0/,
    );
    await assert.rejects(
      compareStage(bench.engine, kept, 'stage9', script, signal),
      /no root file system of stage9/,
    );
  });

  it('makes room for the next build', async () => {
    const nextOf = (container: string) => ({
      deployFolder: `${bench.tree}/deploy`,
      container: { name: container },
    });
    await removeFailed(bench.engine, { treeRoot: bench.tree }, nextOf('another'));
    assert.ok(await bench.hasContainer(name));
    await removeFailed(bench.engine, { treeRoot: bench.tree }, nextOf(name));
    assert.ok(!(await bench.hasContainer(name)));
  });
});
