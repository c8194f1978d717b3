import { createReadStream } from 'node:fs';
import type { LogRecorder } from './log-recorder';

/**
 * Tells the first `bytes` of a log on disk again. Steps get the times that their stamps in the log say.
 * A log that is gone tells nothing. Rejects where `signal` is aborted, with its reason, or where an event's receiver throws.
 */
export async function replayLog(
  logFile: string,
  bytes: number,
  recorder: LogRecorder,
  signal: AbortSignal,
): Promise<void> {
  if (bytes === 0) return;
  for await (const line of linesOf(logFile, bytes)) {
    signal.throwIfAborted();
    await recorder.replay(line);
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
