import { parseArgs } from 'node:util';
import { compareKeptStage, compareStage } from '../build/afterwards/compare-stage';
import type { StageComparison } from '../build/afterwards/comparison';
import { comparisonText } from '../build/afterwards/comparison-text';
import { nothingKept } from '../build/afterwards/kept-containers';
import { BuildProblemError } from '../build/build-problem';
import type { LookPlace } from '../build/rootfs/look-place';
import type { LookScripts } from '../build/rootfs/rootfs-scripts';
import { nothingKeptOf } from '../build/rootfs/stage-shell';
import { Core } from './core';
import { engineOptions } from './engine-option';
import { findKeptPlace } from './look-place';
import { formatOf } from './options';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

const options = {
  format: { type: 'string' },
  tree: { type: 'string' },
  ...engineOptions,
  name: { type: 'string' },
} as const;

/** `pigen compare`. */
export async function runCompare(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const format = formatOf(values.format);
  const [stage, ...others] = positionals;
  if (stage === undefined || others.length > 0) throw new UsageError('Name one stage to compare.');
  const core = new Core();
  try {
    const { place, scripts } = await findKeptPlace(core, values, terminal);
    const comparison = await compared(place, stage, values.name, scripts, terminal.signal);
    await terminal.write(format === 'json' ? `${JSON.stringify(comparison)}\n` : comparisonText(comparison));
    return 0;
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    terminal.complain(`pigen: ${error.problem.message}\n${error.problem.wayOut}`);
    return 2;
  } finally {
    core.dispose();
  }
}

/** Of the container that is named, else of whichever is later: what the stage loop keeps, or the last container. */
async function compared(
  { engine, ended, volume, stages }: LookPlace,
  stage: string,
  name: string | undefined,
  scripts: LookScripts,
  signal: AbortSignal,
): Promise<StageComparison> {
  const build = ended.find(({ plan }) => (name ?? plan.container.name) === plan.container.name);
  const tried = stages.find((one) => one.stage === stage && one.state !== 'failed');
  const isLater = build === undefined || (tried !== undefined && tried.kept > Date.parse(build.began));
  if (name === undefined && volume !== undefined && tried !== undefined && isLater) {
    return compareKeptStage(engine, { ...volume, ...tried }, scripts, signal);
  }
  if (build === undefined)
    throw name === undefined ? nothingKeptOf(stage) : new BuildProblemError(nothingKept);
  return compareStage(engine, build, stage, scripts.compare, signal);
}
