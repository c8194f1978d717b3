import assert from 'node:assert/strict';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { findBuilds } from '../../src/build/session/found-build';
import { Bench, engineAt } from './bench';
import { Bridge } from './bridge';

/** A way over TCP that falls silent and then breaks with an error, as one through a network that is cut. */
class Wire {
  readonly #near = new Set<Socket>();
  readonly #server: net.Server;
  #silent = false;

  constructor(engine: string) {
    this.#server = net.createServer((near) => {
      const far = net.connect(engine);
      this.#near.add(near);
      near.on('data', (bytes) => far.write(bytes)).on('error', () => far.destroy());
      near.on('close', () => this.#near.delete(near) && far.destroy());
      far.on('data', (bytes) => this.#silent || near.write(bytes)).on('error', () => near.destroy());
      far.on('close', () => this.#silent || near.end());
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  fallSilent(): void {
    this.#silent = true;
  }

  break(): void {
    for (const near of this.#near) near.resetAndDestroy();
    this.#silent = false;
  }

  close(): void {
    this.break();
    this.#server.close();
  }
}

describe('a build whose network is cut until it has ended', () => {
  it('misses none of its lines', async () => {
    const bench = await Bench.create();
    const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
    const wire = new Wire(host.slice('unix://'.length));
    try {
      const prepared = await bench.prepare({ configFile: await bench.config('stage-counting') });
      let cut: Promise<void> | undefined;
      const cutUntilItEnds = async (): Promise<void> => {
        wire.fallSilent();
        await bench.docker.getContainer(prepared.plan.container.name).wait();
        wire.break();
      };
      const { result, events } = await bench.build(prepared, {
        engine: await engineAt(await wire.listen()),
        onEvent: (event) => {
          if (event.event === 'line' && event.text === 'counted 5') cut ??= cutUntilItEnds();
        },
      });
      await cut;
      assert.equal(result.outcome, 'succeeded');
      const counted = events.flatMap((event) =>
        event.event === 'line' && event.text.startsWith('counted ') ? [event.text] : [],
      );
      assert.deepEqual(
        counted,
        Array.from({ length: 40 }, (_, index) => `counted ${index + 1}`),
      );
    } finally {
      wire.close();
      await bench.dispose();
    }
  });
});

describe('a build whose connection to the engine breaks', () => {
  let bench: Bench;
  let bridge: Bridge;
  beforeEach(async () => {
    bench = await Bench.create();
    const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
    const place = `${bench.folder.path}/bridge.sock`;
    bridge = new Bridge(place, host.slice('unix://'.length));
    await bridge.listen();
  });
  afterEach(async () => {
    await bridge.close();
    await bench.dispose();
  });

  const prepare = async () => bench.prepare({ configFile: await bench.config('stage-counting') });

  it('goes on without a gap and without a repeated line', async () => {
    const engine = await engineAt(`unix://${bench.folder.path}/bridge.sock`);
    let cuts = 0;
    const { result, events } = await bench.build(await prepare(), {
      engine,
      onEvent: (event) => {
        if (event.event === 'line' && /^counted (?:5|17|30)$/.test(event.text)) {
          cuts++;
          bridge.cut();
        }
      },
    });
    assert.equal(cuts, 3);
    assert.deepEqual(result.failures, []);
    assert.equal(result.outcome, 'succeeded');
    const counted = events.flatMap((event) =>
      event.event === 'line' && event.text.startsWith('counted ') ? [Number(event.text.slice(8))] : [],
    );
    const said = events.flatMap((event) =>
      event.event === 'line' && event.stream === 'engine' ? [event.text] : [],
    );
    const lost = said.filter((text) => text.includes('was lost. The build may go on there'));
    assert.ok(lost.length > 0);
    assert.equal(said.filter((text) => text.includes('answers again')).length, lost.length);
    assert.deepEqual(
      counted,
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
  });

  it('says that the engine is gone where it stays away, and leaves the build to go on', async () => {
    const engine = await engineAt(`unix://${bench.folder.path}/bridge.sock`);
    const prepared = await prepare();
    const { name } = prepared.plan.container;
    const { result, log } = await bench.build(prepared, {
      engine,
      reconnectPauses: [50, 50],
      onEvent: async (event) => {
        if (event.event === 'line' && event.text === 'counted 5') await bridge.close();
      },
    });
    assert.equal(result.outcome, 'failed');
    assert.equal(result.problem?.kind, 'engine-lost');
    assert.match(result.problem.message, new RegExp(name));
    assert.equal(result.containerLeft, name);
    assert.match(log, /counted 5/);
    const [build] = await findBuilds(bench.engine, { treeRoot: bench.tree });
    assert.equal(build?.plan.container.name, name);
    const { result: collected } = await bench.attach(build);
    assert.equal(collected.outcome, 'succeeded');
    assert.equal(await bench.hasContainer(name), false);
  });
});
