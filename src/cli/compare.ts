import { parseArgs } from 'node:util';
import { compareStage } from '../build/afterwards/compare-stage';
import { comparisonText } from '../build/afterwards/comparison-text';
import { findKept, nothingKept } from '../build/afterwards/kept-containers';
import { BuildProblemError } from '../build/build-problem';
import { joinPath } from '../pigen/path';
import { searchOf } from './build-place';
import { Core } from './core';
import { engineOf } from './engine-option';
import { formatOf } from './options';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

const options = {
  format: { type: 'string' },
  tree: { type: 'string' },
  engine: { type: 'string' },
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
    const search = await searchOf(core, values.tree, terminal);
    const engine = await engineOf(core, values.engine ?? '', terminal);
    const builds = await findKept(engine, search);
    const kept = builds.find(({ plan }) => (values.name ?? plan.container.name) === plan.container.name);
    if (kept === undefined) throw new BuildProblemError(nothingKept);
    const script = await core.readText(joinPath(core.folder, 'compare-stage.sh'));
    const comparison = await compareStage(engine, kept, stage, script ?? '', terminal.signal);
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
