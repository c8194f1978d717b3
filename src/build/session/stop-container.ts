import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '../engine/engine';

/** Milliseconds that a stopped build has to undo its mounts before it is ended by force. */
export const usualStopPatience = 10_000;

/**
 * Asks every process of the container to end, as Ctrl-C would: build.sh's trap then undoes its mounts and lets loop
 * devices go. (The container's first process has no handler, and the kernel keeps signals without one from it.)
 * Resolves when `ended` is aborted, or the time is up: who is still there has to be ended by force. Gives whether the engine answers.
 * Never rejects.
 */
export async function askToEnd(
  engine: Engine,
  container: string,
  ended: AbortSignal,
  patience = usualStopPatience,
): Promise<boolean> {
  if (!(await engine.answers())) return false;
  try {
    await whileItAnswers(engine, engine.execute(container, ['bash', '-c', 'kill -TERM -1']));
    await delay(patience, undefined, { signal: ended });
  } catch {
    // It has ended already, was not started yet, or the engine lets nobody in: ended by force then.
  }
  return ended.aborted || engine.answers();
}

/** Milliseconds between two questions whether the engine is there. */
const askInterval = 1000;

/** Gives what `work` comes to: an engine that begins to hang meanwhile breaks it off by that it does not answer. */
async function whileItAnswers<Result>(engine: Engine, work: Promise<Result>): Promise<Result> {
  const over = new AbortController();
  const ask = async (): Promise<void> => {
    do await delay(askInterval, undefined, { signal: over.signal });
    while (await engine.answers());
  };
  ask().catch(() => undefined);
  try {
    return await work;
  } finally {
    over.abort();
  }
}
