import { parseArgs } from 'node:util';
import { removeFailed } from '../build/afterwards/kept-containers';
import type { BuildEvent } from '../build/build-event';
import { defaultBuildSettings } from '../build/build-plan';
import { BuildProblemError } from '../build/build-problem';
import { runBuild as runBuildSession } from '../build/build-session';
import type { BuildResult } from '../build/build-session';
import { foundBuildProblem } from '../build/engine-errors';
import { findBuilds } from '../build/found-build';
import { prepareBuild } from '../build/prepare-build';
import type { PreparedBuild } from '../build/prepare-build';
import { joinPath } from '../pigen/path';
import { follow } from './attach';
import { closing, exitCodeOf, showEvent, tellProblem } from './build-output';
import { engineOf, placeOf } from './build-place';
import { StageTries, stageRequestOf, watchStage } from './build-stage';
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
  stage: { type: 'string' },
  from: { type: 'string' },
  export: { type: 'boolean' },
  watch: { type: 'boolean' },
} as const;

/** `pigen build`. */
export async function runBuild(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...words], options });
  const format = formatOf(values.format);
  const request = stageRequestOf(values, terminal);
  const core = new Core();
  const stages = request === undefined ? undefined : new StageTries(request, core);
  try {
    const place = await placeOf(core, values.tree, terminal);
    const engine = await engineOf(core, values.engine ?? '', terminal);
    const { machine } = await engine.info(terminal.signal);
    const prepare = async (): Promise<PreparedBuild> => {
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
      if (values.output === undefined) return prepared;
      return { ...prepared, plan: { ...prepared.plan, deployFolder: pathFrom(terminal, values.output) } };
    };
    const onEvent = (event: BuildEvent) => showEvent(event, format, core, terminal);
    const tryStage = async (tries: StageTries, signal: AbortSignal): Promise<BuildResult> => {
      const prepared = await prepare();
      const { secrets, explain } = prepared;
      const result = await tries.try(prepared, engine, { signal, secrets, explain, onEvent });
      if (format === 'pretty') await terminal.write(closing(result, terminal, request));
      return result;
    };
    if (stages !== undefined) {
      if (values.watch !== true) return exitCodeOf(await tryStage(stages, terminal.signal));
      const folder = await stages.folder(await prepare(), engine);
      await watchStage(folder, (signal) => tryStage(stages, signal), terminal);
      return 0;
    }
    const { plan, secrets, explain } = await prepare();
    const logFile = joinPath(plan.deployFolder, 'build-docker.log');
    const running = (await findBuilds(engine, place)).find((build) => build.logFile === logFile);
    if (running !== undefined) {
      if (values.attach !== true) throw new BuildProblemError(foundBuildProblem(running));
      return await follow(running, engine, core, format, terminal);
    }
    await removeFailed(engine, place, plan.container.name);
    const { signal } = terminal;
    const result = await runBuildSession(plan, engine, { signal, logFile, secrets, explain, onEvent });
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
