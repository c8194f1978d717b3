import { parseArgs } from 'node:util';
import { openFailingShell } from '../build/afterwards/failing-shell';
import { nothingKept } from '../build/afterwards/kept-containers';
import { BuildProblemError } from '../build/build-problem';
import type { Helper } from '../build/engine/engine';
import { defaultBuildSettings } from '../build/plan/build-plan';
import { prepareBuild } from '../build/plan/prepare-build';
import type { LookPlace } from '../build/rootfs/look-place';
import type { LookScripts } from '../build/rootfs/rootfs-scripts';
import { bestKept, nothingKeptOf, openStageShell } from '../build/rootfs/stage-shell';
import { readContainerScripts } from '../build/stage-loop/container-scripts';
import { Fingerprints } from '../build/stage-loop/fingerprint';
import { prepareStage } from '../build/stage-loop/prepare-stage';
import type { PreparedStage } from '../build/stage-loop/prepare-stage';
import { placeOf } from './build-place';
import { connectShell } from './connect-shell';
import { Core } from './core';
import { pathFrom } from './options';
import { engineOptions } from './engine-option';
import { findKeptPlace } from './look-place';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

const options = {
  tree: { type: 'string' },
  config: { type: 'string' },
  ...engineOptions,
  network: { type: 'string' },
  name: { type: 'string' },
} as const;

interface ShellOptions {
  readonly tree?: string | undefined;
  readonly config?: string | undefined;
  readonly network?: string | undefined;
  readonly name?: string | undefined;
}

/** Exit status of the shell's container where the shell was left: 130. Any other: it never came to be. */
const left = 130;

/** `pigen shell`. */
export async function runShell(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const [stage, ...others] = positionals;
  if (others.length > 0) throw new UsageError('Name one stage to open a shell in.');
  const core = new Core();
  try {
    const { place, scripts } = await findKeptPlace(core, values, terminal);
    const helper = await openShell({ stage, place, scripts }, values, core, terminal);
    try {
      await connectShell(helper, terminal);
      if ((await helper.ended()) === left) return 0;
      terminal.complain('pigen: The shell ended before it began.');
      return 2;
    } finally {
      await helper.close();
    }
  } catch (error) {
    if (!(error instanceof BuildProblemError)) throw error;
    terminal.complain(`pigen: ${error.problem.message}\n${error.problem.wayOut}`);
    return 2;
  } finally {
    core.dispose();
  }
}

interface ShellPlace {
  /** Undefined: where the last build failed. */
  readonly stage: string | undefined;
  readonly place: LookPlace;
  readonly scripts: LookScripts;
}

async function openShell(
  { stage, place, scripts }: ShellPlace,
  values: ShellOptions,
  core: Core,
  terminal: Terminal,
): Promise<Helper> {
  const { engine, ended, stages } = place;
  const failed = stages.find(({ state }) => state === 'failed');
  const build = ended.find(({ plan }) => (values.name ?? plan.container.name) === plan.container.name);
  const isLater = build === undefined || (failed !== undefined && failed.kept > Date.parse(build.began));
  const wanted = stage ?? (values.name === undefined && isLater ? failed?.stage : undefined);
  if (wanted !== undefined) {
    const prepared = await preparedStage(wanted, place, values, core, terminal);
    const best = bestKept(stages, prepared);
    if (best === undefined) throw nothingKeptOf(prepared.stage.name);
    return openStageShell(engine, prepared, best, scripts, terminal.signal);
  }
  if (build === undefined) throw new BuildProblemError(nothingKept);
  return openFailingShell(engine, build, scripts.hook, terminal.signal);
}

async function preparedStage(
  stage: string,
  { engine }: LookPlace,
  { tree, config, network, name }: ShellOptions,
  core: Core,
  terminal: Terminal,
): Promise<PreparedStage> {
  const { fileSystem: fs, folder } = core;
  const place = await placeOf(core, tree, terminal);
  const parser = await core.parser.get();
  const { machine } = await engine.info(terminal.signal);
  const configFile = config === undefined ? undefined : pathFrom(terminal, config);
  const settings = { ...defaultBuildSettings, network: network ?? '', containerName: name ?? '' };
  const { environment } = terminal;
  const build = await prepareBuild(
    { ...place, configFile, settings, environment, machine },
    fs,
    parser,
    terminal.signal,
  );
  if (!build.ok) throw new BuildProblemError(build.problem);
  const prepared = await prepareStage(
    build,
    {
      stage: stage.includes('/') ? pathFrom(terminal, stage) : stage,
      from: { kind: 'stage' },
      exportImage: false,
    },
    {
      fs,
      parser,
      engine,
      scripts: await readContainerScripts(fs, folder),
      fingerprints: new Fingerprints(),
    },
  );
  if (!prepared.ok) throw new BuildProblemError(prepared.problem);
  return prepared;
}
