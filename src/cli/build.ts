import { parseArgs } from 'node:util';
import { defaultBuildSettings } from '../build/build-plan';
import type { BuildPlan } from '../build/build-plan';
import { BuildProblemError } from '../build/build-problem';
import { runBuild as runBuildSession } from '../build/build-session';
import { foundBuildProblem } from '../build/engine-errors';
import { findBuilds } from '../build/found-build';
import { prepareBuild } from '../build/prepare-build';
import { joinPath } from '../pigen/path';
import { follow } from './attach';
import { closing, exitCodeOf, showEvent, tellProblem } from './build-output';
import { engineOf, placeOf } from './build-place';
import { Core } from './core';
import { formatOf, pathFrom } from './options';
import type { ExitCode, Terminal } from './terminal';

const options = {
  format: { type: 'string' },
  tree: { type: 'string' },
  config: { type: 'string' },
  output: { type: 'string' },
  engine: { type: 'string' },
  network: { type: 'string' },
  name: { type: 'string' },
  keep: { type: 'boolean' },
  attach: { type: 'boolean' },
  trace: { type: 'string', multiple: true },
  without: { type: 'string', multiple: true },
} as const;

/** `pigen build`. */
export async function runBuild(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...words], options });
  const format = formatOf(values.format);
  const core = new Core();
  try {
    const place = await placeOf(core, values.tree, terminal);
    const engine = await engineOf(core, values.engine ?? '', terminal);
    const { machine } = await engine.info(terminal.signal);
    const prepared = await prepareBuild(
      {
        ...place,
        configFile: values.config === undefined ? undefined : pathFrom(terminal, values.config),
        settings: {
          ...defaultBuildSettings,
          network: values.network ?? '',
          containerName: values.name ?? '',
          keepContainer: values.keep ?? false,
        },
        environment: terminal.environment,
        machine,
        knownRules: core.ruleNames,
        changes: {
          trace: (values.trace ?? []).map((path) => pathFrom(terminal, path)),
          without: (values.without ?? []).map((path) => pathFrom(terminal, path)),
        },
      },
      core.fileSystem,
      await core.parser.get(),
      terminal.signal,
    );
    if (!prepared.ok) throw new BuildProblemError(prepared.problem);
    const plan: BuildPlan =
      values.output === undefined
        ? prepared.plan
        : { ...prepared.plan, deployFolder: pathFrom(terminal, values.output) };
    const logFile = joinPath(plan.deployFolder, 'build-docker.log');
    const running = (await findBuilds(engine, place)).find((build) => build.logFile === logFile);
    if (running !== undefined) {
      if (values.attach !== true) throw new BuildProblemError(foundBuildProblem(running));
      return await follow(running, engine, core, format, terminal);
    }
    const result = await runBuildSession(plan, engine, {
      signal: terminal.signal,
      logFile,
      secrets: prepared.secrets,
      explain: prepared.explain,
      onEvent: (event) => showEvent(event, format, core, terminal),
    });
    if (format === 'pretty') await terminal.write(closing(result, terminal));
    return exitCodeOf(result);
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    await tellProblem(error.problem, format, terminal);
    return 2;
  } finally {
    core.dispose();
  }
}
