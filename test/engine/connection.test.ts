import assert from 'node:assert/strict';
import net from 'node:net';
import type { Socket } from 'node:net';
import { findBuilds } from '../../src/build/session/found-build';
import { Bench, engineAt } from './bench';

/** A way to the engine that can be cut. */
class Bridge {
  readonly #open = new Set<Socket>();
  readonly #server: net.Server;

  constructor(
    private readonly place: string,
    engine: string,
  ) {
    this.#server = net.createServer((near) => {
      const far = net.connect(engine);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#open.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#open.delete(from);
          to.destroy();
        });
      }
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.place, resolve));
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

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
