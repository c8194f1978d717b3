import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { finished } from 'node:stream/promises';
import Docker from 'dockerode';
import type { BuildPlan } from '../../src/build/plan/build-plan';
import { runBuild } from '../../src/build/session/run-build';
import { noRunOptions } from '../../src/build/plan/run-options';
import { openEngine } from '../../src/build/engine/open-engine';
import type { Engine } from '../../src/build/engine/engine';
import { resolveEngineEndpoint } from '../../src/build/engine/engine-endpoint';
import { NodeFileSystem } from '../../src/pigen/files/node-file-system';

export interface LogRate {
  /** Of a session's time for the same output, against reading the engine's stream and nothing else. Medians. */
  readonly ratio: number;
  readonly own: number;
  readonly peer: number;
  readonly lines: number;
  /** MiB by which the memory grew from a tenth of the lines on, at most. */
  readonly growth: number;
}

const lines = 1_000_000;
const rounds = 3;
const options = { ...noRunOptions, network: 'none' };
const image = 'debian:trixie';
const command = [
  'seq',
  '-f',
  'line %.0f, and so on until it is of a length that logs usually have',
  String(lines),
];

/** One million lines of a container's log through a build session. Needs a Docker engine with debian:trixie. */
export async function measureLogRate(): Promise<LogRate> {
  const engine = await usualEngine();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-log-rate-'));
  try {
    await writeFile(path.join(folder, 'Dockerfile'), `FROM ${image}\n`);
    const own: number[] = [];
    const peer: number[] = [];
    let growth = 0;
    // The first session makes the image, and warms the code up.
    await throughSession(engine, folder);
    for (let round = 0; round < rounds; round++) {
      peer.push(await streamAlone(engine));
      const session = await throughSession(engine, folder);
      own.push(session.milliseconds);
      growth = Math.max(growth, session.growth);
    }
    const [ownMedian, peerMedian] = [median(own), median(peer)];
    return { ratio: ownMedian / peerMedian, own: ownMedian, peer: peerMedian, lines, growth };
  } finally {
    await new Docker().getImage('pigen-log-rate').remove({ force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

async function usualEngine(): Promise<Engine> {
  const found = await resolveEngineEndpoint({
    setting: '',
    environment: process.env,
    platform: process.platform,
    homeFolder: os.homedir(),
    fileSystem: new NodeFileSystem(),
  });
  if (!found.ok) throw new Error(found.problem.message);
  return openEngine(found.endpoint);
}

/** Milliseconds from the container's start to the end of its output. */
async function streamAlone(engine: Engine): Promise<number> {
  const name = `pigen-log-rate-${process.pid}`;
  const id = await engine.createContainer({ name, image, command, options, labels: {} });
  try {
    const stream = await engine.attach(id);
    const began = performance.now();
    await engine.start(id);
    await finished(stream.resume());
    return performance.now() - began;
  } finally {
    await engine.remove(id);
  }
}

/** As streamAlone, as a session with a log file, masking and events. Throws where a line is lost. */
async function throughSession(
  engine: Engine,
  folder: string,
): Promise<{ readonly milliseconds: number; readonly growth: number }> {
  let began = 0;
  let ended = 0;
  let next = 1;
  let base = 0;
  let peak = 0;
  const timed = withStart(engine, async (id) => {
    began = performance.now();
    await engine.start(id);
  });
  const result = await runBuild(planOf(folder), timed, {
    signal: new AbortController().signal,
    logFile: path.join(folder, 'build-docker.log'),
    secrets: ['correct horse', 'battery staple'],
    onEvent: (event) => {
      if (event.event !== 'line' || event.stream !== 'stdout') return;
      if (!event.text.startsWith(`line ${next},`)) throw new Error(`line ${next} is missing: ${event.text}`);
      if (next === lines) ended = performance.now();
      if (next === lines / 10) base = process.memoryUsage().rss;
      if (base > 0 && next % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
      next++;
    },
  });
  if (result.outcome !== 'succeeded' || next !== lines + 1) {
    throw new Error(
      `The session told ${next - 1} of ${lines} lines: ${result.problem?.message ?? result.outcome}`,
    );
  }
  return { milliseconds: ended - began, growth: (peak - base) / 1024 / 1024 };
}

/** The engine with another `start`. Its methods know their own object only. */
function withStart(engine: Engine, start: Engine['start']): Engine {
  return new Proxy(engine, {
    get: (_target, name) => {
      if (name === 'start') return start;
      const value: unknown = Reflect.get(engine, name, engine);
      return typeof value === 'function' ? (value.bind(engine) as unknown) : value;
    },
  });
}

function planOf(folder: string): BuildPlan {
  return {
    treeRoot: folder,
    deployFolder: path.join(folder, 'deploy'),
    image: {
      tag: 'pigen-log-rate',
      buildArguments: {},
      network: undefined,
      labels: {},
      omit: ['build-docker.log'],
    },
    container: {
      name: `pigen-log-rate-${process.pid}`,
      command,
      options,
      labels: {},
      keep: false,
    },
    files: [],
    folders: [],
    paths: [],
    results: '/deploy',
    buildLog: undefined,
    subject: { variant: 'config', whole: true, sizes: { kind: 'work', folder: '/pi-gen/work' } },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
