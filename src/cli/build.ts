import { parseArgs } from 'node:util';
import { folderNameOf } from '../build/action-build';
import type { BuildEvent } from '../build/build-event';
import { defaultBuildSettings } from '../build/build-plan';
import type { BuildPlan } from '../build/build-plan';
import type { BuildProblem, BuildProblemKind } from '../build/build-problem';
import { BuildProblemError } from '../build/build-problem';
import { runBuild as runBuildSession } from '../build/build-session';
import type { BuildResult } from '../build/build-session';
import { openEngine } from '../build/engine';
import type { Engine } from '../build/engine';
import type { EngineEndpoint } from '../build/engine-endpoint';
import { prepareBuild } from '../build/prepare-build';
import type { BuildRequest } from '../build/prepare-build';
import { buildGuarded, preflightProblem } from '../build/preflight/guard';
import { judge } from '../build/preflight/judge';
import type { CheckVerdict } from '../build/preflight/verdict';
import { spread } from '../build/spread';
import { joinPath } from '../pigen/path';
import { placeOf } from './build-place';
import { Core } from './core';
import { endpointOf } from './engine-option';
import { failureJson, prettyFailure } from './explain';
import { shownPath } from './findings-output';
import { formatOf, pathFrom } from './options';
import type { Format } from './options';
import { preflightFacts } from './preflight';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';
import { cloneOf, workflowBuilds } from './workflow-builds';

const options = {
  format: { type: 'string' },
  tree: { type: 'string' },
  config: { type: 'string', multiple: true },
  output: { type: 'string' },
  engine: { type: 'string', multiple: true },
  context: { type: 'string', multiple: true },
  network: { type: 'string' },
  name: { type: 'string' },
  keep: { type: 'boolean' },
  'no-preflight': { type: 'boolean' },
  workflow: { type: 'string' },
  job: { type: 'string' },
  matrix: { type: 'string', multiple: true },
  value: { type: 'string', multiple: true },
  clone: { type: 'boolean' },
} as const;

/** Problems that are not the build's: no engine that would take it, or a plan that cannot be carried out. */
const notBuilt: ReadonlySet<BuildProblemKind> = new Set([
  'no-engine',
  'no-permission',
  'bad-endpoint',
  'rootless-engine',
  'docker-options',
  'bad-plan',
  'preflight',
]);

/** What one of possibly several builds is made from. */
interface BuildTask {
  /** Undefined where it is the only one: it then needs no name. */
  readonly name: string | undefined;
  readonly request: Omit<BuildRequest, 'machine'>;
  readonly output: string | undefined;
}

interface Worker {
  readonly endpoint: EngineEndpoint;
  readonly engine: Engine;
  readonly machine: string;
}

interface Manner {
  readonly format: Format;
  readonly preflight: boolean;
}

/** `pigen build`. */
export async function runBuild(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...words], options });
  const manner = { format: formatOf(values.format), preflight: values['no-preflight'] !== true };
  const core = new Core();
  try {
    const tasks = await tasksOf(core, values, terminal);
    const settings = [...(values.engine ?? []), ...(values.context ?? [])];
    const workers = await workersOf(core, settings.length === 0 ? [''] : settings, terminal);
    const codes = await spread(tasks, workers, (task, worker) =>
      carryOut(task, worker, manner, core, terminal),
    );
    return worst(codes);
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    await tellProblem(error.problem, manner.format, undefined, terminal);
    return 2;
  } finally {
    core.dispose();
  }
}

interface BuildOptions {
  readonly tree?: string;
  readonly config?: readonly string[];
  readonly output?: string;
  readonly network?: string;
  readonly name?: string;
  readonly keep?: boolean;
  readonly workflow?: string;
  readonly job?: string;
  readonly matrix?: readonly string[];
  readonly value?: readonly string[];
  readonly clone?: boolean;
}

/** One build for each config, or for each job and matrix entry of a workflow. */
async function tasksOf(core: Core, values: BuildOptions, terminal: Terminal): Promise<readonly BuildTask[]> {
  const output = values.output === undefined ? undefined : pathFrom(terminal, values.output);
  const request = {
    settings: {
      ...defaultBuildSettings,
      network: values.network ?? '',
      containerName: values.name ?? '',
      keepContainer: values.keep ?? false,
    },
    environment: terminal.environment,
    knownRules: core.ruleNames,
  };
  const { workflow } = values;
  if (workflow !== undefined) {
    if (values.config !== undefined) throw new UsageError('Name either a config or a workflow, not both.');
    const actions = await workflowBuilds(core, { ...values, workflow }, terminal);
    const tasks: BuildTask[] = [];
    for (const action of actions) {
      const treeRoot =
        values.tree === undefined
          ? await cloneOf(action, values.clone ?? false, terminal)
          : pathFrom(terminal, values.tree);
      const name = actions.length === 1 ? undefined : folderNameOf(action.name);
      tasks.push({
        name,
        request: { ...request, treeRoot, repositoryRoot: action.workspace, action },
        output,
      });
    }
    return tasks;
  }
  const place = await placeOf(core, values.tree, terminal);
  const configs = (values.config ?? []).map((file) => pathFrom(terminal, file));
  const names = distinctNames(configs);
  if (configs.length < 2) {
    return [{ name: undefined, request: { ...request, ...place, configFile: configs[0] }, output }];
  }
  return configs.map((configFile, index) => ({
    name: names[index],
    request: { ...request, ...place, configFile },
    output,
  }));
}

