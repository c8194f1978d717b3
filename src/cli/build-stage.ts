import { watch as watchOnDisk } from 'node:fs';
import { findInTheWay } from '../build/afterwards/kept-containers';
import { BuildProblemError } from '../build/build-problem';
import type { BuildProblem } from '../build/build-problem';
import type { BuildOptions, BuildResult } from '../build/session/build-options';
import type { Engine } from '../build/engine/engine';
import { foundBuildProblem } from '../build/engine/engine-errors';
import { findBuilds } from '../build/session/found-build';
import type { PreparedBuild } from '../build/plan/prepare-build';
import { readContainerScripts } from '../build/stage-loop/container-scripts';
import { Fingerprints } from '../build/stage-loop/fingerprint';
import { prepareStage } from '../build/stage-loop/prepare-stage';
import type { PreparedStage, StageRequest } from '../build/stage-loop/prepare-stage';
import type { BuildGuard } from '../build/preflight/guard';
import { runStage, stageLogName } from '../build/stage-loop/run-stage';
import { StageWatch } from '../build/stage-loop/stage-watch';
import { joinPath } from '../pigen/files/path';
import type { Core } from './core';
import { FingerprintStore } from './fingerprint-store';
import { pathFrom } from './options';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';
import { watchFolder } from './watch-folder';
import type { WatchFiles } from './watch-folder';

interface StageOptions {
  readonly stage?: string | undefined;
  readonly from?: string | undefined;
  readonly export?: boolean | undefined;
  readonly watch?: boolean | undefined;
  readonly trace?: readonly string[] | undefined;
  readonly without?: readonly string[] | undefined;
  readonly attach?: boolean | undefined;
  readonly keep?: boolean | undefined;
}

/** What `--stage` asks for; undefined where the whole image is to be built. Throws a UsageError for options that need it. */
export function stageRequestOf(given: StageOptions, terminal: Terminal): StageRequest | undefined {
  const { stage, from } = given;
  if (stage === undefined) {
    if (from !== undefined) throw new UsageError('--from goes with --stage NAME.');
    if (given.watch !== undefined) throw new UsageError('--watch goes with --stage NAME.');
    if (given.export !== undefined) {
      throw new UsageError('--export goes with --stage NAME: a build of the whole image exports anyway.');
    }
    return undefined;
  }
  // What is kept is found again by the files of the tree: a sub-stage that ran otherwise must not pass for one of them.
  if (given.trace !== undefined) {
    throw new UsageError(
      '--trace goes with a build of the whole image. In a try of a stage, write set -x into the script.',
    );
  }
  if (given.without !== undefined) {
    throw new UsageError(
      '--without goes with a build of the whole image. In a try of a stage, leave a sub-stage out with a SKIP file in it.',
    );
  }
  if (given.attach !== undefined) {
    throw new UsageError(
      "--attach goes with a build of the whole image. A try that runs already is followed with 'pigen attach'.",
    );
  }
  if (given.keep === true) {
    throw new UsageError(
      "--keep goes with a build of the whole image. A try keeps what it leaves by itself: look into it with 'pigen shell'.",
    );
  }
  if (from !== undefined && given.watch === true) {
    throw new UsageError('--watch begins with what changed by itself: leave --from out.');
  }
  return {
    stage: stage.includes('/') ? pathFrom(terminal, stage) : stage,
    from: fromOf(given),
    exportImage: given.export ?? false,
  };
}

function fromOf({ from, watch }: StageOptions): StageRequest['from'] {
  if (watch === true) return { kind: 'changed' };
  return from === undefined ? { kind: 'stage' } : { kind: 'sub-stage', name: from };
}

/** Tries of the stage that a command names. */
export class StageTries {
  readonly #store: FingerprintStore;
  #fingerprints: Promise<Fingerprints> | undefined;

  constructor(
    private readonly request: StageRequest,
    private readonly core: Core,
    terminal: Pick<Terminal, 'environment'>,
  ) {
    this.#store = new FingerprintStore(terminal);
  }

  /** Rejects with a BuildProblemError where the try cannot be planned. */
  async try(
    build: PreparedBuild,
    engine: Engine,
    options: Omit<BuildOptions, 'logFile'>,
    guard?: BuildGuard,
  ): Promise<BuildResult> {
    const { treeRoot, deployFolder } = build.plan;
    const [prepared, found] = await Promise.all([
      this.#prepare(build, engine),
      findBuilds(engine, { treeRoot }),
    ]);
    const logFile = joinPath(deployFolder, stageLogName(prepared.stage));
    const left = await findInTheWay(engine, found, logFile);
    if (left !== undefined) throw new BuildProblemError(foundBuildProblem(left));
    const kept = this.#fingerprints?.then((all) => this.#store.write(treeRoot, all));
    try {
      return await runStage(prepared, engine, { ...options, logFile }, guard);
    } finally {
      await kept;
    }
  }

  /** Where the stage is on this machine. Rejects as `try` does. */
  async folder(build: PreparedBuild, engine: Engine): Promise<string> {
    return (await this.#prepare(build, engine)).stage.path;
  }

  async #prepare(build: PreparedBuild, engine: Engine): Promise<PreparedStage> {
    const { fileSystem: fs, parser, folder } = this.core;
    this.#fingerprints ??= this.#store.read(build.plan.treeRoot);
    const prepared = await prepareStage(build, this.request, {
      fs,
      parser: await parser.get(),
      engine,
      scripts: await readContainerScripts(fs, folder),
      fingerprints: await this.#fingerprints,
    });
    if (!prepared.ok) throw new BuildProblemError(prepared.problem);
    return prepared;
  }
}

/**
 * Builds again whenever a file below the folder is another, until the terminal's signal ends it. Rejects with a
 * BuildProblemError where the folder itself goes away, or its files cannot be watched any more.
 */
export async function watchStage(
  folder: string,
  build: (signal: AbortSignal) => Promise<BuildResult>,
  terminal: Terminal,
  watchFiles: WatchFiles = watchOnDisk,
): Promise<void> {
  const fingerprints = new Fingerprints();
  const watch = new StageWatch({
    state: () => fingerprints.ofFolder(folder),
    run: async (signal) => {
      await build(signal);
      if (!signal.aborted) terminal.complain(`pigen: watching ${folder}; Ctrl-C ends it.`);
    },
  });
  const { signal } = terminal;
  signal.addEventListener(
    'abort',
    () => {
      watch.stop();
    },
    { once: true },
  );
  const over: { problem?: BuildProblem } = {};
  const files = watchFolder(
    folder,
    {
      onChange: () => {
        void watch.look();
      },
      onEnd: (why) => {
        over.problem ??= why;
        watch.stop();
      },
    },
    watchFiles,
  );
  try {
    await watch.watch();
    if (over.problem !== undefined) throw new BuildProblemError(over.problem);
  } finally {
    files.close();
  }
}
