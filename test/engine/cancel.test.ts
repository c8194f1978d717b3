import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { BuildEvent } from '../../src/build/build-event';
import { Bench } from './bench';

describe('a build that is stopped', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  /** Stops a build as soon as an event says so, and looks that nothing is left of it. */
  async function stopAt(stage: string, when: (event: BuildEvent) => boolean, stopPatience?: number) {
    const prepared = await bench.prepare({ configFile: await bench.config(stage) });
    const stop = new AbortController();
    let volumes: readonly string[] = [];
    let polite = false;
    const { name } = prepared.plan.container;
    const told = await bench.build(prepared, {
      signal: stop.signal,
      ...(stopPatience === undefined ? {} : { stopPatience }),
      onEvent: async (event) => {
        if (stop.signal.aborted || !when(event)) return;
        if (await bench.hasContainer(name)) {
          volumes = await bench.anonymousVolumes(name);
          polite = await bench.letsIn(name);
        }
        stop.abort();
      },
    });
    assert.equal(told.result.outcome, 'cancelled');
    assert.deepEqual(told.result.failures, []);
    assert.deepEqual(told.result.artifacts, []);
    assert.deepEqual(told.events.at(-1), { event: 'ended', exitCode: null, cancelled: true });
    assert.equal(await bench.hasContainer(name), false);
    for (const volume of volumes) assert.equal(await bench.hasVolume(volume), false);
    return { ...told, volumes, polite };
  }

  const says = (text: string) => (event: BuildEvent) => event.event === 'line' && event.text === text;

  it('ends in the middle of a step', async () => {
    const { volumes, log, polite } = await stopAt('stage-slow', says('waiting'));
    assert.equal(volumes.length, 2);
    // build.sh got the time to undo its mounts, where the engine let somebody in to ask for it.
    assert.equal(log.includes('Build failed'), polite);
  });

  it('ends where a step takes no notice, and lets go the loop devices that it used', async () => {
    const { log } = await stopAt('stage-stubborn', says('waiting'), 500);
    const image = /^looped (\S+)$/m.exec(log)?.[1];
    assert.ok(image);
    assert.match(log, /^Let go loop devices that the build had left in use: loop\d+\.$/m);
    assert.ok(!(await bench.loopedFiles()).includes(image));
  });

  it('ends before it began', async () => {
    const prepared = await bench.prepare();
    const { result, events } = await bench.build(prepared, { signal: AbortSignal.abort() });
    assert.equal(result.outcome, 'cancelled');
    assert.deepEqual(
      events.map((event) => event.event),
      ['ended'],
    );
  });

  it('ends between image and container', async () => {
    await stopAt(
      'stage-slow',
      (event) => event.event === 'line' && event.text.startsWith('Successfully tagged'),
    );
  });

  it('ends while the image is made', async () => {
    const mark = `mark-${process.pid}`;
    await bench.folder.write(
      'slow/Dockerfile',
      `ARG BASE_IMAGE\nFROM \${BASE_IMAGE}\nRUN echo ${mark} && sleep 600\n`,
    );
    const prepared = await bench.prepare();
    const plan = { ...prepared.plan, treeRoot: `${bench.folder.path}/slow` };
    const stop = new AbortController();
    const { result } = await bench.build(
      { ...prepared, plan },
      {
        signal: stop.signal,
        onEvent: (event) => {
          if (says(mark)(event)) stop.abort();
        },
      },
    );
    assert.equal(result.outcome, 'cancelled');
    // The engine takes a moment to see that nobody is there any more.
    while ((await bench.commandsWith(mark)) > 0) await delay(50);
  });

  it('ends and hands on what the receiver of its events throws', async () => {
    const prepared = await bench.prepare({ configFile: await bench.config('stage-slow') });
    const broken = bench.build(prepared, {
      onEvent: (event) => {
        if (says('waiting')(event)) throw new Error('the panel is gone');
      },
    });
    await assert.rejects(broken, /the panel is gone/);
    assert.equal(await bench.hasContainer(prepared.plan.container.name), false);
  });
});
