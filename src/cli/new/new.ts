import { parseArgs } from 'node:util';
import { formatOf } from '../options';
import type { ExitCode, Terminal } from '../terminal';
import { UsageError } from '../terminal';
import type { NewOptions } from './new-options';
import { newOptions } from './new-options';
import { Core } from '../core';
import { makeConfig, makeWorkflow } from './new-file';
import { makeStage } from './new-stage';
import { makeStep } from './new-step';
import { makeSubStage } from './new-sub-stage';
import { listTemplates } from './templates';

type Make = (core: Core, names: readonly string[], options: NewOptions, terminal: Terminal) => Promise<void>;

const makers: Readonly<Record<string, Make>> = {
  stage: makeStage,
  'sub-stage': makeSubStage,
  step: makeStep,
  config: makeConfig,
  workflow: makeWorkflow,
  templates: listTemplates,
};

/** `pigen new stage|sub-stage|step|config|workflow|templates …`. */
export async function runNew(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: newOptions,
  });
  const [what, ...names] = positionals;
  const make = what !== undefined && Object.hasOwn(makers, what) ? makers[what] : undefined;
  if (make === undefined) {
    throw new UsageError(
      `new makes one of ${Object.keys(makers).slice(0, -1).join(', ')}, as in 'pigen new stage NAME'; 'pigen new templates' lists templates.`,
    );
  }
  formatOf(values.format);
  const core = new Core();
  try {
    await make(core, names, values, terminal);
    return 0;
  } finally {
    core.dispose();
  }
}
