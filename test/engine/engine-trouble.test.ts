import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import Docker from 'dockerode';
import { extract } from 'tar-stream';
import type { BuildEvent } from '../../src/build/build-event';
import type { PreparedBuild } from '../../src/build/plan/prepare-build';
import { removeFailed } from '../../src/build/afterwards/kept-containers';
import { findBuilds } from '../../src/build/session/found-build';
import type { Engine } from '../../src/build/engine/engine';
import { Bench, engineAt, fixtures } from './bench';
import type { Told } from './bench';
import { startEngine } from './host/engine.mjs';
import type { TestEngine } from './host/engine.mjs';

const linesOf = (events: readonly BuildEvent[]) =>
  events.flatMap((event) => (event.event === 'line' ? [event.text] : []));
const says = (text: string) => (event: BuildEvent) => event.event === 'line' && event.text === text;

/**
 * Builds on an engine of the test's own, which may be killed and started again. It holds an image of two static programs:
 * what matters here is not what is built, but what becomes of it.
 */
class Lab {
  private constructor(
    readonly bench: Bench,
    readonly own: TestEngine,
    readonly engine: Engine,
    readonly docker: Docker,
  ) {}

  static async create(options: Parameters<typeof startEngine>[0] = {}): Promise<Lab> {
    const bench = await Bench.create();
    const own = await startEngine(options);
    const docker = new Docker({ host: undefined, socketPath: own.host.slice('unix://'.length) });
    await cp(`${fixtures}/tiny-image`, `${bench.folder.path}/tiny-image`, { recursive: true });
    for (const program of ['bash-static', 'busybox']) await takeProgram(bench, program);
    return new Lab(bench, own, await engineAt(own.host), docker);
  }

  async dispose(): Promise<void> {
    await this.own.stop();
    await this.bench.dispose();
  }

  /** A build that runs a script of test/fixtures/tiny-image/. */
  async prepare(script: string): Promise<PreparedBuild> {
    const prepared = await this.bench.prepare({
      settings: this.bench.settings({ network: 'none', mounts: [] }),
    });
    const { plan } = prepared;
    const container = { ...plan.container, command: ['bash', `/${script}`] };
    const treeRoot = `${this.bench.folder.path}/tiny-image`;
    return { ...prepared, plan: { ...plan, treeRoot, container } };
  }

  async build(prepared: PreparedBuild, onEvent?: (event: BuildEvent) => void | Promise<void>): Promise<Told> {
    return this.bench.build(prepared, { engine: this.engine, ...(onEvent === undefined ? {} : { onEvent }) });
  }

  /** The same engine, for a client that soon takes it for one that hangs. */
  impatient(): Promise<Engine> {
    return engineAt(this.own.host, { pause: 1000, answer: 3000 });
  }

  async containers(): Promise<readonly string[]> {
    const listed = await this.docker.listContainers({ all: true });
    return listed.flatMap(({ Names }) => Names);
  }

  /** Does something to the engine, once, when the build has counted so far. */
  at(
    count: number,
    act: () => Promise<void>,
  ): { onEvent: (event: BuildEvent) => void; done: () => Promise<void> } {
    let acting: Promise<void> | undefined;
    return {
      onEvent: (event) => {
        if (says(`counted ${count}`)(event)) acting ??= act();
      },
      done: async () => {
        assert.ok(acting, `it never counted ${count}`);
        await acting;
      },
    };
  }
}

/** A static program of the small tree's own image, which an earlier build has made. */
async function takeProgram(bench: Bench, name: string): Promise<void> {
  const { plan } = await bench.prepare();
  const image = bench.docker.getImage(plan.image.tag);
  const container = await bench.docker.createContainer({ Image: (await image.inspect()).Id, Cmd: ['true'] });
  try {
    const archive = await container.getArchive({ path: `/bin/${name}` });
    const reader = extract();
    const piped = pipeline(archive, reader);
    for await (const entry of reader) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
      await bench.folder.write(`tiny-image/bin/${name}`, Buffer.concat(chunks), 0o755);
    }
    await piped;
  } finally {
    await container.remove();
  }
}

