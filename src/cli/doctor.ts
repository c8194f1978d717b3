import { parseArgs } from 'node:util';
import { defaultBuildSettings } from '../build/plan/build-plan';
import { BuildProblemError } from '../build/build-problem';
import type { BuildProblem } from '../build/build-problem';
import type { EngineEndpoint } from '../build/engine/engine-endpoint';
import { prepareBuild } from '../build/plan/prepare-build';
import type { PreparedBuildResult } from '../build/plan/prepare-build';
import type { PreflightFacts } from '../build/preflight/facts';
import { judge, willFail } from '../build/preflight/judge';
import { markdownReport, summary } from '../build/preflight/report';
import type { CheckVerdict, VerdictState } from '../build/preflight/verdict';
import { placeOf } from './build-place';
import { Core } from './core';
import { endpointOf, engineOptions } from './engine-option';
import type { EngineOptions } from './engine-option';
import { oneOf, pathFrom } from './options';
import { preflightFacts } from './preflight';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

const options = {
  format: { type: 'string' },
  tree: { type: 'string' },
  config: { type: 'string' },
  ...engineOptions,
  pull: { type: 'boolean' },
} as const;

/** `pigen doctor`. */
export async function runDoctor(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...words], options });
  const format = oneOf('--format', values.format, ['pretty', 'json', 'markdown'], 'pretty');
  const core = new Core();
  try {
    const request = {
      endpoint: await engineOrProblem(core, values, terminal),
      prepare: await preparation(core, values, terminal),
      ...(values.pull === true
        ? {
            pull: (image: string) => {
              terminal.complain(`fetching ${image} to look into the engine's machine`);
              return Promise.resolve(true);
            },
          }
        : {}),
    };
    const facts = await preflightFacts(request, core, terminal);
    const verdicts = judge(facts);
    await terminal.write(written(format, facts, verdicts, terminal));
    return willFail(verdicts) ? 1 : 0;
  } finally {
    core.dispose();
  }
}

async function engineOrProblem(
  core: Core,
  options: EngineOptions,
  terminal: Terminal,
): Promise<EngineEndpoint | BuildProblem> {
  try {
    return await endpointOf(core, options, terminal);
  } catch (error) {
    if (error instanceof BuildProblemError) return error.problem;
    throw error;
  }
}

/** Undefined where there is nothing here to build: then only the engine is looked at. */
async function preparation(
  core: Core,
  values: { readonly tree?: string; readonly config?: string },
  terminal: Terminal,
): Promise<((machine: string) => Promise<PreparedBuildResult>) | undefined> {
  const configFile = values.config === undefined ? undefined : pathFrom(terminal, values.config);
  try {
    const place = await placeOf(core, values.tree, terminal);
    const parser = await core.parser.get();
    return (machine) =>
      prepareBuild(
        { ...place, configFile, settings: defaultBuildSettings, environment: terminal.environment, machine },
        core.fileSystem,
        parser,
        terminal.signal,
      );
  } catch (error) {
    if (error instanceof UsageError && configFile === undefined) return undefined;
    throw error;
  }
}

function written(
  format: 'pretty' | 'json' | 'markdown',
  facts: PreflightFacts,
  verdicts: readonly CheckVerdict[],
  terminal: Terminal,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ version: 1, checks: verdicts.map(verdictJson), facts })}\n`;
    case 'markdown':
      return markdownReport(facts, verdicts);
    case 'pretty':
      return `${prettyVerdicts(verdicts, terminal)}\n${summary(verdicts)}\n`;
  }
}

function verdictJson({ check, state, message, fix }: CheckVerdict): object {
  return { check, state, message, fix: fix ?? null };
}

const marks: Record<VerdictState, { readonly word: string; readonly colour: number }> = {
  fine: { word: 'ok', colour: 32 },
  warning: { word: 'warning', colour: 33 },
  fail: { word: 'fails', colour: 31 },
  unknown: { word: 'not known', colour: 36 },
};

/** One line for each check, its fix below. */
export function prettyVerdicts(verdicts: readonly CheckVerdict[], terminal: Terminal): string {
  const lines = verdicts.flatMap(({ state, title, message, fix }) => {
    const { word, colour } = marks[state];
    const padded = word.padEnd(9);
    const mark = terminal.colour ? `\u001b[${colour}m${padded}\u001b[0m` : padded;
    return [`${mark}  ${title}: ${message}`, ...(fix === undefined ? [] : [`           ${fix}`])];
  });
  return `${lines.join('\n')}\n`;
}
