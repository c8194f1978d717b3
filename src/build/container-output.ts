import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { BuildProblemError } from './build-problem';
import { problemOfError } from './engine-errors';
import { demultiplex } from './demultiplexer';
import type { ContainerState, Engine } from './engine';
import type { OutputChunk } from './lines';

/** Tries to find the engine again after the connection broke, and milliseconds before each. */
const pauses = [250, 500, 1000, 2000, 4000];

/**
 * Starts a container and gives its output until it has ended; returns how it ended. Where the connection breaks, the
 * engine's own log is read again from its beginning and what was seen already is left out, so that no byte is lost or
 * told twice. `signal` is for giving up: the stream is then let go at once.
 * Rejects with a BuildProblemError where the engine stays away.
 */
export async function* runContainer(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk, ContainerState> {
  const seen = { stdout: 0, stderr: 0 };
  let complete: boolean;
  // Attached before it starts, so that the first line is not missed.
  const attached = await engine.attach(id);
  try {
    await engine.start(id);
    complete = yield* counted(attached, seen, signal);
  } finally {
    attached.destroy();
  }
  for (let attempt = 0; ; attempt++) {
    const before = seen.stdout + seen.stderr;
    try {
      if (complete) {
        const state = await engine.inspect(id);
        if (!state.running) return state;
      }
      complete = yield* logsFrom(engine, id, seen, signal);
      if (!complete) throw lostOutput(engine);
      await engine.wait(id);
    } catch (error) {
      complete = false;
      if (seen.stdout + seen.stderr > before) attempt = 0;
      const pause = pauses[attempt];
      const lost = error instanceof BuildProblemError && lostKinds.has(error.problem.kind);
      if (!lost || pause === undefined) throw error;
      await delay(pause, undefined, { signal });
    }
  }
}

function lostOutput(engine: Engine): BuildProblemError {
  const cause = Object.assign(new Error('premature close'), { code: 'ECONNRESET' });
  return new BuildProblemError(problemOfError(cause, { action: 'follow', endpoint: engine.label }), {
    cause,
  });
}

const lostKinds: ReadonlySet<string> = new Set(['engine-lost', 'no-engine']);

async function* logsFrom(
  engine: Engine,
  id: string,
  seen: Record<OutputChunk['stream'], number>,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk, boolean> {
  const known = { ...seen };
  const stream = await engine.logs(id);
  const passed = { stdout: 0, stderr: 0 };
  try {
    // Reads to the end even where all is known already: then the container has ended.
    const output = counted(stream, passed, signal);
    for (;;) {
      const next = await output.next();
      if (next.done === true) return next.value;
      const { stream: name, bytes, frame } = next.value;
      const skipped = Math.min(bytes.length, Math.max(0, known[name] - (passed[name] - bytes.length)));
      if (skipped === bytes.length) continue;
      seen[name] += bytes.length - skipped;
      yield { stream: name, bytes: bytes.subarray(skipped), frame };
    }
  } finally {
    stream.destroy();
  }
}

/** Counts what passes. Gives whether the stream came to its end, as opposed to having broken off. */
async function* counted(
  stream: Readable,
  seen: Record<OutputChunk['stream'], number>,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk, boolean> {
  const letGo = () => {
    stream.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', letGo, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of demultiplex(stream as AsyncIterable<Uint8Array>)) {
      seen[chunk.stream] += chunk.bytes.length;
      yield chunk;
    }
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BuildProblemError) throw error;
    return false;
  } finally {
    signal.removeEventListener('abort', letGo);
  }
}
