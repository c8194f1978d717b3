import { parseArgs } from 'node:util';
import type { BuildEvent } from '../build/build-event';
import { BuildProblemError } from '../build/build-problem';
import type { BuildProblem } from '../build/build-problem';
import { runBuild as runBuildSession } from '../build/session/run-build';
import type { BuildResult } from '../build/session/build-options';
import { askMachine } from '../build/engine/ask-machine';
import { openEngine } from '../build/engine/open-engine';
import type { Engine } from '../build/engine/engine';
import type { EngineEndpoint } from '../build/engine/engine-endpoint';
import { foundBuildProblem } from '../build/engine/engine-errors';
import { findInTheWay, removeFailed } from '../build/afterwards/kept-containers';
import { findBuilds } from '../build/session/found-build';
import { prepareBuild } from '../build/plan/prepare-build';
import type { PreparedBuild } from '../build/plan/prepare-build';
import { buildGuarded, preflightProblem } from '../build/preflight/guard';
import { judge } from '../build/preflight/judge';
import { isOfEngine, spreadBuilds } from '../build/spread-builds';
import type { BuildEnd } from '../build/spread-builds';
import type { StageRequest } from '../build/stage-loop/prepare-stage';
import type { BuildGuard } from '../build/preflight/guard';
import type { BegunBuild } from '../build/timeline/session-timeline';
import { joinPath } from '../pigen/files/path';
import { follow } from './attach';
import { closing, exitCodeOf, showEvent, tellProblem } from './build-output';
import { BuildEstimate, tellEstimate } from './build-estimate';
import { StageTries, stageRequestOf, watchStage } from './build-stage';
import { named, tasksOf } from './build-tasks';
import type { BuildTask } from './build-tasks';
import { Core } from './core';
import { endpointOf } from './engine-option';
import type { EngineOptions } from './engine-option';
import { inOneVoice } from './one-voice';
import { formatOf } from './options';
import type { Format } from './options';
import { preflightFacts } from './preflight';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

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
  attach: { type: 'boolean' },
  trace: { type: 'string', multiple: true },
  without: { type: 'string', multiple: true },
  stage: { type: 'string' },
  from: { type: 'string' },
  export: { type: 'boolean' },
  watch: { type: 'boolean' },
} as const;

interface Worker {
  readonly endpoint: EngineEndpoint;
  readonly engine: Engine;
  readonly machine: Promise<string>;
}

interface Manner {
  readonly format: Format;
  readonly preflight: boolean;
  /** Follows a build of the same that runs already. */
  readonly attach: boolean;
}

/** `pigen build`. */
export async function runBuild(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...words], options });
  const manner = {
    format: formatOf(values.format),
    preflight: values['no-preflight'] !== true,
    attach: values.attach === true,
  };
  const stage = stageRequestOf(values, terminal);
  const core = new Core();
  try {
    // Every build needs it, and it is loaded while others are waited for.
    core.parser.get().catch(() => undefined);
    const tasks = await tasksOf(core, values, terminal);
    const workers = await workersOf(core, enginesOf(values), terminal);
    if (stage !== undefined) {
      return await tryStage(stage, one(tasks), one(workers), { ...values, ...manner }, core, terminal);
    }
    const hasOthers = tasks.length > 1 && workers.length > 1;
    const { ends, left } = await spreadBuilds(tasks, workers, (task, worker) =>
      carryOut(task, worker, { ...manner, hasOthers }, core, terminal),
    );
    const codes = ends.map(({ end }) => end.code);
    const problem = ends.findLast(({ end }) => isOfEngine(end.problem))?.end.problem;
    if (problem === undefined) return worst(codes);
    for (const task of left) {
      const isTold = ends.some(({ task: other, end }) => other === task && end.isTold);
      if (!isTold)
        await tellProblem(problem, manner.format, ofTask(task, manner.format, terminal), task.name);
      codes.push(2);
    }
    return worst(codes);
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    await tellProblem(error.problem, manner.format, terminal);
    return 2;
  } finally {
    core.dispose();
  }
}

function one<Value>(values: readonly Value[]): Value {
  const [value] = values;
  if (value !== undefined && values.length === 1) return value;
  throw new UsageError('--stage tries one stage, with one config, on one engine.');
}

/** Each engine that is named, or the usual one. */
function enginesOf(values: {
  readonly engine?: readonly string[];
  readonly context?: readonly string[];
}): readonly EngineOptions[] {
  const engines = (values.engine ?? []).map((engine) => ({ engine }));
  const contexts = (values.context ?? []).map((context) => ({ context }));
  const all = [...engines, ...contexts];
  return all.length === 0 ? [{}] : all;
}

async function workersOf(
  core: Core,
  engines: readonly EngineOptions[],
  terminal: Terminal,
): Promise<readonly Worker[]> {
  const endpoints = await Promise.all(engines.map((named) => endpointOf(core, named, terminal)));
  const distinct = [...new Map(endpoints.map((endpoint) => [endpoint.label, endpoint])).values()];
  return Promise.all(
    distinct.map(async (endpoint) => {
      const engine = await openEngine(endpoint);
      const machine = askMachine(engine, terminal.signal);
      return { endpoint, engine, machine };
    }),
  );
}

/** What one of possibly several builds came to. */
interface TaskEnd extends BuildEnd {
  readonly code: ExitCode;
  /** That it was not built, and why, was said. */
  readonly isTold: boolean;
}

