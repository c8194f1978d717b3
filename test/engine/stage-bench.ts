import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { BuildEvent } from '../../src/build/build-event';
import type { BuildOptions } from '../../src/build/session/build-options';
import type { PreparedBuild } from '../../src/build/plan/prepare-build';
import { readContainerScripts } from '../../src/build/stage-loop/container-scripts';
import { Fingerprints } from '../../src/build/stage-loop/fingerprint';
import { prepareStage } from '../../src/build/stage-loop/prepare-stage';
import type { PreparedStage, StageRequest, StageTools } from '../../src/build/stage-loop/prepare-stage';
import { runStage } from '../../src/build/stage-loop/run-stage';
import type { BuildGuard } from '../../src/build/preflight/guard';
import { NodeFileSystem } from '../../src/pigen/files/node-file-system';
import { demultiplex } from '../../src/build/engine/demultiplexer';
import { fixtures } from './bench';
import type { Bench, Told } from './bench';

const scriptFolder = path
  .resolve(import.meta.dirname, '../../src/build/stage-loop/container')
  .replaceAll('\\', '/');

export type From = StageRequest['from'];

/** Tries of stages on the engine of a bench. */
export class StageBench {
  readonly #fingerprints = new Fingerprints();
  readonly volumes = new Set<string>();

  constructor(private readonly bench: Bench) {}

  async prepare(
    build: PreparedBuild,
    stage: string,
    from: From = { kind: 'stage' },
    exportImage = false,
  ): Promise<PreparedStage> {
    const fs = new NodeFileSystem();
    const tools: StageTools = {
      fs,
      parser: this.bench.parser,
      engine: this.bench.engine,
      scripts: await readContainerScripts(fs, scriptFolder),
      fingerprints: this.#fingerprints,
    };
    const prepared = await prepareStage(build, { stage, from, exportImage }, tools);
    if (!prepared.ok) throw new Error(prepared.problem.message);
    this.volumes.add(prepared.volume.name);
    return prepared;
  }

  async try(
    build: PreparedBuild,
    stage: string,
    from?: From,
    changes: Partial<BuildOptions> & { readonly exportImage?: boolean; readonly guard?: BuildGuard } = {},
  ): Promise<Told> {
    const { exportImage, guard, ...others } = changes;
    const prepared = await this.prepare(build, stage, from, exportImage);
    const events: BuildEvent[] = [];
    const logFile = `${this.bench.folder.path}/logs/${randomBytes(4).toString('hex')}.log`;
    const options: BuildOptions = {
      signal: new AbortController().signal,
      logFile,
      secrets: build.secrets,
      explain: build.explain,
      ...others,
      onEvent: async (event) => {
        events.push(event);
        await others.onEvent?.(event);
      },
    };
    const result = await runStage(prepared, this.bench.engine, options, guard);
    return { result, events, log: await readFile(logFile, 'utf8') };
  }

  /** In what the rootfs of a try's layers differs from the one in the container of a whole build; empty: in nothing. */
  async differences(tried: PreparedStage, whole: string): Promise<string> {
    const script = await readFile(`${fixtures}/stage-loop/compare.sh`, 'utf8');
    return this.look(tried, script, [tried.stage.name, ...layersOf(tried)], [whole]);
  }

  /** Runs a script in a container that has the kept layers at /pi-gen-kept. Gives its output. */
  async look(
    tried: PreparedStage,
    script: string,
    words: readonly string[] = [],
    volumesFrom: readonly string[] = [],
  ): Promise<string> {
    const container = await this.bench.docker.createContainer({
      Image: tried.plan.image.tag,
      Cmd: ['bash', '-c', script, 'look', ...words],
      HostConfig: {
        Privileged: true,
        Binds: [`${tried.volume.name}:/pi-gen-kept`],
        VolumesFrom: [...volumesFrom],
      },
    });
    try {
      await container.start();
      await container.wait();
      const output = await container.logs({ stdout: true, stderr: true });
      let text = '';
      for await (const { bytes } of demultiplex(chunks(output))) text += Buffer.from(bytes).toString();
      return text;
    } finally {
      await container.remove({ force: true, v: true });
    }
  }

  /**
   * Makes the volume of a try in a file system of memory, which lives as long as a container has it mounted.
   *
   * @param o options of its mount
   */
  async hold({ volume }: PreparedStage, type: string, o?: string): Promise<HeldVolume> {
    const { docker } = this.bench;
    await docker.createVolume({
      Name: volume.name,
      Labels: { ...volume.labels },
      Driver: 'local',
      DriverOpts: { type, device: type, ...(o === undefined ? {} : { o }) },
    });
    const limits = { Binds: [`${volume.name}:/held`], NetworkMode: 'none', Init: true };
    const holder = await docker.createContainer({
      Image: 'debian:trixie',
      Cmd: ['sleep', 'infinity'],
      HostConfig: limits,
    });
    const release = () => holder.remove({ force: true });
    await holder.start().catch(async (error: unknown) => {
      await release();
      throw error;
    });
    return {
      run: async (script) => {
        const output = new PassThrough().resume();
        await docker.run('debian:trixie', ['sh', '-c', script], output, {
          HostConfig: { ...limits, AutoRemove: true },
        });
      },
      release,
    };
  }

  async dispose(): Promise<void> {
    for (const name of this.volumes) await this.bench.engine.removeVolume(name);
  }
}

export interface HeldVolume {
  /** Runs a script beside it, which sees the volume at /held, to its end. */
  run(script: string): Promise<void>;
  /** Lets it go, and all that is in it. */
  release(): Promise<void>;
}

/** The keys of the layers that a try leaves, the deepest first. */
export function layersOf({ plan }: PreparedStage): readonly string[] {
  const nodes = plan.files.find(({ path: place }) => place.endsWith('/nodes'))?.text ?? '';
  const rows = nodes
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.flatMap(([key = '', , kind]) => (kind === 'prerun' || kind === 'sub-stage' ? [key] : []));
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
