import { parseArgs } from 'node:util';
import { attachBuild } from '../build/session/attach-build';
import { BuildProblemError } from '../build/build-problem';
import type { Engine } from '../build/engine/engine';
import { findBuilds } from '../build/session/found-build';
import type { FoundBuild } from '../build/session/found-build';
import { prepareAttach } from '../build/session/prepare-attach';
import { closing, exitCodeOf, showEvent, tellProblem } from './build-output';
import { searchOf } from './build-place';
import { Core } from './core';
import { engineOf, engineOptions } from './engine-option';
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
    const engine = await engineOf(core, values, terminal);
    const builds = await findBuilds(engine, search);
    const build = builds.find(({ plan }) => (values.name ?? plan.container.name) === plan.container.name);
    if (build === undefined) {
      terminal.complain(
        'pigen: No build of this tree is running, and none waits for its results to be collected.',
      );
      return 2;
    }
    return await follow(build, engine, core, format, terminal);
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    await tellProblem(error.problem, format, terminal);
    return 2;
  } finally {
    core.dispose();
  }
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
  const result = await attachBuild(build, engine, {
    ...prepared,
    explain: inOneVoice(prepared.explain, build.repositoryRoot ?? build.treeRoot, core, signal),
    signal,
    onEvent: (event) => showEvent(event, format, core, terminal),
  });
  if (format === 'pretty') await terminal.write(closing(result, terminal));
  return exitCodeOf(result);
}
