import { randomBytes } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import Docker from 'dockerode';
import { attachBuild } from '../../src/build/session/attach-build';
import type { AttachOptions } from '../../src/build/session/attach-build';
import type { BuildEvent } from '../../src/build/build-event';
import { defaultBuildSettings } from '../../src/build/plan/build-plan';
import type { BuildSettings } from '../../src/build/plan/build-plan';
import { runBuild } from '../../src/build/session/run-build';
import type { BuildOptions, BuildResult } from '../../src/build/session/build-options';
import type { EnginePatience } from '../../src/build/engine/engine-watch';
import { openEngine } from '../../src/build/engine/open-engine';
import type { Engine } from '../../src/build/engine/engine';
import { resolveEngineEndpoint } from '../../src/build/engine/engine-endpoint';
import type { EngineEndpoint } from '../../src/build/engine/engine-endpoint';
import type { FoundBuild } from '../../src/build/session/found-build';
import { prepareAttach } from '../../src/build/session/prepare-attach';
import { prepareBuild } from '../../src/build/plan/prepare-build';
import type { BuildRequest, PreparedBuild } from '../../src/build/plan/prepare-build';
import { NodeFileSystem } from '../../src/pigen/files/node-file-system';
import type { BashParser } from '../../src/shell/bash-parser';
import { loadParser } from '../unit/shell/parser';
import { TemporaryFolder } from '../unit/pigen/temporary-folder';
import { mirror } from './host/base-images.mjs';

const root = path.join(import.meta.dirname, '../..').replaceAll('\\', '/');
export const fixtures = `${root}/test/fixtures`;

/** Where the real pi-gen is, if the suite shall build that one. */
export const realTree = process.env['PI_GEN_DIR'];

/** A value that no event, file or message may show. */
export const secret = 'correct horse';

/** What builds of the real tree share. */
export const cacheVolume = 'pi-gen-stages-test-base';

export interface Told {
  readonly result: BuildResult;
  readonly events: readonly BuildEvent[];
  readonly log: string;
}

/** A folder with a tree to build, an engine, and what is needed to look whether anything was left on it. */
export class Bench {
  private constructor(
    readonly folder: TemporaryFolder,
    readonly engine: Engine,
    readonly docker: Docker,
    readonly machine: string,
    readonly parser: BashParser,
  ) {}