describe('a build whose engine is restarted', () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.create({ restartable: true });
  });
  after(() => lab.dispose());

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`is told as dead, with its last words, after ${signal}`, async () => {
      const prepared = await lab.prepare('count-on.sh');
      const { onEvent, done } = lab.at(10, async () => {
        await lab.own.end(signal);
        await lab.own.start();
      });
      const { result, log } = await lab.build(prepared, onEvent);
      await done();
      assert.equal(result.outcome, 'failed');
      assert.equal(result.problem?.kind, 'ended-from-outside');
      assert.match(
        result.failures[0]?.cause ?? '',
        /engine was stopped or restarted.*Its last line: counted \d+$/s,
      );
      assert.match(log, /^counted 10$/m);
      assert.deepEqual(await lab.containers(), []);
    });
  }
});

describe('a build whose engine is restarted, and keeps its containers alive', () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.create({ restartable: true, words: ['--live-restore'] });
  });
  after(() => lab.dispose());

  it('goes on without a gap and without a repeated line', async () => {
    const { onEvent, done } = lab.at(10, async () => {
      await lab.own.end('SIGKILL');
      await lab.own.start();
    });
    const { result, events, log } = await lab.build(await lab.prepare('count.sh'), onEvent);
    await done();
    assert.deepEqual(result.failures, []);
    assert.equal(result.outcome, 'succeeded');
    const counted = Array.from({ length: 100 }, (_, index) => `counted ${index + 1}`);
    assert.deepEqual(
      linesOf(events).filter((line) => line.startsWith('counted ')),
      counted,
    );
    assert.deepEqual(
      log.split('\n').filter((line) => line.startsWith('counted ')),
      counted,
    );
    assert.deepEqual(await lab.containers(), []);
  });
});

describe('a build whose engine hangs', () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.create({ restartable: true });
  });
  afterEach(() => {
    lab.own.send('SIGCONT');
  });
  after(() => lab.dispose());

  /** The engine stops to answer, and takes connections still. Resolves when that has come about. */
  const hang = async (): Promise<void> => {
    const asker = await engineAt(lab.own.host, { pause: 60_000, answer: 600 });
    lab.own.send('SIGSTOP');
    let answers: boolean;
    do answers = await asker.answers();
    while (answers);
  };

  it('says so, and can be taken up when the engine answers again', async () => {
    const prepared = await lab.prepare('count.sh');
    const { onEvent, done } = lab.at(10, hang);
    const { result } = await lab.bench.build(prepared, {
      engine: await lab.impatient(),
      reconnectPauses: [50],
      onEvent,
    });
    await done();
    const { name } = prepared.plan.container;
    assert.equal(result.outcome, 'failed');
    assert.equal(result.problem?.kind, 'engine-lost');
    assert.match(
      result.problem.message,
      new RegExp(`hangs: .* the build may go on in its container ${name}`),
    );
    assert.equal(result.containerLeft, name);
    lab.own.send('SIGCONT');
    const [left] = await findBuilds(lab.engine);
    assert.ok(left);
    const told = await lab.bench.attach(left, { engine: lab.engine });
    assert.equal(told.result.outcome, 'succeeded');
    assert.match(told.log, /^counted 9\ncounted 10\n[^]*^counted 100$/m);
    assert.deepEqual(await lab.containers(), []);
  });

  it('is let go by who cancels it, who is told what is waited for and what is left; the next build removes it', async () => {
    const prepared = await lab.prepare('count-on.sh');
    const { name } = prepared.plan.container;
    const stop = new AbortController();
    const { onEvent, done } = lab.at(10, async () => {
      await hang();
      stop.abort();
    });
    const { result, log } = await lab.bench.build(prepared, {
      engine: lab.engine,
      signal: stop.signal,
      onEvent,
    });
    await done();
    assert.equal(result.outcome, 'cancelled');
    assert.equal(result.containerLeft, name);
    assert.match(
      log,
      new RegExp(`^Stopping: waiting for the Docker engine at \\S+ to end the container ${name}\\.$`, 'm'),
    );
    // The engine may have answered one question more than it was meant to.
    assert.match(log, new RegExp(`container ${name} (?:is left|could not be removed)`));
    lab.own.send('SIGCONT');
    const [left] = await lab.engine.containers([]);
    assert.equal(left?.state, 'running');
    assert.deepEqual(await findBuilds(lab.engine), []);
    await removeFailed(lab.engine, { treeRoot: lab.bench.tree }, prepared.plan);
    assert.deepEqual(await lab.containers(), []);
  });

  it('is let go by who follows a build of another process, and cancels it', async () => {
    const prepared = await lab.prepare('count-on.sh');
    const { name } = prepared.plan.container;
    const stop = new AbortController();
    const own = new AbortController();
    let watched: Promise<Told> | undefined;
    const { onEvent, done } = lab.at(10, async () => {
      const [running] = await findBuilds(lab.engine);
      assert.ok(running);
      const { onEvent: watch, done: hung } = lab.at(20, async () => {
        await hang();
        stop.abort();
      });
      watched = lab.bench.attach(running, {
        engine: await lab.impatient(),
        signal: stop.signal,
        onEvent: watch,
      });
      void watched.then(hung).finally(() => {
        lab.own.send('SIGCONT');
        own.abort();
      });
    });
    const owned = await lab.bench.build(prepared, {
      engine: lab.engine,
      signal: own.signal,
      stopPatience: 100,
      onEvent,
    });
    await done();
    const told = await watched;
    assert.equal(told?.result.outcome, 'cancelled');
    assert.equal(told.result.containerLeft, name);
    assert.match(
      linesOf(told.events).at(-1) ?? '',
      /is left, and may be running\. The window or terminal that began/,
    );
    assert.equal(owned.result.outcome, 'cancelled');
    assert.deepEqual(await lab.containers(), []);
  });
});

