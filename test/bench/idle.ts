import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chooseHost } from '../host/hosts.mjs';
import type { Host } from '../host/hosts.mjs';
import { bundleForHost } from './bundle-for-host';
import { makeBigTree } from './trees';

export interface IdleLoad {
  /** Share of one processor that the extension host takes while nobody does anything: with ours, and with an empty extension. */
  readonly own: number;
  readonly empty: number;
}

const stages = 1000;

/** How busy the extension host is with a tree of 1,000 stages open, checked, and left alone. */
export async function measureIdle(root: string): Promise<IdleLoad> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-idle-'));
  try {
    const tests = await bundleForHost(root, 'idle');
    const tree = await makeBigTree(path.join(folder, 'tree'), stages);
    const load = async (extension: string, id: string, findings: boolean): Promise<number> => {
      const host = await chooseHost(undefined, { extension, tests });
      return idle(host, tree, path.join(folder, `${id}.json`), id, findings);
    };
    const own = await load(root, 'pi-gen-stages.pi-gen-stages', true);
    const empty = await load(path.join(import.meta.dirname, 'empty-extension'), 'pi-gen-stages.empty', false);
    return { own, empty };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function idle(
  host: Host,
  tree: string,
  result: string,
  id: string,
  findings: boolean,
): Promise<number> {
  const env = {
    PIGEN_BENCH_RESULT: result,
    PIGEN_BENCH_EXTENSION: id,
    PIGEN_BENCH_FINDINGS: findings ? 'yes' : 'no',
  };
  const problem = await host.run({ workspace: tree, settings: {}, env });
  if (problem !== undefined) throw new Error(problem);
  return Number(JSON.parse(await readFile(result, 'utf8')));
}
