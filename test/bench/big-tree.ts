import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { NodeFileSystem } from '../../src/pigen/files/node-file-system';
import { OverlayFileSystem } from '../../src/pigen/files/overlay-file-system';
import { Checker } from '../../src/rules/checker';
import { lazyBashParser } from '../../src/shell/lazy-bash-parser';
import { runMeasured } from './run-measured';
import { bigStageName, makeBigTree } from './trees';

export interface BigTreeTimes {
  readonly stages: number;
  /** Of `pigen check` as a process. */
  readonly seconds: number;
  /** At most, in MiB. */
  readonly memory: number;
  /** Time for the whole tree against that for a quarter of its stages. */
  readonly growth: number;
  /** Of a whole check after one edit of one script, in milliseconds. */
  readonly editMedian: number;
  readonly editP95: number;
}

const stages = 1000;
const edits = 60;
const warmUp = 20;

/** Checks a tree of 1,000 stages and 10,000 scripts as the command does, and then as the editor does while one script is typed in. */
export async function measureBigTree(cli: string): Promise<BigTreeTimes> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-big-'));
  try {
    const quarter = await makeBigTree(path.join(folder, 'quarter'), stages / 4);
    const whole = await makeBigTree(path.join(folder, 'whole'), stages);
    // Once for the disk's cache, and for the code's.
    await runMeasured([cli, 'check', '--no-shellcheck', whole]);
    const small = await runMeasured([cli, 'check', '--no-shellcheck', quarter]);
    const big = await runMeasured([cli, 'check', '--no-shellcheck', whole]);
    return {
      stages,
      seconds: big.seconds,
      memory: big.memory,
      growth: big.seconds / small.seconds,
      ...(await typeInto(whole)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function typeInto(tree: string): Promise<{ editMedian: number; editP95: number }> {
  const disk = new NodeFileSystem();
  const parser = lazyBashParser(disk, path.resolve(import.meta.dirname, '../../dist'));
  const texts = new Map<string, string>();
  const checker = new Checker({ fs: new OverlayFileSystem(disk, texts), parser: parser.get });
  try {
    const script = path.join(tree, bigStageName(stages / 2), '00-part/01-run.sh');
    let text = await readFile(script, 'utf8');
    await checker.checkTree(tree);
    const times: number[] = [];
    for (let i = 0; i < edits + warmUp; i++) {
      text += i % 10 === 0 ? '\necho ' : 'x';
      texts.set(script, text);
      const start = performance.now();
      await checker.checkTree(tree, { changed: new Set([script]) });
      if (i >= warmUp) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
    return { editMedian: at(0.5), editP95: at(0.95) };
  } finally {
    checker.dispose();
    parser.dispose();
  }
}
