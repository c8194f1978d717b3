import assert from 'node:assert/strict';
import { chmod, cp, readFile, writeFile } from 'node:fs/promises';
import type { BuildEvent } from '../../src/build/build-event';
import type { VerdictState } from '../../src/build/preflight/verdict';
import { findBuilds } from '../../src/build/session/found-build';
import type { BuildGuard } from '../../src/build/preflight/guard';
import { Bench, fixtures, realTree } from './bench';
import { StageBench, layersOf } from './stage-bench';

/** The steps that ran, as paths in the container. */
const stepsOf = (events: readonly BuildEvent[]): readonly string[] =>
  events.flatMap((event) =>
    event.event === 'step-began' && event.kind !== 'tree' && event.kind !== 'stage'
      ? [event.containerPath.replace('/pi-gen/', '')]
      : [],
  );

const linesOf = (events: readonly BuildEvent[]): readonly string[] =>
  events.flatMap((event) => (event.event === 'line' ? [event.text] : []));

/** The log of a stage, without the hours. */
function logOf(events: readonly BuildEvent[], stage: string): readonly string[] {
  const lines = linesOf(events).map((line) => line.replace(/^\[\d\d:\d\d:\d\d\] /, ''));
  return lines.slice(lines.indexOf(`Begin /pi-gen/${stage}`), lines.indexOf(`End /pi-gen/${stage}`) + 1);
}

