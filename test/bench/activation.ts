import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chooseHost } from '../host/hosts.mjs';
import type { Host } from '../host/hosts.mjs';
import { bundleForHost } from './bundle-for-host';

export interface ActivationTimes {
  readonly rounds: number;
  /** Medians in milliseconds, loading the bundle included: ours, and that of an extension that does nothing. */
  readonly own: number;
  readonly empty: number;
}

const rounds = 5;

/**
 * Activates the built extension in so many fresh VS Code hosts, each time for the first time, and in turns with it an empty
 * one: most of the time is the host's own, which asks the workbench for things of its own before it calls anybody.
 */
export async function measureActivation(root: string): Promise<ActivationTimes> {
  const tests = await bundleForHost(root, 'activation');
  const own = await chooseHost(undefined, { extension: root, tests });
  const empty = await chooseHost(undefined, {
    extension: path.join(import.meta.dirname, 'empty-extension'),
    tests,
  });
  const times: { own: number[]; empty: number[] } = { own: [], empty: [] };
  for (let round = 0; round < rounds; round++) {
    times.own.push(await activate(own, 'pi-gen-stages.pi-gen-stages'));
    times.empty.push(await activate(empty, 'pi-gen-stages.empty'));
  }
  return { rounds, own: median(times.own), empty: median(times.empty) };
}

async function activate(host: Host, extension: string): Promise<number> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-activation-'));
  try {
    // Nothing in it wakes the extension: the time is that of the activation asked for.
    const workspace = path.join(folder, 'workspace');
    await mkdir(workspace);
    const result = path.join(folder, 'result.json');
    const env = { PIGEN_BENCH_RESULT: result, PIGEN_BENCH_EXTENSION: extension };
    const problem = await host.run({ workspace, settings: {}, env });
    if (problem !== undefined) throw new Error(problem);
    return Number(JSON.parse(await readFile(result, 'utf8')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
