import os from 'node:os';
import { parseArgs } from 'node:util';
import type { BuildEvent } from '../build/build-event';
import { defaultBuildSettings } from '../build/build-plan';
import type { BuildProblem, BuildProblemKind } from '../build/build-problem';
import { BuildProblemError } from '../build/build-problem';
import { runBuild as runBuildSession } from '../build/build-session';
import type { BuildResult } from '../build/build-session';
import type { Engine } from '../build/engine';
import { openEngine } from '../build/engine';
import { resolveEngineEndpoint } from '../build/engine-endpoint';
import { prepareBuild } from '../build/prepare-build';
import type { PreparedBuild } from '../build/prepare-build';
import type { StageRequest } from '../build/stage-loop/prepare-stage';
import { discoverTrees, findTree } from '../pigen/discover';
import { joinPath } from '../pigen/path';
import { StageTries, stageRequestOf, watchStage } from './build-stage';
import { Core } from './core';
import { failureJson, prettyFailure } from './explain';
import { shownPath } from './findings-output';
import { formatOf, pathFrom } from './options';
import type { Format } from './options';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

const options = {
  format: { type: 'string' },
  tree: { type: 'string' },
  config: { type: 'string' },
  output: { type: 'string' },
  engine: { type: 'string' },
  network: { type: 'string' },
  name: { type: 'string' },
  keep: { type: 'boolean' },
  stage: { type: 'string' },
  from: { type: 'string' },
  export: { type: 'boolean' },
  watch: { type: 'boolean' },
} as const;

/** Problems that are not the build's: no engine that would take it, or a plan that cannot be carried out. */
const notBuilt: ReadonlySet<BuildProblemKind> = new Set([
  'no-engine',
  'no-permission',
  'bad-endpoint',
  'rootless-engine',
  'docker-options',
  'bad-plan',
]);

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
        },
        core.fileSystem,
        await core.parser.get(),
        terminal.signal,
      );
      if (!prepared.ok) throw new BuildProblemError(prepared.problem);
      if (values.output === undefined) return prepared;
      return { ...prepared, plan: { ...prepared.plan, deployFolder: pathFrom(terminal, values.output) } };
    };
    const onEvent = (event: BuildEvent) => show(event, format, core, terminal);
    const build = async (signal: AbortSignal): Promise<BuildResult> => {
      const prepared = await prepare();
      const { plan, secrets, explain } = prepared;
      const common = { signal, secrets, explain, onEvent };
      const logFile = joinPath(plan.deployFolder, 'build-docker.log');
      const result =
        stages === undefined
          ? await runBuildSession(plan, engine, { ...common, logFile })
          : await stages.try(prepared, engine, common);
      if (format === 'pretty') await terminal.write(closing(result, terminal, request));
      return result;
    };
    if (stages !== undefined && values.watch === true) {
      await watchStage(await stages.folder(await prepare(), engine), build, terminal);
      return 0;
    }
    return exitCodeOf(await build(terminal.signal));
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    await tellProblem(error.problem, format, terminal);
    return 2;
  } finally {
    core.dispose();
  }
}

interface BuildPlace {
  readonly treeRoot: string;
  readonly repositoryRoot: string | undefined;
}

/** The pi-gen tree to build, and the repository whose stages are built with it. Throws a UsageError where there is none. */
async function placeOf(core: Core, given: string | undefined, terminal: Terminal): Promise<BuildPlace> {
  const { workingFolder, signal } = terminal;
  const around =
    (await findTree(core.fileSystem, workingFolder, { signal })) ??
    (await discoverTrees(core.fileSystem, workingFolder, { signal }))[0];
  if (given !== undefined) {
    const treeRoot = pathFrom(terminal, given);
    const own = around?.layout === 'stages' && around.path !== treeRoot ? around.path : undefined;
    return { treeRoot, repositoryRoot: own };
  }
  if (around?.layout === 'pi-gen') return { treeRoot: around.path, repositoryRoot: undefined };
  throw new UsageError(
    around === undefined
      ? 'There is no pi-gen tree here to build. Name one with --tree.'
      : 'There are stages here, but no pi-gen to build them with. Name a checkout of pi-gen with --tree.',
  );
}

