import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { compareKeptStage } from '../../src/build/afterwards/compare-stage';
import type { Helper } from '../../src/build/engine/engine';
import { openEngine } from '../../src/build/engine/open-engine';
import { createdLabel, hostLabel, purposeLabel, treeLabel } from '../../src/build/labels';
import type { PreparedBuild } from '../../src/build/plan/prepare-build';
import type { RootfsReader } from '../../src/build/rootfs/rootfs-reader';
import { keptStages, openRootfs, runningStages } from '../../src/build/rootfs/rootfs-source';
import type { KeptStage, RootfsScripts } from '../../src/build/rootfs/rootfs-source';
import { bestKept, openStageShell } from '../../src/build/rootfs/stage-shell';
import { findStageVolume } from '../../src/build/rootfs/stage-volume';
import type { StageVolume } from '../../src/build/rootfs/stage-volume';
import { createTextArchive } from '../../src/build/session/context-archive';
import { Bench, endpointAt } from './bench';
import { StageBench } from './stage-bench';
import { shellOutput } from './shell-output';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const script = (name: string) => readFile(new URL(`../../src/build/${name}`, import.meta.url), 'utf8');

const readScripts = async (): Promise<RootfsScripts> => ({
  serve: await script('rootfs/container/serve-rootfs.pl'),
  view: await script('rootfs/container/kept-view.sh'),
});

describe('a stage that is being tried', () => {
  it('is read as it is at that moment, and goes on as if nobody had looked', async () => {
    const bench = await Bench.create();
    const stages = new StageBench(bench);
    const { signal } = new AbortController();
    const readers: RootfsReader[] = [];
    try {
      const build = await bench.prepare({ configFile: await bench.config('stage-held') });
      const scripts = await readScripts();
      const placeOfTree = { treeRoot: bench.tree };
      const prepared = await stages.prepare(build, 'stage-held');
      const { result } = await stages.try(build, 'stage-held', undefined, {
        onEvent: async (event) => {
          if (event.event !== 'line' || event.text !== 'waiting') return;
          const held = await findStageVolume(await endpointAt(process.env['DOCKER_HOST'] ?? ''), placeOfTree);
          assert.ok(held);
          const tried = await runningStages(bench.engine, held, scripts, signal);
          const running = tried.find(({ stage }) => stage === 'stage-held');
          assert.ok(running);
          const source = { kind: 'kept', ...held, ...running, failed: false, running: true } as const;
          const reader = await openRootfs(bench.engine, source, scripts, signal);
          readers.push(reader);
          const names = (await reader.list('/etc')).map(({ name }) => name);
          assert.ok(names.includes('begun') && names.includes('motd') && !names.includes('after'));
          const word = createTextArchive([{ name: 'go', text: '', mode: 0o644 }]);
          await bench.engine.putArchive(prepared.plan.container.name, '/tmp', word, signal);
        },
      });
      assert.deepEqual(result.failures, []);
      assert.equal(readers.length, 1);
      const again = await stages.try(build, 'stage-held', { kind: 'changed' });
      assert.deepEqual(again.result.failures, []);
      // All of it was kept, though somebody looked: nothing is left to do.
      assert.ok(!again.events.some((event) => event.event === 'line' && event.text === 'waiting'));
    } finally {
      for (const reader of readers) await reader.close();
      await stages.dispose();
      await bench.dispose();
    }
  });
});