/** Base names, or as much of the path as tells them apart. */
function distinctNames(paths: readonly string[]): readonly string[] {
  return paths.map((path) => {
    const parts = path.split('/').filter((part) => part !== '');
    for (let count = 1; count < parts.length; count++) {
      const name = parts.slice(-count).join('-');
      const same = paths.filter((other) => other.endsWith(`/${parts.slice(-count).join('/')}`));
      if (same.length === 1) return name;
    }
    return parts.join('-');
  });
}

async function workersOf(
  core: Core,
  settings: readonly string[],
  terminal: Terminal,
): Promise<readonly Worker[]> {
  const endpoints = await Promise.all(settings.map((setting) => endpointOf(core, setting, terminal)));
  const distinct = [...new Map(endpoints.map((endpoint) => [endpoint.label, endpoint])).values()];
  return Promise.all(
    distinct.map(async (endpoint) => {
      const engine = await openEngine(endpoint);
      const { machine } = await engine.info(terminal.signal);
      return { endpoint, engine, machine };
    }),
  );
}

/** Builds one; what stops it before it begins is told, and ends no other build. */
async function carryOut(
  task: BuildTask,
  worker: Worker,
  manner: Manner,
  core: Core,
  terminal: Terminal,
): Promise<ExitCode> {
  const own = task.name === undefined ? terminal : prefixed(terminal, task.name, manner.format);
  try {
    return await build(task, worker, manner, core, own);
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    await tellProblem(error.problem, manner.format, task.name, own);
    return 2;
  }
}

/** Several builds speak at once: each line says which one it is of. */
function prefixed(terminal: Terminal, name: string, format: Format): Terminal {
  const lines = (text: string): string => text.replaceAll(/^(?=.)/gm, `[${name}] `);
  const { workingFolder, environment, colour, signal } = terminal;
  return {
    workingFolder,
    environment,
    colour,
    signal,
    get input() {
      return terminal.input;
    },
    write: (text) => terminal.write(format === 'json' ? text : lines(text)),
    complain: (text) => {
      terminal.complain(lines(text));
    },
  };
}

async function build(
  { name, request, output }: BuildTask,
  { endpoint, engine, machine }: Worker,
  { format, preflight }: Manner,
  core: Core,
  terminal: Terminal,
): Promise<ExitCode> {
  const parser = await core.parser.get();
  const prepared = await prepareBuild({ ...request, machine }, core.fileSystem, parser, terminal.signal);
  if (!prepared.ok) throw new BuildProblemError(prepared.problem);
  const plan = named(prepared.plan, name, output);
  const check = async (): Promise<readonly CheckVerdict[]> => {
    if (!preflight) return [];
    const prepare = () => Promise.resolve(prepared);
    return judge(await preflightFacts({ endpoint, prepare }, core, terminal));
  };
  let ended: BuildEvent | undefined;
  const { result, stoppedBy } = await buildGuarded(
    (signal) =>
      runBuildSession(plan, engine, {
        signal,
        logFile: joinPath(plan.deployFolder, 'build-docker.log'),
        secrets: prepared.secrets,
        explain: prepared.explain,
        // The last word is not the session's where a check has stopped it.
        onEvent: async (event) => {
          if (event.event === 'ended') ended = event;
          else await show(event, format, name, core, terminal);
        },
      }),
    check,
    {
      signal: terminal.signal,
      onWarning: ({ title, message, fix = '' }) => {
        terminal.complain(`${title}: ${message} ${fix}`);
      },
    },
  );
  if (stoppedBy !== undefined) {
    const { message, wayOut, kind } = preflightProblem(stoppedBy);
    const anyway = 'Or build all the same, with --no-preflight.';
    throw new BuildProblemError({ kind, message, wayOut: `${wayOut}\n${anyway}` });
  }
  if (ended !== undefined) await show(ended, format, name, core, terminal);
  if (format === 'pretty') await terminal.write(closing(result, terminal));
  return exitCodeOf(result);
}

/** A plan with its own folder for results and log, and its own container, where it is one of several. */
function named(plan: BuildPlan, name: string | undefined, output: string | undefined): BuildPlan {
  const folder = output ?? plan.deployFolder;
  if (name === undefined) return { ...plan, deployFolder: folder };
  const container = { ...plan.container, name: `${plan.container.name}-${name.replaceAll(/[^\w.-]/g, '-')}` };
  return { ...plan, deployFolder: joinPath(folder, name), container };
}

function worst(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce((most, code) => (code > most ? code : most), 0);
}

async function show(
  event: BuildEvent,
  format: Format,
  name: string | undefined,
  core: Core,
  terminal: Terminal,
): Promise<void> {
  if (format === 'json') {
    await terminal.write(eventLine(eventJson(event, terminal.workingFolder), name));
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

/** `build` tells which one it is, where there are several. */
function eventLine(event: object, name: string | undefined): string {
  return `${JSON.stringify(name === undefined ? event : { build: name, ...event })}\n`;
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

function closing({ outcome, artifacts, logFile, containerLeft }: BuildResult, terminal: Terminal): string {
  const words = { succeeded: 'Build finished', failed: 'Build failed', cancelled: 'Build stopped' } as const;
  const lines = [
    `${words[outcome]}${outcome === 'succeeded' ? `: ${artifacts.length} files in the results` : ''}.`,
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
async function tellProblem(
  problem: BuildProblem,
  format: Format,
  name: string | undefined,
  terminal: Terminal,
): Promise<void> {
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
  await terminal.write(eventLine({ event: 'failed', failures: [failure] }, name));
  await terminal.write(eventLine({ event: 'ended', exitCode: null, cancelled: false }, name));
}
