import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chooseHost } from '../host/hosts.mjs';
import { bundleForHost } from './bundle-for-host';
import type { Remains } from './leaks-in-host';
import { makeBigTree } from './trees';

export interface Leaks {
  readonly rounds: number;
  /** What is left of each further round, with ours and with an extension that does nothing: bytes, and closed documents in all. */
  readonly own: Left;
  readonly empty: Left;
}

interface Left {
  readonly bytes: number;
  readonly documents: number;
}

const rounds = 1000;
const stages = 4;
/** Milliseconds for all rounds of one host. */
const limit = 1_800_000;

/** Opens, edits and closes scripts so many times in a real editor, each time until the mistake typed in was found. */
export async function measureLeaks(root: string): Promise<Leaks> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-leaks-'));
  try {
    const tests = await bundleForHost(root, 'leaks');
    const tree = await makeBigTree(path.join(folder, 'tree'), stages);
    const left = async (extension: string, id: string, findings: boolean): Promise<Left> => {
      const result = path.join(folder, `${id}.json`);
      const host = await chooseHost(undefined, { extension, tests });
      const problem = await host.run({
        workspace: tree,
        // No pause after a key press; ShellCheck, a process each time, would have most of the time.
        settings: { 'pi-gen.diagnostics.delay': 0, 'pi-gen.shellcheck.enable': false },
        env: {
          PIGEN_BENCH_RESULT: result,
          PIGEN_BENCH_EXTENSION: id,
          PIGEN_BENCH_FINDINGS: findings ? 'yes' : 'no',
          PIGEN_BENCH_ROUNDS: String(rounds),
        },
        limit,
      });
      if (problem !== undefined) throw new Error(problem);
      return leftOf(JSON.parse(await readFile(result, 'utf8')) as readonly Remains[]);
    };
    const own = await left(root, 'pi-gen-stages.pi-gen-stages', true);
    const empty = await left(path.join(import.meta.dirname, 'empty-extension'), 'pi-gen-stages.empty', false);
    return { rounds, own, empty };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The slope of the least squares through the second half: what grows then is neither compiled code nor a cache that fills. */
function leftOf(remains: readonly Remains[]): Left {
  const half = remains.slice(Math.floor(remains.length / 2));
  const middle = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const round = middle(half.map((one) => one.round));
  const bytes = middle(half.map((one) => one.bytes));
  const above = half.reduce((sum, one) => sum + (one.round - round) * (one.bytes - bytes), 0);
  const below = half.reduce((sum, one) => sum + (one.round - round) ** 2, 0);
  return { bytes: above / below, documents: remains.at(-1)?.documents ?? Number.NaN };
}
