import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import type { BuildEvent } from '../../src/build/build-event';
import { findBuilds } from '../../src/build/session/found-build';
import type { FoundBuild } from '../../src/build/session/found-build';
import { readTimelines } from '../../src/build/timeline/timeline-store';
import { Bench, secret } from './bench';
import type { Told } from './bench';
import { startCli } from './cli-process';

const linesOf = (events: readonly BuildEvent[]) =>
  events.flatMap((event) => (event.event === 'line' ? [event.text] : []));
const countedIn = (lines: readonly string[]) =>
  lines.flatMap((line) => (/^counted \d+$/.test(line) ? [Number(line.slice('counted '.length))] : []));
const oneToForty = Array.from({ length: 40 }, (_, index) => index + 1);
const says = (text: string) => (event: { readonly event: string; readonly text?: string }) =>
  event.event === 'line' && event.text === text;

describe('a build whose owner goes away', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  /** What stands on the engine of a build, by its container's name. */
  async function found(name: string): Promise<FoundBuild> {
    const builds = await findBuilds(bench.engine, { treeRoot: bench.tree });
    const build = builds.find(({ plan }) => plan.container.name === name);
    assert.ok(build, `no build in ${name}`);
    return build;
  }

  /** As if nobody had gone: every line once, in the panel and on disk; the steps; the results; and nothing left behind. */
  async function assertWhole({ result, events, log }: Told, name: string): Promise<void> {
    assert.deepEqual(result.failures, []);
    assert.equal(result.outcome, 'succeeded');
    assert.deepEqual(countedIn(linesOf(events)), oneToForty);
    assert.deepEqual(countedIn(log.split('\n')), oneToForty);
    assert.deepEqual(
      linesOf(events).filter((line) => /^Step \d/.test(line)),
      log.split('\n').filter((line) => /^Step \d/.test(line)),
    );
    const began = events.filter((event) => event.event === 'step-began').length;
    assert.ok(began > 5);
    assert.equal(events.filter((event) => event.event === 'step-ended').length, began);
    assert.ok(result.artifacts.some(({ file }) => file.endsWith('/build.log')));
    assert.ok(!(log + JSON.stringify([events, result])).includes(secret));
    assert.deepEqual(events.at(-1), { event: 'ended', exitCode: 0, cancelled: false });
    assert.equal(await bench.hasContainer(name), false);
  }

  it('is taken up by pigen attach after its terminal was killed, on the engine that it was begun on', async () => {
    const first = await startCli(bench, 'build', 'stage-counting');
    await first.until(says('counted 7'));
    first.child.kill('SIGKILL');
    await first.ended;
    const build = await found(first.name);
    assert.equal(build.state, 'running');
    const before = await readFile(build.logFile, 'utf8');

    const elsewhere = { DOCKER_HOST: `unix://${bench.folder.path}/nowhere.sock` };
    const second = await startCli(bench, 'attach', undefined, ['--name', first.name], elsewhere);
    assert.equal(await second.ended, 0);
    const lines = second.events.flatMap(({ event, text }) => (event === 'line' ? [text ?? ''] : []));
    assert.deepEqual(countedIn(lines), oneToForty);
    const log = await readFile(build.logFile, 'utf8');
    assert.deepEqual(countedIn(log.split('\n')), oneToForty);
    assert.equal(log.slice(0, before.length), before);
    assert.ok(second.events.some(({ event }) => event === 'artifact'));
    assert.equal(await bench.hasContainer(first.name), false);
    assert.deepEqual(await findBuilds(bench.engine, { treeRoot: bench.tree }), []);
  });

  it('is let go of on request, and taken up while it runs', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-counting') });
    const { name } = prepared.plan.container;
    const detach = new AbortController();
    const left = await bench.build(prepared, {
      detach: detach.signal,
      onEvent: (event) => {
        if (says('counted 7')(event)) detach.abort();
      },
    });
    assert.equal(left.result.outcome, 'detached');
    assert.equal(await bench.hasContainer(name), true);
    await assertWhole(await bench.attach(await found(name)), name);
  });

  it('is collected when it has ended with nobody there', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-counting') });
    const { name } = prepared.plan.container;
    const detach = new AbortController();
    await bench.build(prepared, {
      detach: detach.signal,
      onEvent: (event) => {
        if (says('counted 39')(event)) detach.abort();
      },
    });
    await bench.engine.wait(name);
    const told = await bench.attach(await found(name));
    await assertWhole(told, name);
    const { builds } = await readTimelines(told.result.logFile);
    // As that of an unbroken build: the image, whose build nobody saw who is here now, and what a step took before.
    const { parts = [] } = builds[0] ?? {};
    assert.deepEqual(
      parts.slice(0, 2).map(({ kind }) => kind),
      ['image', 'tree'],
    );
    const counting = parts.find(({ path }) => path.endsWith('/stage-counting/00-count/00-run.sh'));
    assert.ok(counting !== undefined && counting.milliseconds >= 2000, JSON.stringify(counting));
  });

  it('has its failure explained all the same', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-nested') });
    const { name } = prepared.plan.container;
    const detach = new AbortController();
    const { result: left } = await bench.build(prepared, {
      detach: detach.signal,
      onEvent: (event) => {
        if (event.event === 'step-began' && event.stage === 'stage-nested') detach.abort();
      },
    });
    assert.equal(left.outcome, 'detached');
    const { result, events } = await bench.attach(await found(name));
    assert.equal(result.outcome, 'failed');
    assert.equal(result.failures[0]?.class, 'nested-on-chroot');
    assert.ok(result.failures[0].finding?.file.endsWith('stage-nested/00-install/00-run-chroot.sh'));
    assert.deepEqual(
      events.slice(-2).map(({ event }) => event),
      ['failed', 'ended'],
    );
    assert.equal(await bench.hasContainer(name), false);
  });

  it('is shown whole even where its log on disk is gone', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-counting') });
    const { name } = prepared.plan.container;
    const detach = new AbortController();
    const logFile = `${bench.tree}/deploy/build-docker.log`;
    await bench.build(prepared, {
      logFile,
      detach: detach.signal,
      onEvent: (event) => {
        if (says('counted 7')(event)) detach.abort();
      },
    });
    await rm(`${bench.tree}/deploy`, { recursive: true });
    const told = await bench.attach(await found(name));
    assert.deepEqual(countedIn(linesOf(told.events)), oneToForty);
    assert.deepEqual(countedIn(told.log.split('\n')), oneToForty);
    assert.equal(told.result.outcome, 'succeeded');
  });

  it('is watched by a second window, which tells the same end and leaves the results to the first', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-counting') });
    const { name } = prepared.plan.container;
    let second: Promise<Told> | undefined;
    const first = await bench.build(prepared, {
      onEvent: async (event) => {
        if (second === undefined && says('counted 7')(event)) second = bench.attach(await found(name));
      },
    });
    assert.ok(second);
    const watched = await second;
    await assertWhole(first, name);
    await assertWhole(watched, name);
    assert.deepEqual(watched.result.artifacts, first.result.artifacts);
  });

  it('is refused a second time, and its log is left alone', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-counting') });
    const logFile = `${bench.folder.path}/logs/twice.log`;
    let second: Told | undefined;
    const first = await bench.build(prepared, {
      logFile,
      onEvent: async (event) => {
        if (second === undefined && says('counted 7')(event))
          second = await bench.build(prepared, { logFile });
      },
    });
    assert.equal(second?.result.problem?.kind, 'already-building');
    assert.match(second.result.failures[0]?.fix ?? '', /pigen attach/);
    await assertWhole(first, prepared.plan.container.name);
  });

  it('is collected by the second window where the first one dies meanwhile', async () => {
    const first = await startCli(bench, 'build', 'stage-counting');
    await first.until(says('counted 3'));
    const told = await bench.attach(await found(first.name), {
      onEvent: (event) => {
        if (says('counted 9')(event)) first.child.kill('SIGKILL');
      },
    });
    await first.ended;
    await assertWhole(told, first.name);
  });

  it('is stopped by the second window for both', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-slow') });
    const { name } = prepared.plan.container;
    const stop = new AbortController();
    let second: Promise<Told> | undefined;
    const first = await bench.build(prepared, {
      onEvent: async (event) => {
        if (second !== undefined || !says('waiting')(event)) return;
        second = bench.attach(await found(name), { signal: stop.signal, stopPatience: 2000 });
        stop.abort();
      },
    });
    assert.ok(second);
    assert.equal(first.result.outcome, 'cancelled');
    assert.equal((await second).result.outcome, 'cancelled');
    assert.equal(await bench.hasContainer(name), false);
  });

  it('is told as dead where its container was never started', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-counting') });
    const { name } = prepared.plan.container;
    const detach = new AbortController();
    const { result: left } = await bench.build(prepared, {
      detach: detach.signal,
      onEvent: (event) => {
        if (says('counted 1')(event)) detach.abort();
      },
    });
    assert.equal(left.outcome, 'detached');
    const build = { ...(await found(name)), state: 'created' };
    const { result } = await bench.attach(build);
    assert.equal(result.problem?.kind, 'never-started');
    assert.equal(await bench.hasContainer(name), false);
  });
});