describe('a stage tried again and again', () => {
  let bench: Bench;
  let stages: StageBench;
  beforeEach(async () => {
    bench = await Bench.create();
    stages = new StageBench(bench);
  });
  afterEach(async () => {
    await stages.dispose();
    await bench.dispose();
  });

  it('leaves the rootfs and the log of a whole build, from its beginning and from each sub-stage', async () => {
    const configFile = await bench.config('stage-two-names', 'stage-parts');
    const settings = bench.settings({ keepContainer: true });
    const whole = await bench.build(await bench.prepare({ configFile, settings }));
    assert.deepEqual(whole.result.failures, []);
    try {
      const build = await bench.prepare({ configFile });
      for (const from of [
        { kind: 'stage' },
        { kind: 'stage' },
        { kind: 'sub-stage', name: '01-change' },
        { kind: 'sub-stage', name: '02-look' },
      ] as const) {
        const told = await stages.try(build, 'stage-parts', from);
        assert.deepEqual(told.result.failures, []);
        if (from.kind === 'stage')
          assert.deepEqual(logOf(told.events, 'stage-parts'), logOf(whole.events, 'stage-parts'));
        const tried = await stages.prepare(build, 'stage-parts');
        assert.equal(await stages.differences(tried, settings.containerName), '');
      }
    } finally {
      await bench.engine.remove(settings.containerName);
    }
  });

  it('builds the stages before it once, and again only from what changed', async () => {
    const build = () => bench.prepare({ configFile });
    const configFile = await bench.config('stage-good');
    const first = await stages.try(await build(), 'stage-good');

    assert.ok(
      linesOf(first.events).some((line) =>
        line.startsWith('Nothing is kept of the stages before stage-good'),
      ),
    );
    const second = await stages.try(await build(), 'stage-good');
    assert.deepEqual(stepsOf(second.events), [
      'stage-good/prerun.sh',
      'stage-good/00-own',
      'stage-good/00-own/00-packages',
      'stage-good/00-own/00-run.sh',
      'stage-good/00-own/00-run-chroot.sh',
    ]);
    assert.deepEqual(second.result.artifacts, []);
    for (const { events } of [first, second]) {
      const sizes = events.flatMap((event) => (event.event === 'stage-size' ? [event] : []));
      assert.deepEqual(
        sizes.map(({ stage }) => stage),
        ['stage-good'],
      );
      assert.ok((sizes[0]?.added ?? 0) > 0);
    }

    const script = `${bench.tree}/stage1/01-tweaks/01-run.sh`;
    await writeFile(script, `${await readFile(script, 'utf8')}echo "tweaked anew"\n`);
    const third = await stages.try(await build(), 'stage-good');
    assert.deepEqual(third.result.failures, []);

    assert.ok(
      linesOf(third.events).includes(
        'Changed since the stages before stage-good were kept: stage1/01-tweaks. They are built again from stage1/01-tweaks.',
      ),
    );
    assert.deepEqual(stepsOf(third.events)[0], 'stage1/01-tweaks');
    assert.ok(linesOf(third.events).includes('tweaked anew'));
    await chmod(script, 0o644);
    const fourth = await stages.try(await build(), 'stage-good');
    assert.deepEqual(stepsOf(fourth.events)[0], 'stage1/01-tweaks');
    assert.ok(!linesOf(fourth.events).includes('tweaked anew'));
  });

  it('goes on where it was, and leaves what is kept as it was, whatever becomes of a try', async () => {
    const stage = `${bench.folder.path}/stage-mine`;
    await cp(`${fixtures}/stages/stage-parts`, stage, { recursive: true });
    // More than goes by a container's input.
    await writeFile(`${stage}/00-make/big`, Buffer.alloc(2 * 1024 * 1024, 1));
    const base = realTree === undefined ? ['stage0', 'stage1'] : [`${fixtures}/real-base/stage-base`];
    const configFile = await bench.configOf([...base, `${fixtures}/stages/stage-two-names`, stage]);
    const settings = bench.settings();
    const build = () => bench.prepare({ configFile, settings });
    assert.deepEqual((await stages.try(await build(), 'stage-mine')).result.failures, []);
    const earlier = layersOf(await stages.prepare(await build(), 'stage-mine')).slice(0, -4);
    const kept = async () =>
      stages.look(await stages.prepare(await build(), 'stage-mine'), listLayers, earlier);
    const before = await kept();
    assert.match(before, /two-names/);

    // A failing sub-stage: the ones before it need not run again.
    await writeFile(`${stage}/02-look/00-run-chroot.sh`, 'rm -rf /srv /usr/share\nfalse\n');
    const failed = await stages.try(await build(), 'stage-mine', { kind: 'changed' });
    assert.equal(failed.result.outcome, 'failed');
    assert.equal(failed.result.failures[0]?.step?.path, `${stage}/02-look/00-run-chroot.sh`);
    assert.deepEqual(stepsOf(failed.events), ['stage-mine/02-look', 'stage-mine/02-look/00-run-chroot.sh']);
    assert.equal(await kept(), before);

    // Scripts cannot write to what is kept, should they come upon it.
    await writeFile(`${stage}/01-change/00-run.sh`, 'rm -rf /pi-gen-kept/*; touch /pi-gen-kept/layers/x\n');
    const hostile = await stages.try(await build(), 'stage-mine', { kind: 'changed' });
    assert.equal(hostile.result.outcome, 'failed');
    assert.match(hostile.log, /Read-only file system/);
    assert.equal(await kept(), before);

    // A try that is stopped.
    await writeFile(
      `${stage}/01-change/00-run.sh`,
      '#!/bin/bash -e\necho changed > "${ROOTFS_DIR}/etc/motd"\necho waiting\nsleep 600\n',
    );
    const stop = new AbortController();
    const prepared = await stages.prepare(await build(), 'stage-mine');
    const { name } = prepared.plan.container;
    let volumes: readonly string[] = [];
    const stopped = await stages.try(
      await build(),
      'stage-mine',
      { kind: 'changed' },
      {
        signal: stop.signal,
        stopPatience: 3000,
        onEvent: async (event) => {
          if (event.event !== 'line' || event.text !== 'waiting') return;
          volumes = await bench.anonymousVolumes(name);
          stop.abort();
        },
      },
    );
    assert.equal(stopped.result.outcome, 'cancelled');
    assert.equal(await bench.hasContainer(name), false);
    assert.equal(volumes.length, 2);
    for (const volume of volumes) assert.equal(await bench.hasVolume(volume), false);
    assert.equal(await kept(), before);
    // What a step left is kept where it failed, not where it was stopped.
    assert.equal(await stages.look(prepared, 'ls /pi-gen-kept/failed'), '');
  });

  it('looks at the engine beside the first try, and ends it where a check says that it will fail', async () => {
    const build = await bench.prepare({ configFile: await bench.config('stage-good') });
    let asked = 0;
    const guard = (state: VerdictState): BuildGuard => ({
      check: () => {
        asked++;
        return Promise.resolve([
          { check: 'disk', title: 'Disk', state, message: 'Too small.', fix: 'A larger one.' },
        ]);
      },
      onWarning: () => undefined,
    });
    const events: BuildEvent[] = [];
    const onEvent = (event: BuildEvent) => {
      events.push(event);
      return undefined;
    };
    await assert.rejects(
      stages.try(build, 'stage-good', undefined, { guard: guard('fail'), onEvent }),
      /Disk: Too small/,
    );
    assert.deepEqual(
      events.filter(({ event }) => event === 'ended' || event === 'failed'),
      [],
    );
    assert.deepEqual(await findBuilds(bench.engine, { treeRoot: bench.tree }), []);
    for (const round of [1, 2]) {
      const { result } = await stages.try(build, 'stage-good', undefined, { guard: guard('fine') });
      assert.deepEqual(result.failures, [], `round ${round}`);
    }
    // The second one rests on what the first one built.
    assert.equal(asked, 2);
  });

  it('says that pi-gen passes over a stage with a SKIP file, instead of calling it passed', async () => {
    await writeFile(`${bench.tree}/stage1/SKIP`, '');
    const build = await bench.prepare({});
    await assert.rejects(stages.try(build, 'stage1'), /stage1 holds a file SKIP/);
  });

  it('runs a sub-stage again that left a process in the rootfs, which may have written on', async () => {
    const build = await bench.prepare({ configFile: await bench.config('stage-lingers') });
    const first = await stages.try(build, 'stage-lingers');
    assert.deepEqual(first.result.failures, [], first.log);
    const { events, result } = await stages.try(build, 'stage-lingers', { kind: 'changed' });
    assert.deepEqual(result.failures, []);
    assert.deepEqual(stepsOf(events), ['stage-lingers/01-lingers', 'stage-lingers/01-lingers/00-run.sh']);
  });

  it('copies where the engine cannot hold an overlay, and says so', async () => {
    const build = await bench.prepare({ configFile: await bench.config('stage-good') });
    // A file system without attributes.
    const disk = await stages.hold(await stages.prepare(build, 'stage-good'), 'ramfs');
    try {
      const first = await stages.try(build, 'stage-good');
      assert.deepEqual(first.result.failures, []);
      assert.ok(linesOf(first.events).some((line) => line.includes('cannot hold an overlay')));
      const second = await stages.try(build, 'stage-good');
      assert.deepEqual(second.result.failures, []);
      assert.equal(stepsOf(second.events)[0], 'stage-good/prerun.sh');
      assert.deepEqual(logOf(second.events, 'stage-good'), logOf(first.events, 'stage-good'));
    } finally {
      await disk.release();
    }
  });

  it('says that the disk is full where it fills up, loses nothing of what is kept, and makes room again', async () => {
    const stage = `${bench.folder.path}/stage-mine`;
    const script = `${stage}/01-fill/00-run.sh`;
    await cp(`${fixtures}/stages/stage-filling`, stage, { recursive: true });
    const base = realTree === undefined ? ['stage0', 'stage1'] : [`${fixtures}/real-base/stage-base`];
    const configFile = await bench.configOf([...base, stage]);
    const build = () => bench.prepare({ configFile });
    const size = realTree === undefined ? '64m' : '1g';
    const disk = await stages.hold(
      await stages.prepare(await build(), 'stage-mine'),
      'tmpfs',
      `size=${size}`,
    );
    try {
      const full = await stages.try(await build(), 'stage-mine');
      assert.equal(full.result.outcome, 'failed');
      assert.equal(full.result.failures[0]?.class, 'disk-full', full.log);

      await writeFile(script, '#!/bin/bash -e\necho little > "${ROOTFS_DIR}/large"\n');
      const mended = await stages.try(await build(), 'stage-mine', { kind: 'changed' });
      assert.deepEqual(mended.result.failures, [], mended.log);
      assert.deepEqual(stepsOf(mended.events), ['stage-mine/01-fill', 'stage-mine/01-fill/00-run.sh']);

      await disk.run('cat /dev/zero > /held/foreign');
      const refused = await stages.try(await build(), 'stage-mine');
      assert.equal(refused.result.failures[0]?.class, 'disk-full', refused.log);
      assert.match(refused.log, /stage-mine was not tried, .* What is kept of the stages stays as it was/);
      assert.deepEqual(stepsOf(refused.events), []);
      await disk.run('rm /held/foreign');
      const again = await stages.try(await build(), 'stage-mine');
      assert.deepEqual(again.result.failures, [], again.log);
      assert.equal(stepsOf(again.events)[0], 'stage-mine/prerun.sh');
    } finally {
      await disk.release();
    }
  });

  it('goes on without its window, and is taken up', async () => {
    const build = await bench.prepare({ configFile: await bench.config('stage-good') });
    const detach = new AbortController();
    const { result } = await stages.try(build, 'stage-good', undefined, {
      detach: detach.signal,
      onEvent: (event) => {
        if (event.event === 'step-began' && event.kind === 'prerun') detach.abort();
      },
    });
    assert.equal(result.outcome, 'detached');
    const { logFile } = result;
    const left = (await findBuilds(bench.engine)).find((one) => one.logFile === logFile);
    assert.ok(left);
    const told = await bench.attach(left);
    assert.deepEqual(told.result.failures, [], told.log);
    assert.equal(logOf(told.events, 'stage-good').at(-1), 'End /pi-gen/stage-good');
    assert.equal(await bench.hasContainer(left.plan.container.name), false);
    const again = await stages.try(build, 'stage-good');
    assert.deepEqual(stepsOf(again.events)[0], 'stage-good/prerun.sh');
    assert.deepEqual(logOf(again.events, 'stage-good'), logOf(told.events, 'stage-good'));
  });

  it('tries two stages at once that stand on the same ones, and keeps what one of them has built', async () => {
    const configFile = await bench.config('stage-two-names', 'stage-parts');
    const both = ['stage-two-names', 'stage-parts'];
    for (const round of ['nothing is kept yet', 'what the other stands on is tried again']) {
      const builds = await Promise.all(both.map(() => bench.prepare({ configFile })));
      const told = await Promise.all(builds.map((build, index) => stages.try(build, both[index] ?? '')));
      for (const { result, log } of told) assert.deepEqual(result.failures, [], `${round}: ${log}`);
    }
    const again = await stages.try(await bench.prepare({ configFile }), 'stage-parts');
    assert.deepEqual(again.result.failures, []);
    assert.equal(stepsOf(again.events)[0], 'stage-parts/prerun.sh');
  });

  it('leaves no volume behind where it was stopped before anything came to be kept', async () => {
    const build = await bench.prepare({
      configFile: await bench.configOf([`${fixtures}/stages/stage-stuck`]),
    });
    const stop = new AbortController();
    const { result } = await stages.try(build, 'stage-stuck', undefined, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.event === 'line' && event.text === 'waiting') stop.abort();
      },
    });
    assert.equal(result.outcome, 'cancelled');
    for (const name of stages.volumes) assert.equal(await bench.hasVolume(name), false);
  });
});

/** Names, types, modes, owners, sizes and contents of layers, and who stands on whom. */
const listLayers =
  'cd /pi-gen-kept/layers; for key in "$@"; do find "$key" -printf "%p %y %m %U %G %s %T@ %l\\n"; find "$key" -type f -exec sha256sum {} +; done | sort';