/** Builds one; what stops it before it begins is told, and ends no other build. */
async function carryOut(
  task: BuildTask,
  worker: Worker,
  manner: Manner & { readonly hasOthers: boolean },
  core: Core,
  terminal: Terminal,
): Promise<TaskEnd> {
  const own = ofTask(task, manner.format, terminal);
  try {
    const { code, result } = await build(task, worker, manner, core, own);
    return { code, result, isTold: true, stopped: terminal.signal.aborted };
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    const { problem } = error;
    const passesOn = manner.hasOthers && isOfEngine(problem);
    if (passesOn) own.complain(`pigen: ${problem.message} Another engine builds it, if one is left.`);
    else await tellProblem(problem, manner.format, own, task.name);
    // What it comes to is told by the engine that takes it.
    return { code: passesOn ? 0 : 2, problem, isTold: !passesOn, stopped: terminal.signal.aborted };
  }
}

function ofTask({ name }: BuildTask, format: Format, terminal: Terminal): Terminal {
  return name === undefined ? terminal : prefixed(terminal, name, format);
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
    get window() {
      return terminal.window;
    },
    write: (text) => terminal.write(format === 'json' ? text : lines(text)),
    complain: (text) => {
      terminal.complain(lines(text));
    },
  };
}

async function prepare(
  task: BuildTask,
  machine: Promise<string>,
  core: Core,
  { signal }: Terminal,
): Promise<PreparedBuild> {
  const parser = await core.parser.get();
  const prepared = await prepareBuild({ ...task.request, machine }, core.fileSystem, parser, signal);
  if (!prepared.ok) throw new BuildProblemError(prepared.problem);
  const explain = inOneVoice(prepared.explain, prepared.stages.root, core, signal);
  return { ...prepared, plan: named(prepared.plan, task), explain };
}

async function build(
  task: BuildTask,
  { endpoint, engine, machine }: Worker,
  { format, preflight, attach }: Manner,
  core: Core,
  terminal: Terminal,
): Promise<{ readonly code: ExitCode; readonly result?: BuildResult }> {
  const { name, request } = task;
  const prepared = await prepare(task, machine, core, terminal);
  const { plan, secrets, explain } = prepared;
  const logFile = joinPath(plan.deployFolder, 'build-docker.log');
  const running = await findInTheWay(engine, await findBuilds(engine, request), logFile);
  if (running !== undefined) {
    if (!attach) throw new BuildProblemError(foundBuildProblem(running));
    return { code: await follow(running, engine, core, format, terminal) };
  }
  await removeFailed(engine, request, plan);
  const guard = preflight ? guardOf(prepared, endpoint, core, terminal) : undefined;
  const last: BuildEvent[] = [];
  const estimate = new BuildEstimate();
  const { result, stoppedBy } = await buildGuarded(
    (signal) =>
      runBuildSession(plan, engine, {
        signal,
        logFile,
        secrets,
        explain,
        onBegin: (begun) => {
          estimate.begin(begun);
        },
        // The last word is not the session's where a check has stopped it.
        onEvent: async (event) => {
          if (event.event === 'failed' || event.event === 'ended') last.push(event);
          else await showEvent(event, format, core, terminal, name);
          tellEstimate(estimate.take(event), format, terminal);
        },
      }),
    guard?.check ?? (() => Promise.resolve([])),
    { signal: terminal.signal, onWarning: (verdict) => guard?.onWarning(verdict) },
  );
  if (stoppedBy !== undefined) throw new BuildProblemError(withWayRound(preflightProblem(stoppedBy)));
  for (const event of last) await showEvent(event, format, core, terminal, name);
  if (format === 'pretty') await terminal.write(closing(result, terminal));
  return { code: exitCodeOf(result), result };
}

/** What looks at the engine beside a build. */
function guardOf(
  prepared: PreparedBuild,
  endpoint: EngineEndpoint,
  core: Core,
  terminal: Terminal,
): BuildGuard {
  const given = () => Promise.resolve({ ok: true as const, ...prepared });
  return {
    check: async () => judge(await preflightFacts({ endpoint, prepare: given }, core, terminal)),
    onWarning: ({ title, message, fix = '' }) => {
      terminal.complain(`${title}: ${message} ${fix}`);
    },
  };
}

/** A check may be wrong about this engine. */
function withWayRound(problem: BuildProblem): BuildProblem {
  const anyway = problem.kind === 'preflight' ? '\nOr build all the same, with --no-preflight.' : '';
  return { ...problem, wayOut: problem.wayOut + anyway };
}

/** `pigen build --stage NAME`, once or at every change. */
async function tryStage(
  request: StageRequest,
  task: BuildTask,
  { endpoint, engine, machine }: Worker,
  { format, preflight, watch }: Manner & { readonly watch?: boolean | undefined },
  core: Core,
  terminal: Terminal,
): Promise<ExitCode> {
  const tries = new StageTries(request, core, terminal);
  const attempt = async (signal: AbortSignal): Promise<BuildResult> => {
    const prepared = await prepare(task, machine, core, terminal);
    const { secrets, explain } = prepared;
    const estimate = new BuildEstimate();
    const options = {
      signal,
      secrets,
      explain,
      onBegin: (begun: BegunBuild) => {
        estimate.begin(begun);
      },
      onEvent: async (event: BuildEvent) => {
        await showEvent(event, format, core, terminal);
        tellEstimate(estimate.take(event), format, terminal);
      },
    };
    const guard = preflight ? guardOf(prepared, endpoint, core, terminal) : undefined;
    const result = await tries.try(prepared, engine, options, guard).catch((error: unknown) => {
      throw error instanceof BuildProblemError ? new BuildProblemError(withWayRound(error.problem)) : error;
    });
    if (format === 'pretty') await terminal.write(closing(result, terminal, request));
    return result;
  };
  if (watch !== true) return exitCodeOf(await attempt(terminal.signal));
  await watchStage(
    await tries.folder(await prepare(task, machine, core, terminal), engine),
    attempt,
    terminal,
  );
  return 0;
}

function worst(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce((most, code) => (code > most ? code : most), 0);
}
