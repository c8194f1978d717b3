import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

/** Runs a Node program, which may end with 1, and answers what it took: seconds, and MiB of memory at most. */
export async function runMeasured(
  words: readonly string[],
): Promise<{ readonly seconds: number; readonly memory: number }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-measured-'));
  try {
    const memory = path.join(folder, 'memory');
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      const options = {
        env: { ...process.env, PIGEN_BENCH_MEMORY: memory },
        maxBuffer: 1024 * 1024 * 1024,
      };
      const helper = path.join(import.meta.dirname, 'report-memory.mjs');
      execFile(process.execPath, ['--import', helper, ...words], options, (error) => {
        if (error === null || error.code === 1) resolve();
        else reject(new Error(error.message));
      });
    });
    const seconds = (performance.now() - start) / 1000;
    return { seconds, memory: Number(await readFile(memory, 'utf8')) / 1024 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