  static async create(): Promise<Bench> {
    const engine = await engineAt(process.env['DOCKER_HOST'] ?? '');
    const { machine } = await engine.info();
    const parser = await loadParser();
    const bench = new Bench(await TemporaryFolder.create(), engine, new Docker(), machine, parser);
    await cp(realTree ?? `${fixtures}/pi-gen`, bench.tree, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !/\/(?:work|deploy)$/.test(source),
    });
    return bench;
  }

  async dispose(): Promise<void> {
    this.parser.dispose();
    await this.folder.remove();
  }

  /** The copy of the tree that is built. */
  get tree(): string {
    return `${this.folder.path}/pi-gen`;
  }

  /** A config that runs what the tree needs first, and then the given stages of test/fixtures/stages/. */
  async config(...stages: readonly string[]): Promise<string> {
    const base = realTree === undefined ? ['stage0', 'stage1'] : [`${fixtures}/real-base/stage-base`];
    return this.configOf([...base, ...stages.map((name) => `${fixtures}/stages/${name}`)]);
  }

  /** A config with a stage list of its own. */
  async configOf(all: readonly string[]): Promise<string> {
    const lines = ["IMG_NAME='tiny'", `FIRST_USER_PASS='${secret}'`, `STAGE_LIST='${all.join(' ')}'`];
    if (realTree !== undefined) {
      lines.push(`export BASE_MIRROR='${await mirror()}'`, "DEPLOY_COMPRESSION='none'");
      lines.push(`EXPORT_CONFIG_DIR='${fixtures}/real-base/export-short'`);
    }
    return this.folder.write(`config-${randomBytes(4).toString('hex')}`, `${lines.join('\n')}\n`);
  }

  /** Containers of the suite have no network but the host's. */
  settings(changes: Partial<BuildSettings> = {}): BuildSettings {
    return {
      ...defaultBuildSettings,
      network: 'host',
      mounts: realTree === undefined ? [] : [`${cacheVolume}:/cache`],
      containerName: `pigen-test-${randomBytes(4).toString('hex')}`,
      ...changes,
    };
  }

  async prepare(changes: Partial<BuildRequest> = {}): Promise<PreparedBuild> {
    const prepared = await prepareBuild(
      { treeRoot: this.tree, settings: this.settings(), environment: {}, machine: this.machine, ...changes },
      new NodeFileSystem(),
      this.parser,
    );
    if (!prepared.ok) throw new Error(prepared.problem.message);
    return prepared;
  }

  async build(
    prepared: PreparedBuild,
    changes: Partial<BuildOptions> & { readonly engine?: Engine } = {},
  ): Promise<Told> {
    const { engine = this.engine, onEvent, ...others } = changes;
    const events: BuildEvent[] = [];
    const logFile = `${this.folder.path}/logs/${randomBytes(4).toString('hex')}.log`;
    const result = await runBuild(prepared.plan, engine, {
      signal: new AbortController().signal,
      logFile,
      secrets: prepared.secrets,
      explain: prepared.explain,
      ...others,
      onEvent: async (event) => {
        events.push(event);
        await onEvent?.(event);
      },
    });
    return { result, events, log: await readFile(result.logFile, 'utf8') };
  }

  /** Takes a build up, as another process would. */
  async attach(
    build: FoundBuild,
    changes: Partial<AttachOptions> & { readonly engine?: Engine } = {},
  ): Promise<Told> {
    const { engine = this.engine, onEvent, ...others } = changes;
    const prepared = await prepareAttach(build, engine, new NodeFileSystem(), this.parser, new Set());
    const events: BuildEvent[] = [];
    const result = await attachBuild(build, engine, {
      signal: new AbortController().signal,
      ...prepared,
      ...others,
      onEvent: async (event) => {
        events.push(event);
        await onEvent?.(event);
      },
    });
    return { result, events, log: await readFile(result.logFile, 'utf8') };
  }

  /** Names of the volumes that a container has without having been given them. */
  async anonymousVolumes(container: string): Promise<readonly string[]> {
    const { Mounts: mounts } = await this.docker.getContainer(container).inspect();
    return mounts.flatMap((mount) => (/^[0-9a-f]{64}$/.test(mount.Name ?? '') ? [mount.Name ?? ''] : []));
  }

  async hasContainer(name: string): Promise<boolean> {
    return exists(this.docker.getContainer(name).inspect());
  }

  async hasVolume(name: string): Promise<boolean> {
    return exists(this.docker.getVolume(name).inspect());
  }

  /** Whether the engine starts programs in a running container. Where it lacks a capability, it may not. */
  async letsIn(container: string): Promise<boolean> {
    try {
      await this.engine.execute(container, ['true']);
      return true;
    } catch {
      return false;
    }
  }

  /** The files behind the loop devices of the engine's machine, one a line. */
  async loopedFiles(): Promise<string> {
    const output = new PassThrough();
    const chunks: Buffer[] = [];
    output.on('data', (chunk: Buffer) => chunks.push(chunk));
    const script = 'cat /sys/block/loop*/loop/backing_file 2> /dev/null; true';
    await this.docker.run('debian:trixie', ['sh', '-c', script], output, {
      HostConfig: { AutoRemove: true },
    });
    return Buffer.concat(chunks).toString();
  }

  /** The running containers of an image build whose command holds a text. */
  async commandsWith(text: string): Promise<number> {
    const containers = await this.docker.listContainers({ all: true });
    return containers.filter((container) => container.Command.includes(text)).length;
  }
}

/** Takes away what the suite keeps between its builds. */
export async function removeCache(): Promise<void> {
  if (realTree === undefined) return;
  const volume = new Docker().getVolume(cacheVolume);
  if (await exists(volume.inspect())) await volume.remove({ force: true });
}

/** @param setting as in the setting `pi-gen.docker.engine` */
export async function engineAt(setting: string, patience?: EnginePatience): Promise<Engine> {
  return openEngine(await endpointAt(setting), patience);
}

/** As engineAt, where it is. */
export async function endpointAt(setting: string): Promise<EngineEndpoint> {
  const found = await resolveEngineEndpoint({
    setting,
    environment: {},
    platform: process.platform,
    homeFolder: (process.env['HOME'] ?? '/root').replaceAll('\\', '/'),
    fileSystem: new NodeFileSystem(),
  });
  if (!found.ok) throw new Error(found.problem.message);
  return found.endpoint;
}

async function exists(inspection: Promise<unknown>): Promise<boolean> {
  try {
    await inspection;
    return true;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return false;
    throw error;
  }
}
