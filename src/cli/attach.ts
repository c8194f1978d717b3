import { parseArgs } from 'node:util';
import { attachBuild } from '../build/session/attach-build';
import { BuildProblemError } from '../build/build-problem';
import type { BuildProblem } from '../build/build-problem';
import type { Engine } from '../build/engine/engine';
import { resolveEngineEndpoint } from '../build/engine/engine-endpoint';
import type { EndpointResult } from '../build/engine/engine-endpoint';
import { engineOfLabel } from '../build/engine/known-engines';
import { openEngine } from '../build/engine/open-engine';
import { buildRecords } from '../build/session/build-record';
import { findBuilds } from '../build/session/found-build';
import type { BuildSearch, FoundBuild } from '../build/session/found-build';
import { prepareAttach } from '../build/session/prepare-attach';
import { joinPath } from '../pigen/files/path';
import { closing, exitCodeOf, showEvent, tellProblem } from './build-output';
import { BuildEstimate, tellEstimate } from './build-estimate';
import { searchOf } from './build-place';
import { Core } from './core';
import { engineOptions, requestOf } from './engine-option';
import type { EngineOptions } from './engine-option';
import { inOneVoice } from './one-voice';
import { formatOf } from './options';
import type { Format } from './options';
import type { ExitCode, Terminal } from './terminal';

const options = {
  format: { type: 'string' },
  tree: { type: 'string' },
  ...engineOptions,
  name: { type: 'string' },
} as const;

/** `pigen attach`. */
export async function runAttach(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...words], options });
  const format = formatOf(values.format);
  const core = new Core();
  try {
    const search = await searchOf(core, values.tree, terminal);
    const isMeant = ({ plan }: FoundBuild) => (values.name ?? plan.container.name) === plan.container.name;
    const found = await findFirst(await endpointsOf(core, values, search, terminal), search, isMeant);
    if (found === undefined) {
      terminal.complain(
        'pigen: No build of this tree is running, and none waits for its results to be collected.',
      );
      return 2;
    }
    return await follow(found.build, found.engine, core, format, terminal);
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    await tellProblem(error.problem, format, terminal);
    return 2;
  } finally {
    core.dispose();
  }
}

/** The engine that is named; else the usual one, and those on which builds were begun here that have not ended. */
async function endpointsOf(
  core: Core,
  options: EngineOptions,
  { repositoryRoot, treeRoot }: BuildSearch,
  terminal: Terminal,
): Promise<readonly EndpointResult[]> {
  const request = requestOf(core, options, terminal);
  const first = await resolveEngineEndpoint(request);
  const root = repositoryRoot ?? treeRoot;
  if (request.setting !== '' || root === undefined) return [first];
  const open = (await buildRecords(joinPath(root, 'deploy'))).filter(
    ({ record }) => record.end === undefined,
  );
  const labels = new Set(open.map(({ record }) => record.engine).filter((label) => label !== ''));
  if (first.ok) labels.delete(first.endpoint.label);
  return [first, ...(await Promise.all([...labels].map((label) => engineOfLabel(request, label))))];
}

/** Undefined: there is none. Rejects with a BuildProblemError where an engine does not answer, and no other has it. */
async function findFirst(
  endpoints: readonly EndpointResult[],
  search: BuildSearch,
  isMeant: (build: FoundBuild) => boolean,
): Promise<{ readonly build: FoundBuild; readonly engine: Engine } | undefined> {
  let problem: BuildProblem | undefined;
  for (const found of endpoints) {
    try {
      if (!found.ok) throw new BuildProblemError(found.problem);
      const engine = await openEngine(found.endpoint);
      const build = (await findBuilds(engine, search)).find(isMeant);
      if (build !== undefined) return { build, engine };
    } catch (error) {
      if (!(error instanceof BuildProblemError)) throw error;
      problem ??= error.problem;
    }
  }
  if (problem !== undefined) throw new BuildProblemError(problem);
  return undefined;
}

/** Follows a build to its end, and collects its results where nobody else does. Rejects with a BuildProblemError. */
export async function follow(
  build: FoundBuild,
  engine: Engine,
  core: Core,
  format: Format,
  terminal: Terminal,
): Promise<ExitCode> {
  const parser = await core.parser.get();
  const { signal } = terminal;
  const prepared = await prepareAttach(build, engine, core.fileSystem, parser, core.ruleNames, signal);
  const estimate = new BuildEstimate();
  const result = await attachBuild(build, engine, {
    ...prepared,
    explain: inOneVoice(prepared.explain, build.repositoryRoot ?? build.treeRoot, core, signal),
    signal,
    onBegin: (begun) => {
      estimate.begin(begun);
    },
    onEvent: async (event) => {
      await showEvent(event, format, core, terminal);
      tellEstimate(estimate.take(event), format, terminal);
    },
  });
  if (format === 'pretty') await terminal.write(closing(result, terminal));
  return exitCodeOf(result);
}