describe('what is kept of a stage that failed when it was tried', () => {
  let bench: Bench;
  let stages: StageBench;
  let build: PreparedBuild;
  let configFile: string;
  let held: StageVolume;
  let kept: readonly KeptStage[];
  let scripts: RootfsScripts;
  const { signal } = new AbortController();

  before(async () => {
    bench = await Bench.create();
    stages = new StageBench(bench);
    configFile = await bench.config('stage-failing');
    build = await bench.prepare({ configFile });
    const { result } = await stages.try(build, 'stage-failing');
    assert.equal(result.outcome, 'failed');
    assert.equal(result.containerLeft, undefined);
    scripts = await readScripts();
    const found = await findStageVolume(await endpointAt(process.env['DOCKER_HOST'] ?? ''), {
      treeRoot: bench.tree,
    });
    assert.ok(found);
    held = found;
    kept = await keptStages(bench.engine, held, scripts, signal);
  });
  after(async () => {
    await stages.dispose();
    await bench.dispose();
  });

  const open = (stage: KeptStage) =>
    openRootfs(
      bench.engine,
      { kind: 'kept', ...held, ...stage, failed: stage.state === 'failed' },
      scripts,
      signal,
    );

  it('is told, and read without being changed', async () => {
    assert.deepEqual(kept.map(({ stage, state, step }) => [stage, state, step?.split('/').at(-1)]).sort(), [
      ['stage-failing', 'begun', undefined],
      ['stage-failing', 'failed', '00-run.sh'],
      ['stage0', 'whole', undefined],
      ['stage1', 'whole', undefined],
    ]);
    for (const stage of kept) {
      const reader = await open(stage);
      try {
        const names = (await reader.list('/')).map(({ name }) => name);
        assert.ok(names.includes('etc'), `${stage.stage}: ${names.join(' ')}`);
        assert.equal(
          (await reader.list('/etc')).some(({ name }) => name === 'motd'),
          stage.stage !== 'stage0',
        );
      } finally {
        await reader.close();
      }
    }
  });

  it('is read by a helper that removes what a killed editor made and never started, and nothing else', async () => {
    const docker = new Docker();
    const [stage] = kept;
    assert.ok(stage);
    const hour = 3_600_000;
    const make = async (ago: number, host = os.hostname()) => {
      const container = await docker.createContainer({
        Image: held.image,
        Cmd: ['true'],
        Labels: {
          [purposeLabel]: 'look',
          [hostLabel]: host,
          [createdLabel]: new Date(Date.now() - ago).toISOString(),
          [treeLabel]: bench.tree,
        },
      });
      return container.id;
    };
    const made = [await make(hour), await make(0), await make(hour, 'another-machine')];
    const [left = '', ...others] = made;
    try {
      // It looks once: an engine of its own, as a window that was opened anew has.
      const engine = await openEngine(await endpointAt(process.env['DOCKER_HOST'] ?? ''));
      const reader = await openRootfs(
        engine,
        { kind: 'kept', ...held, ...stage, failed: stage.state === 'failed' },
        scripts,
        signal,
      );
      await reader.close();
      const filters = { label: [`${treeLabel}=${bench.tree}`], status: ['created'] };
      const there = (await docker.listContainers({ all: true, filters })).map(({ Id }) => Id);
      assert.ok(!there.includes(left));
      assert.deepEqual(there.sort(), others.sort());
    } finally {
      for (const id of made)
        await docker
          .getContainer(id)
          .remove({ force: true })
          .catch(() => undefined);
    }
  });

  it('is compared with the stage before it', async () => {
    const compare = await script('afterwards/container/compare-stage.sh');
    const compared = (stage: string) => {
      const one = kept.find((candidate) => candidate.stage === stage && candidate.state !== 'failed');
      assert.ok(one);
      return compareKeptStage(bench.engine, { ...held, ...one }, { compare, view: scripts.view }, signal);
    };
    const { before, entries } = await compared('stage1');
    assert.equal(before, 'stage0');
    assert.ok(entries.some(({ path, change }) => path === 'etc/motd' && change === 'added'));
    assert.deepEqual((await compared('stage-failing')).entries, []);
    await assert.rejects(compared('stage0'), /No stage was built before stage0/);
  });

  it('is stood in by a shell that changes nothing of it', async () => {
    const hook =
      (await script('stage-loop/container/open-steps.sh')) +
      (await script('afterwards/container/failing-shell.sh'));
    const shellIn = async (stage: string, words: string) => {
      const prepared = await stages.prepare(build, stage);
      const best = bestKept(kept, prepared);
      assert.ok(best);
      const helper: Helper = await openStageShell(
        bench.engine,
        prepared,
        best,
        { view: scripts.view, hook },
        signal,
      );
      try {
        return await shellOutput(helper, words);
      } finally {
        await helper.close();
      }
    };
    const text = await shellIn(
      'stage-failing',
      'echo "got $STAGE $ROOTFS_DIR $FIRST_USER_NAME"; rm -rf /etc/motd; ls -d /etc/*; exit\n',
    );
    assert.match(text, /pi-gen stopped in \S+stage-failing\/00-install\/00-run\.sh/);
    assert.match(text, /got stage-failing \/pi-gen\/work\/tiny\/stage-failing\/rootfs pi/);
    assert.doesNotMatch(text, /^\/etc\/motd/m);
    const again = await shellIn('stage1', 'echo "got $STAGE"; cat /etc/motd; exit\n');
    assert.match(again, /got stage1/);
    assert.doesNotMatch(again, /pi-gen stopped in/);
    assert.doesNotMatch(again, /No such file/);
    const failed = kept.find(({ state }) => state === 'failed');
    assert.ok(failed);
    const reader = await open(failed);
    try {
      assert.equal((await reader.stat('/etc/motd')).type, 'f');
    } finally {
      await reader.close();
    }
  });

  it('is looked into from a terminal', async () => {
    const run = async (words: readonly string[], input: string) => {
      const place = ['--tree', bench.tree];
      const child = spawn(process.execPath, [cli, ...words, ...place], {
        cwd: bench.folder.path,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      child.stdin.end(input);
      const exit = once(child, 'exit') as Promise<readonly (number | null)[]>;
      const output = await textOf(child.stdout);
      assert.deepEqual((await exit)[0], 0, output);
      return output;
    };
    const shell = ['shell', '--config', configFile, '--network', 'host'];
    const output = await run(shell, 'echo "got $STAGE"\n');
    assert.match(output, /pi-gen stopped in \S+stage-failing\/00-install\/00-run\.sh/);
    assert.match(output, /^got stage-failing/m);
    assert.match(await run(['compare', 'stage1'], ''), /^stage1, compared with stage0/);
  });

  it('hands a terminal on to the shell, keys and size', async () => {
    const words = [process.execPath, cli, 'shell', '--config', configFile, '--network', 'host'];
    // A terminal of its own, which the tools of any Linux give.
    const command = `stty cols 101 rows 31; ${[...words, '--tree', bench.tree].map((word) => `'${word}'`).join(' ')}`;
    const child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
      cwd: bench.folder.path,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Ctrl-C is a key like any other: it ends nothing but what runs in the shell.
    const talk = [
      { after: /[#$] $/, keys: 'stty size; echo "runs $((40 + 1))"; sleep 600\r' },
      { after: /^runs 41\r/m, keys: '\u0003' },
      { after: /[#$] $/, keys: 'echo "goes $((40 + 2)) on"; exit\r' },
    ];
    let output = '';
    let heard = '';
    try {
      for await (const chunk of child.stdout) {
        output += String(chunk);
        heard += String(chunk);
        const [next] = talk;
        if (next?.after.test(heard) !== true) continue;
        heard = '';
        child.stdin.write(next.keys);
        talk.shift();
      }
    } finally {
      child.kill();
    }
    assert.deepEqual(talk, []);
    assert.match(output, /^31 101\r/m);
    assert.match(output, /^goes 42 on\r/m);
  });
});
