import { createReadStream } from 'node:fs';
import type { LogRecorder } from './log-recorder';

/**
 * Tells the first `bytes` of a log on disk again. Steps get the times that their stamps in the log say.
 * A log that is gone tells nothing. Rejects where `signal` is aborted, with its reason, or where an event's receiver throws.
 *
 * @param began when the build began, ISO 8601
 */
export async function replayLog(
  logFile: string,
  bytes: number,
  began: string,
  recorder: LogRecorder,
  signal: AbortSignal,
): Promise<void> {
  if (bytes === 0) return;
  const clock = stampClock(began);
  for await (const line of linesOf(logFile, bytes)) {
    signal.throwIfAborted();
    await recorder.replay(line, clock);
  }
}

async function* linesOf(logFile: string, bytes: number): AsyncGenerator<string> {
  let rest = '';
  const stream = createReadStream(logFile, { encoding: 'utf8', end: bytes - 1 });
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    // split() gives one element at least
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

const daySeconds = 86_400;
const hourSeconds = 3600;
/** Seconds by which a stamp may be before the beginning: it is cut to the second, and two machines' clocks are apart. */
const slack = 60;

/**
 * Turns stamps, seconds since the midnight before the log's first one by the container's clock, into milliseconds of
 * performance.now(). Containers count in UTC; that one does not is told by a stamp after now, and its zone then taken for
 * one of whole hours.
 */
function stampClock(began: string): (stamp: number) => number {
  const start = Date.parse(began) / 1000;
  if (Number.isNaN(start)) return (stamp) => stamp * 1000;
  const ago = Date.now() / 1000 - start;
  return (stamp) => {
    const since = secondsAfter(stamp - start, daySeconds);
    const after = since <= ago ? since : Math.min(secondsAfter(since, hourSeconds), ago);
    return performance.now() - (ago - after) * 1000;
  };
}

/** What is left of a time beyond whole days, or hours; nothing, where it is just before one. */
function secondsAfter(time: number, whole: number): number {
  const rest = ((time % whole) + whole) % whole;
  return rest > whole - slack ? 0 : rest;
}
