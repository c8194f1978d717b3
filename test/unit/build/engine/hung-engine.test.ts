import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { Server, Socket } from 'node:net';
import path from 'node:path';
import { openCleanUpEngine, removeOurs } from '../../../../src/build/clean-up/clean-up';
import type { CleanUpItem } from '../../../../src/build/clean-up/clean-up';
import { BuildProblemError } from '../../../../src/build/build-problem';
import type { BuildProblemKind } from '../../../../src/build/build-problem';
import type { EngineEndpoint } from '../../../../src/build/engine/engine-endpoint';
import { openInventory } from '../../../../src/build/engine/engine-inventory';
import { openEngine } from '../../../../src/build/engine/open-engine';
import { root } from '../../cli/pigen';
import { TemporaryFolder } from '../../pigen/temporary-folder';

const patience = { pause: 50, answer: 50 };

/** Stands in for an engine that hangs; a real one that is stopped is in test/engine/engine-trouble.test.ts. */
describe('an engine that takes connections and never answers', () => {
  let folder: TemporaryFolder;
  let server: Server;
  let endpoint: EngineEndpoint;
  const open = new Set<Socket>();
  const children = new Set<ChildProcess>();

  async function listen(made: Server): Promise<void> {
    server = made;
    server.on('connection', (socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.resume();
      socket.once('close', () => open.delete(socket));
    });
    const place = `${folder.path}/engine.sock`;
    endpoint = { source: 'setting', label: `unix://${place}`, address: { kind: 'socket', path: place } };
    server.listen(place);
    await once(server, 'listening');
  }

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const socket of open) socket.destroy();
    server.close();
    await folder.remove();
  });

  async function problemOf(work: Promise<unknown>, kind: BuildProblemKind): Promise<void> {
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof BuildProblemError, String(error));
      assert.equal(error.problem.kind, kind);
      assert.match(error.problem.message, /engine\.sock hangs: it takes connections, but does not answer/);
      return true;
    });
  }

  it('is told as one that hangs, whatever it is asked, and no connection stays', async () => {
    await listen(net.createServer());
    const { signal } = new AbortController();
    await problemOf((await openInventory(endpoint, patience)).describe(), 'no-engine');
    await problemOf(openCleanUpEngine(endpoint, signal, patience), 'no-engine');
    const engine = await openEngine(endpoint, patience);
    await problemOf(engine.info(), 'no-engine');
    await problemOf(engine.containers([]), 'no-engine');
    await problemOf(engine.remove('it'), 'engine-lost');
    await problemOf(engine.getArchive('it', '/', signal), 'engine-lost');
    assert.equal(await engine.answers(), false);
    while (open.size > 0) await Promise.all([...open].map((socket) => once(socket, 'close')));
  });

  it('is let go at once by whoever does not want to wait', async () => {
    await listen(net.createServer());
    const stop = new AbortController();
    const reason = new Error('enough');
    server.once('connection', () => {
      stop.abort(reason);
    });
    await assert.rejects((await openInventory(endpoint)).describe(stop.signal), reason);
    while (open.size > 0) await Promise.all([...open].map((socket) => once(socket, 'close')));
  });

  for (const command of ['clean', 'doctor', 'build'] as const) {
    it(`is let go by Ctrl-C: pigen ${command}`, async () => {
      await listen(net.createServer());
      const words = [path.join(root, 'dist/cli.js'), command, '--engine', endpoint.label];
      const child = spawn(process.execPath, words, { cwd: `${root}/test/fixtures/pi-gen`, stdio: 'ignore' });
      children.add(child);
      const ended = once(child, 'exit');
      await Promise.race([once(server, 'connection'), ended]);
      child.kill('SIGINT');
      const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
      assert.deepEqual([code, signal], [130, null]);
    });
  }

  it('is not what an engine is that only takes its time', async () => {
    let pings = 0;
    let answer: (() => void) | undefined;
    const slow = http.createServer((request, response) => {
      if (request.url === '/_ping') {
        response.end('OK');
        if (++pings === 3) answer?.();
        return;
      }
      answer = () => response.end('[]');
    });
    await listen(slow);
    assert.deepEqual(await (await openEngine(endpoint, { pause: 20, answer: 60_000 })).containers([]), []);
  });

  it('is told soon to whoever has stopped a build, and is not one that is slow, but sends what a build prints', async () => {
    let pings = 0;
    const busy = http.createServer((request, response) => {
      if (request.url?.startsWith('/containers/json') === true) response.end('[]');
      else if (request.url !== '/_ping') print(response);
      else if (pings++ === 0) setTimeout(() => response.end('OK'), 600);
    });
    await listen(busy);
    const engine = await openEngine(endpoint, { pause: 60_000, answer: 1200 });
    await engine.containers([]);
    const output = (await engine.logs('it')).resume();
    assert.equal(await engine.answers(), true);
    output.destroy();
    assert.equal(await engine.answers(), false);
    assert.equal(pings, 2);
  });

  it('is not asked again for each thing that is to be removed', async () => {
    await listen(net.createServer());
    const { signal } = new AbortController();
    const engine = await openEngine(endpoint, patience);
    let asked = 0;
    const item = (name: string): CleanUpItem => ({
      ...{ kind: 'container', engine: 'it', id: name, name, bytes: 0, detail: '', inUse: false },
      remove: () => {
        asked++;
        return engine.remove(name);
      },
    });
    const failures = await removeOurs([item('one'), item('two')], signal);
    assert.deepEqual(
      failures.map(({ item: { name }, reason }) => [name, reason.includes('hangs')]),
      [
        ['one', true],
        ['two', true],
      ],
    );
    assert.equal(asked, 1);
  });
});

/** Stands in for an engine whose containerd hangs. */
describe('an engine that answers, and never ends a container', () => {
  it('is told as one that is stuck, and no question to it stays open', async () => {
    const folder = await TemporaryFolder.create();
    const open = new Set<Socket>();
    const server = http.createServer((request, response) => {
      if (request.url === '/_ping') response.end('OK');
      else if (request.url?.endsWith('/exec') === true) {
        response.setHeader('content-type', 'application/json').end('{"Id":"run"}');
      } else if (request.url?.includes('/kill') === true) response.writeHead(204).end();
    });
    server.on('connection', (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    });
    try {
      const place = `${folder.path}/engine.sock`;
      server.listen(place);
      await once(server, 'listening');
      const address = { kind: 'socket', path: place } as const;
      const engine = await openEngine(
        { source: 'setting', label: `unix://${place}`, address },
        { pause: 10, answer: 60_000, end: 40 },
      );
      const asked = [
        () => engine.execute('it', ['true']),
        () => engine.kill('it'),
        () => engine.remove('it'),
      ];
      for (const ask of asked) {
        await assert.rejects(ask, (error) => {
          assert.ok(error instanceof BuildProblemError, String(error));
          assert.equal(error.problem.kind, 'engine-stuck');
          assert.match(
            error.problem.message,
            /answers, but has not ended the container it within 0\.\d+ seconds/,
          );
          assert.match(error.problem.wayOut, /pigen clean --force it/);
          return true;
        });
      }
      server.closeIdleConnections();
      while (open.size > 0) await Promise.all([...open].map((socket) => once(socket, 'close')));
    } finally {
      server.closeAllConnections();
      server.close();
      await folder.remove();
    }
  });
});

/** Sends something every few milliseconds. */
function print(response: http.ServerResponse): void {
  if (response.destroyed) return;
  response.write('another line\n');
  setTimeout(() => {
    print(response);
  }, 10);
}
