// A stage that is tried again in a process that stays, as an editor's does, and what a bare container takes for the same step.
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import Docker from 'dockerode';
import type { Engine } from '../../src/build/engine/engine';
import { defaultBuildSettings } from '../../src/build/plan/build-plan';
import { prepareBuild } from '../../src/build/plan/prepare-build';
import { findBuilds } from '../../src/build/session/found-build';
import type { BuildResult } from '../../src/build/session/build-options';
import { readContainerScripts } from '../../src/build/stage-loop/container-scripts';
import { Fingerprints } from '../../src/build/stage-loop/fingerprint';
import { prepareStage } from '../../src/build/stage-loop/prepare-stage';
import type { StageRequest } from '../../src/build/stage-loop/prepare-stage';
import { runStage, stageLogName } from '../../src/build/stage-loop/run-stage';
import { StageWatch } from '../../src/build/stage-loop/stage-watch';
import { NodeFileSystem } from '../../src/pigen/files/node-file-system';
import type { BashParser } from '../../src/shell/bash-parser';
import { engineAt } from '../engine/bench';
import { loadParser } from '../unit/shell/parser';

const scriptFolder = path
  .resolve(import.meta.dirname, '../../src/build/stage-loop/container')
  .replaceAll('\\', '/');

export interface Subject {
  readonly config: string;
  /** Folder of the stage. */
  readonly stage: string;
}

export interface WarmStageRequest {
  /** A checkout of pi-gen. */
  readonly tree: string;
  readonly tried: Subject;
  /** The same, but that it copies the stage before. */
  readonly copied: Subject;
  /** What the command was called with: the same stages are kept for it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly rounds: number;
}

/** Seconds, of every round. */
export interface WarmStageTimes {
  /** Of a whole try from what is kept of the stages before. */
  readonly tries: readonly number[];
  /** The same, where the stage before is copied. */
  readonly copies: readonly number[];
  /** From a save of a step to the verdict on it, explained, of a watched stage. */
  readonly verdicts: readonly number[];
  /** Of a container of the same image that runs nothing but the step, from its making to its removal. */
  readonly bare: readonly number[];
}

/** What is kept of the stages before is there already. */
export async function measureWarmStage(request: WarmStageRequest): Promise<WarmStageTimes> {
  const parser = await loadParser();
  const warm = new WarmStage(request, await engineAt(process.env['DOCKER_HOST'] ?? ''), parser);
  try {
    const { rounds } = request;
    // Once for the code's cache.
    await warm.try({ kind: 'stage' });
    const tries = await timesOf(rounds, () => warm.try({ kind: 'stage' }));
    const copies = await timesOf(3, () => warm.copy());
    const verdicts = await warm.verdicts(rounds);
    const image = warm.image;
    await runBare(image);
    const bare = await timesOf(rounds, () => runBare(image));
    return { tries, copies, verdicts, bare };
  } finally {
    parser.dispose();
  }
}

/** The same calls as the editor's features make. */
class WarmStage {
  readonly #fs = new NodeFileSystem();
  readonly #fingerprints = new Fingerprints();
  image = '';

  constructor(
    private readonly request: WarmStageRequest,
    private readonly engine: Engine,
    private readonly parser: BashParser,
  ) {}

  try(
    from: StageRequest['from'],
    signal = new AbortController().signal,
    passes = true,
  ): Promise<BuildResult> {
    return this.#run(this.request.tried, from, signal, passes);
  }

  copy(): Promise<BuildResult> {
    return this.#run(this.request.copied, { kind: 'stage' }, new AbortController().signal, true);
  }

  async #run(
    { config, stage }: Subject,
    from: StageRequest['from'],
    signal: AbortSignal,
    passes: boolean,
  ): Promise<BuildResult> {
    const { tree, environment } = this.request;
    const build = await prepareBuild(
      {
        treeRoot: tree,
        configFile: config,
        settings: { ...defaultBuildSettings, network: 'host' },
        environment,
        machine: this.engine.info().then(({ machine }) => machine),
      },
      this.#fs,
      this.parser,
    );
    if (!build.ok) throw new Error(build.problem.message);
    await findBuilds(this.engine, { treeRoot: tree });
    const prepared = await prepareStage(
      build,
      { stage, from, exportImage: false },
      {
        fs: this.#fs,
        parser: this.parser,
        engine: this.engine,
        scripts: await readContainerScripts(this.#fs, scriptFolder),
        fingerprints: this.#fingerprints,
      },
    );
    if (!prepared.ok) throw new Error(prepared.problem.message);
    this.image = prepared.plan.image.ready ?? prepared.plan.image.tag;
    const result = await runStage(prepared, this.engine, {
      signal,
      logFile: `${build.plan.deployFolder}/${stageLogName(prepared.stage)}`,
      secrets: build.secrets,
      explain: build.explain,
      onEvent: () => undefined,
    });
    if ((result.outcome === 'succeeded') !== passes)
      throw new Error(`The bench's stage ${result.outcome}: ${JSON.stringify(result.failures)}`);
    return result;
  }

  /** Saves a step that fails, so that the verdict is its line. */
  async verdicts(rounds: number): Promise<readonly number[]> {
    const step = path.join(this.request.tried.stage, '01-chroot/00-run-chroot.sh');
    const times: number[] = [];
    const ran = new Turnstile<BuildResult>();
    const fingerprints = new Fingerprints();
    let passes = true;
    const watch = new StageWatch({
      state: () => fingerprints.ofFolder(this.request.tried.stage),
      run: async (signal) => {
        ran.pass(await this.try({ kind: 'changed' }, signal, passes));
      },
    });
    const watching = watch.watch();
    try {
      await Promise.race([ran.next(), watching]);
      passes = false;
      for (let round = 0; round < rounds; round++) {
        const began = performance.now();
        await appendFile(step, `false # ${round}\n`);
        const verdict = ran.next();
        await watch.look();
        const result = await Promise.race([verdict, watching]);
        times.push((performance.now() - began) / 1000);
        if (result?.failures[0]?.step?.path !== step)
          throw new Error(`The verdict is not on the step: ${JSON.stringify(result?.failures)}`);
      }
      return times;
    } finally {
      watch.stop();
      await watching;
    }
  }
}

/** Hands each result to the one who waits for the next. */
class Turnstile<Value> {
  #waiting: ((value: Value) => void) | undefined;

  next(): Promise<Value> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  pass(value: Value): void {
    this.#waiting?.(value);
  }
}

/** What `docker run --rm --privileged IMAGE bash -c STEP` asks of the engine. */
async function runBare(image: string): Promise<void> {
  const docker = new Docker();
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['bash', '-c', 'cat /etc/hostname > /root/tried'],
    HostConfig: { Privileged: true, NetworkMode: 'host' },
  });
  try {
    const output = await container.attach({ stream: true, stdout: true, stderr: true });
    await container.start();
    output.resume();
    const { StatusCode: status } = (await container.wait()) as { readonly StatusCode: number };
    if (status !== 0) throw new Error(`The bench's bare container ended with ${status}.`);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

async function timesOf(rounds: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work();
    times.push((performance.now() - began) / 1000);
  }
  return times;
}
