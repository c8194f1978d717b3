import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { chooseHost } from '../host/hosts.mjs';

export interface ActivationTimes {
  readonly rounds: number;
  /** Milliseconds, loading the bundle included. */
  readonly median: number;
  readonly worst: number;
}

const rounds = 5;

/** Activates the built extension in so many fresh VS Code hosts, each time for the first time. */
export async function measureActivation(root: string): Promise<ActivationTimes> {
  const tests = path.join(root, 'out/bench/activation.js');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'activation-in-host.ts')],
    outfile: tests,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  const host = await chooseHost(undefined, { extension: root, tests });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-activation-'));
  try {
    // Nothing in it wakes the extension: the time is that of the activation asked for.
    const workspace = path.join(folder, 'empty');
    await mkdir(workspace);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const result = path.join(folder, `${round}.json`);
      const problem = await host.run({ workspace, settings: {}, env: { PIGEN_BENCH_RESULT: result } });
      if (problem !== undefined) throw new Error(problem);
      times.push(Number(JSON.parse(await readFile(result, 'utf8'))));
    }
    times.sort((a, b) => a - b);
    return { rounds, median: times[rounds >> 1] ?? Number.NaN, worst: times.at(-1) ?? Number.NaN };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