async function engineOf(core: Core, setting: string, terminal: Terminal): Promise<Engine> {
  const found = await resolveEngineEndpoint({
    setting,
    environment: terminal.environment,
    platform: process.platform,
    homeFolder: os.homedir().replaceAll('\\', '/'),
    fileSystem: core.fileSystem,
  });
  if (!found.ok) throw new BuildProblemError(found.problem);
  return openEngine(found.endpoint);
}

async function show(event: BuildEvent, format: Format, core: Core, terminal: Terminal): Promise<void> {
  if (format === 'json') {
    await terminal.write(`${JSON.stringify(eventJson(event, terminal.workingFolder))}\n`);
    return;
  }
  switch (event.event) {
    case 'line':
      await terminal.write(`${event.text}\n`);
      break;
    case 'image-step':
      await terminal.write(
        `Image of the build container: step ${event.step} of ${event.total}: ${event.text}\n`,
      );
      break;
    case 'artifact':
      await terminal.write(
        `Copied: ${shownPath(event.file, terminal.workingFolder)} (${event.bytes} bytes)\n`,
      );
      break;
    case 'failed':
      await terminal.write('\n');
      for (const failure of event.failures)
        await terminal.write(await prettyFailure(failure, core, terminal));
      break;
    case 'step-began':
    case 'step-ended':
    case 'step-skipped':
    case 'ended':
      break;
  }
}

/** An event in the stable JSON: local paths as the user would type them. */
function eventJson(event: BuildEvent, workingFolder: string): object {
  switch (event.event) {
    case 'failed':
      return { ...event, failures: event.failures.map((failure) => failureJson(failure, workingFolder)) };
    case 'artifact':
      return { ...event, file: shownPath(event.file, workingFolder) };
    case 'step-began':
    case 'step-ended':
    case 'step-skipped':
      return { ...event, path: shownPath(event.path, workingFolder) };
    case 'line':
    case 'image-step':
    case 'ended':
      return event;
  }
}

function closing(
  { outcome, artifacts, logFile, containerLeft }: BuildResult,
  terminal: Terminal,
  stage: StageRequest | undefined,
): string {
  const words = { succeeded: 'Build finished', failed: 'Build failed', cancelled: 'Build stopped' } as const;
  const lines = [
    stage !== undefined && !stage.exportImage && outcome === 'succeeded'
      ? 'The stage passed.'
      : `${words[outcome]}${outcome === 'succeeded' ? `: ${artifacts.length} files in the results` : ''}.`,
    `Log: ${shownPath(logFile, terminal.workingFolder)}`,
  ];
  if (containerLeft !== undefined) lines.push(`The container ${containerLeft} is still there.`);
  return `${lines.join('\n')}\n`;
}

function exitCodeOf({ outcome, problem }: BuildResult): ExitCode {
  if (outcome === 'succeeded') return 0;
  return problem !== undefined && notBuilt.has(problem.kind) ? 2 : 1;
}

/** A build that could not begin ends its stream of events as any other does. */
async function tellProblem(problem: BuildProblem, format: Format, terminal: Terminal): Promise<void> {
  terminal.complain(`pigen: ${problem.message}\n${problem.wayOut}`);
  if (format === 'pretty') return;
  const failure = {
    class: problem.kind,
    cause: problem.message,
    fix: problem.wayOut,
    certainty: 'certain',
    step: null,
    finding: null,
  };
  await terminal.write(`${JSON.stringify({ event: 'failed', failures: [failure] })}\n`);
  await terminal.write(`${JSON.stringify({ event: 'ended', exitCode: null, cancelled: false })}\n`);
}
