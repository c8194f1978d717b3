import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { BuildProblemError } from '../build-problem';
import { problemOfError } from '../engine/engine-errors';
import type { EngineAction } from '../engine/engine-errors';
import { demultiplex } from '../engine/demultiplexer';
import type { ContainerState, Engine } from '../engine/engine';
import { advanced, outputStart } from './lines';
import type { OutputChunk, OutputPosition, OutputStream, StreamPosition } from './lines';

/**
 * Tries to find the engine again after the connection broke, and milliseconds before each: a minute in all, since an
 * engine that is restarted first gives its containers ten seconds each to end.
 */
export const usualPauses: readonly number[] = [250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000];

export interface FollowOptions {
  /** For giving up: the stream is then let go at once. */
  readonly signal: AbortSignal;
  /** Milliseconds before each try to find a lost engine again. */
  readonly pauses?: readonly number[] | undefined;
  /** The engine was lost, or is there again. */
  readonly onConnection?: ((told: string) => void | Promise<void>) | undefined;
}

export interface StartOptions extends FollowOptions {
  /** What the container reads, if it takes any. */
  readonly input?: Uint8Array | undefined;
}

/**
 * Starts a container and gives its output until it has ended; returns how it ended. Where the connection breaks, the
 * engine's own log is read again from its beginning and what was seen already is left out, so that nothing is lost or
 * told twice. Rejects with a BuildProblemError where the engine stays away.
 */
export async function* runContainer(
  engine: Engine,
  id: string,
  options: StartOptions,
): AsyncGenerator<OutputChunk, ContainerState> {
  const seen: Seen = { ...outputStart };
  let complete: boolean;
  // Attached before it starts, so that the first line is not missed.
  const attached = await engine.attach(id, options.input);
  try {
    await engine.start(id);
    complete = yield* counted(attached, seen, options.signal);
  } finally {
    attached.destroy();
  }
  return yield* follow(engine, id, seen, complete, options);
}

/** As runContainer, of a container that was started before, from a place in its output on. */
export async function* followContainer(
  engine: Engine,
  id: string,
  from: OutputPosition,
  options: FollowOptions,
): AsyncGenerator<OutputChunk, ContainerState> {
  return yield* follow(engine, id, { ...from }, false, options);
}

/** How far each stream was given out. */
type Seen = Record<OutputStream, StreamPosition>;

async function* follow(
  engine: Engine,
  id: string,
  seen: Seen,
  attachedToItsEnd: boolean,
  { signal, pauses = usualPauses, onConnection }: FollowOptions,
): AsyncGenerator<OutputChunk, ContainerState> {
  let complete = attachedToItsEnd;
  // An engine that hangs takes its time for each try.
  const budget = pauses.reduce((sum, pause) => sum + pause, 0);
  let lostAt = performance.now();
  let away = false;
  const found = async (): Promise<void> => {
    if (away) await onConnection?.(`The Docker engine at ${engine.label} answers again.`);
    away = false;
  };
  for (let attempt = 0; ; attempt++) {
    const before = { ...seen };
    try {
      if (complete) {
        const state = await engine.inspect(id);
        await found();
        if (!state.running) return state;
      }
      complete = yield* logsFrom(engine, id, seen, signal, found);
      if (!complete) throw lostOutput(engine);
      await engine.wait(id);
    } catch (error) {
      complete = false;
      if (seen.stdout !== before.stdout || seen.stderr !== before.stderr) attempt = 0;
      if (attempt === 0) lostAt = performance.now();
      const pause = pauses[attempt];
      const lost = error instanceof BuildProblemError && lostKinds.has(error.problem.kind);
      if (!lost || pause === undefined || performance.now() - lostAt > budget) throw error;
      if (!away) {
        away = true;
        const words = `The connection to the Docker engine at ${engine.label} was lost. The build may go on there: looking for it again…`;
        await onConnection?.(words);
      }
      await delay(pause, undefined, { signal });
    }
  }
}

/** A stream that ended before its end. */
export function lostOutput(engine: Engine, action: EngineAction = 'follow'): BuildProblemError {
  const cause = Object.assign(new Error('premature close'), { code: 'ECONNRESET' });
  return new BuildProblemError(problemOfError(cause, { action, endpoint: engine.label }), { cause });
}

const lostKinds: ReadonlySet<string> = new Set(['engine-lost', 'no-engine']);

async function* logsFrom(
  engine: Engine,
  id: string,
  seen: Seen,
  signal: AbortSignal,
  onOpen: () => Promise<void>,
): AsyncGenerator<OutputChunk, boolean> {
  const known = { stdout: { ...seen.stdout }, stderr: { ...seen.stderr } };
  const stream = await engine.logs(id);
  try {
    await onOpen();
    // Reads to the end even where all is known already: then the container has ended.
    const output = pieces(stream, signal);
    for (;;) {
      const next = await output.next();
      if (next.done === true) return next.value;
      const chunk = next.value;
      const bytes = afterKnown(chunk.bytes, known[chunk.stream]);
      if (bytes.length === 0) continue;
      seen[chunk.stream] = advanced(seen[chunk.stream], bytes);
      yield { ...chunk, bytes };
    }
  } finally {
    stream.destroy();
  }
}

/** What of a chunk lies behind a place; `known` is what of the stream up to that place is still to come. */
function afterKnown(bytes: Uint8Array, known: { lines: number; rest: number }): Uint8Array {
  let at = 0;
  while (known.lines > 0) {
    const end = bytes.indexOf(newline, at);
    if (end < 0) return bytes.subarray(bytes.length);
    at = end + 1;
    known.lines--;
  }
  const passed = Math.min(known.rest, bytes.length - at);
  known.rest -= passed;
  return bytes.subarray(at + passed);
}

const newline = 0x0a;

/** Counts what passes. Gives whether the stream came to its end, as opposed to having broken off. */
async function* counted(
  stream: Readable,
  seen: Seen,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk, boolean> {
  const output = pieces(stream, signal);
  for (;;) {
    const next = await output.next();
    if (next.done === true) return next.value;
    seen[next.value.stream] = advanced(seen[next.value.stream], next.value.bytes);
    yield next.value;
  }
}

/** The chunks of a multiplexed stream. Gives whether it came to its end, as opposed to having broken off. */
async function* pieces(stream: Readable, signal: AbortSignal): AsyncGenerator<OutputChunk, boolean> {
  const letGo = () => {
    stream.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', letGo, { once: true });
  try {
    signal.throwIfAborted();
    yield* demultiplex(stream as AsyncIterable<Uint8Array>);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BuildProblemError) throw error;
    return false;
  } finally {
    signal.removeEventListener('abort', letGo);
  }
}