describe('a build on an engine with a small disk', () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.create({ dataSize: '40m' });
  });
  after(() => lab.dispose());

  it('says that the disk is full, where a stage fills it', async () => {
    const { result, log } = await lab.build(await lab.prepare('fill.sh'));
    assert.equal(result.outcome, 'failed');
    assert.equal(result.failures[0]?.class, 'disk-full', JSON.stringify(result.failures));
    assert.match(log, /No space left on device/);
    assert.deepEqual(await lab.containers(), []);
  });

  it('says so where a step of the Dockerfile fills it, and says much more', async () => {
    const prepared = await lab.prepare('count.sh');
    const dockerfile = await readFile(`${fixtures}/tiny-image/Dockerfile`, 'utf8');
    const step = 'RUN ["/bin/bash", "/fill-and-talk.sh"]';
    await lab.bench.folder.write('tiny-image/Dockerfile', `${dockerfile}${step}\n`);
    try {
      const { result, log } = await lab.build(prepared);
      // The engine passes the two streams on in either order.
      assert.match(log, /No space left on device/);
      assert.match(log, /^said 39$/m);
      assert.equal(result.problem?.kind, 'disk-full', result.problem?.message);
    } finally {
      await lab.bench.folder.write('tiny-image/Dockerfile', dockerfile);
    }
    assert.deepEqual(await lab.containers(), []);
  });

  it('says so where the image does not fit', async () => {
    const prepared = await lab.prepare('count.sh');
    await lab.bench.folder.write('tiny-image/large', Buffer.alloc(60 * 1024 * 1024));
    const { result } = await lab.build(prepared);
    assert.equal(result.outcome, 'failed');
    assert.equal(result.problem?.kind, 'disk-full');
    assert.equal(result.exitCode, undefined);
    assert.deepEqual(await lab.containers(), []);
    assert.deepEqual(await findBuilds(lab.engine), []);
  });
});

describe('a build that needs more memory than there is', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  it('says so', async () => {
    const settings = bench.settings({ dockerOptions: '--memory 64m' });
    const prepared = await bench.prepare({ configFile: await bench.config('stage-hungry'), settings });
    const { result } = await bench.build(prepared);
    assert.equal(result.outcome, 'failed');
    assert.equal(result.problem?.kind, 'out-of-memory');
    assert.match(result.failures[0]?.fix ?? '', /memory/);
    assert.equal(await bench.hasContainer(settings.containerName), false);
    assert.match(await readFile(result.logFile, 'utf8'), /about to need much/);
  });
});
