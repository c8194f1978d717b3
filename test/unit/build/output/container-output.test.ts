import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { BuildProblemError } from '../../../../src/build/build-problem';
import { runContainer } from '../../../../src/build/output/container-output';
import type { Engine } from '../../../../src/build/engine/engine';

const unused = () => Promise.reject(new Error('not part of this'));

/**
 * An engine whose connections break: `cuts` are the numbers of bytes that each one gives before it does; the one after
 * the last gives all.
 */
function brokenEngine(whole: Buffer, cuts: readonly number[]): Engine {
  let connection = 0;
  const connect = () => {
    const limit = cuts[connection++] ?? whole.length;
    const pieces = function* () {
      yield whole.subarray(0, limit);
      if (limit < whole.length) throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    };
    return Promise.resolve(Readable.from(pieces()));
  };
  return {
    label: 'test',
    answers: () => Promise.resolve(true),
    info: unused,
    buildImage: () => {
      throw new Error('not part of this');
    },
    findImage: unused,
    ensureVolume: unused,
    removeVolume: unused,
    createContainer: unused,
    putArchive: unused,
    attach: connect,
    start: () => Promise.resolve(),
    logs: connect,
    inspect: () => Promise.resolve({ running: false, exitCode: 3, outOfMemory: false }),
    containers: unused,
    environment: unused,
    details: unused,
    openHelper: unused,
    wait: () => Promise.resolve(),
    execute: unused,
    hasPath: unused,
    getArchive: unused,
    kill: unused,
    remove: unused,
  };
}

function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

async function read(engine: Engine): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const seen = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const output = runContainer(engine, 'id', { signal: new AbortController().signal });
  for (;;) {
    const next = await output.next();
    if (next.done === true) {
      const text = (chunks: readonly Uint8Array[]) => Buffer.concat(chunks).toString();
      return { stdout: text(seen.stdout), stderr: text(seen.stderr), exitCode: next.value.exitCode };
    }
    seen[next.value.stream].push(next.value.bytes);
  }
}

describe('a container whose connection breaks', () => {
  it('is followed without a gap and without a repeated byte', async () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1 as const, 2 as const), fc.string({ maxLength: 30 })));
    await fc.assert(
      fc.asyncProperty(frames, fc.nat(300), async (written, limit) => {
        const whole = Buffer.concat(written.map(([stream, text]) => frame(stream, text)));
        const found = await read(brokenEngine(whole, limit < whole.length ? [limit] : []));
        const expected = (stream: 1 | 2) =>
          written
            .filter(([one]) => one === stream)
            .map(([, text]) => text)
            .join('');
        assert.deepEqual(found, { stdout: expected(1), stderr: expected(2), exitCode: 3 });
      }),
      { numRuns: 100 },
    );
  });

  it('is a problem where the engine refuses', async () => {
    const refusing: Engine = {
      ...brokenEngine(Buffer.alloc(0), []),
      start: () =>
        Promise.reject(
          new BuildProblemError({ kind: 'privileged-refused', message: 'not allowed', wayOut: 'ask' }),
        ),
    };
    await assert.rejects(read(refusing), { message: 'not allowed' });
  });

  it('is let go where the build is given up', async () => {
    const stop = new AbortController();
    const silent = {
      ...brokenEngine(Buffer.alloc(0), []),
      attach: () => Promise.resolve(new Readable({ read: () => undefined })),
    };
    const next = runContainer(silent, 'id', { signal: stop.signal }).next();
    setImmediate(() => {
      stop.abort();
    });
    await assert.rejects(next, { name: 'AbortError' });
  });
});
