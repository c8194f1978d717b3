// How long a whole build takes, against the same tree's build-docker.sh, on the real pi-gen.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import Docker from 'dockerode';
import { mirror } from '../engine/host/base-images.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const fixtures = path.join(root, 'test/fixtures');
const rounds = 3;
const cacheVolume = 'pi-gen-stages-bench-base';
const containerName = 'pi-gen-stages-bench';

/** In their order, with what they are copied from. */
const stages = {
  'stage-base': 'real-base/stage-base',
  'stage-fill': 'bench-stages/stage-fill',
  'stage-three': 'bench-stages/stage-try',
  'stage-four': 'bench-stages/stage-try',
  'stage-five': 'bench-stages/stage-try',
  'stage-six': 'bench-stages/stage-try',
};

export interface WholeBuildTimes {
  /** Seconds of whole processes, from the command to the image in deploy/: medians. */
  readonly own: number;
  readonly peer: number;
}

/**
 * Builds one image by either way, in turns, of six stages, as pi-gen itself has: a small Debian, made 1.7 GB by the second
 * stage, copied into each of the others, and exported after the last.
 * The Docker image of the tree is there already.
 *
 * @param tree a checkout of pi-gen, which is copied
 */
export async function measureWholeBuild(tree: string): Promise<WholeBuildTimes> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-bench-'));
  const copy = path.join(folder, 'pi-gen');
  try {
    await cp(tree, copy, { recursive: true, filter: (source) => !/\/(?:work|deploy|\.git)$/.test(source) });
    await addStages(copy);
    await build(ownWords(copy), copy);
    await build(['./build-docker.sh'], copy);
    const own: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round < rounds; round++) {
      own.push(await build(ownWords(copy), copy));
      peer.push(await build(['./build-docker.sh'], copy));
    }
    return { own: median(own), peer: median(peer) };
  } finally {
    await removeLeftovers();
    await rm(folder, { recursive: true, force: true });
  }
}

/** build-docker.sh finds only what lies in the tree, and reads its file config. */
async function addStages(tree: string): Promise<void> {
  for (const [name, source] of Object.entries(stages))
    await cp(path.join(fixtures, source), path.join(tree, name), { recursive: true });
  const last = Object.keys(stages).at(-1) ?? '';
  await cp(path.join(fixtures, 'real-base/export-short'), path.join(tree, 'export-short'), {
    recursive: true,
  });
  await writeFile(path.join(tree, last, 'EXPORT_IMAGE'), "IMG_SUFFIX='-bench'\n");
  const lines = [
    "IMG_NAME='bench'",
    `CONTAINER_NAME='${containerName}'`,
    `STAGE_LIST='${Object.keys(stages).join(' ')}'`,
    "EXPORT_CONFIG_DIR='/pi-gen/export-short'",
    "DEPLOY_COMPRESSION='none'",
    `export BASE_MIRROR='${await mirror()}'`,
    "export FILL_MEGABYTES='1700'",
  ];
  await writeFile(path.join(tree, 'config'), `${lines.join('\n')}\n`);
}

function ownWords(tree: string): readonly string[] {
  return [process.execPath, path.join(root, 'dist/cli.js'), 'build', '--tree', tree];
}

/** Seconds. Throws where no image was made. */
async function build(words: readonly string[], tree: string): Promise<number> {
  const deploy = path.join(tree, 'deploy');
  await rm(deploy, { recursive: true, force: true });
  const [program = '', ...rest] = words;
  const began = performance.now();
  const child = spawn(program, rest, {
    cwd: tree,
    env: {
      ...process.env,
      PIGEN_DOCKER_OPTS: `--network host -v ${cacheVolume}:/cache`,
      // The copy is no repository, where build-docker.sh asks git.
      GIT_HASH: '0'.repeat(40),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - began) / 1000;
  const made = await readdir(deploy).catch(() => []);
  if (code !== 0 || !made.some((name) => name.endsWith('.img')))
    throw new Error(`The bench's build, ${words.join(' ')}, ended with ${code ?? 'a signal'}:\n${said}`);
  return seconds;
}

async function removeLeftovers(): Promise<void> {
  const docker = new Docker();
  const container = docker.getContainer(containerName);
  await container.remove({ force: true, v: true }).catch(() => undefined);
  await docker
    .getVolume(cacheVolume)
    .remove({ force: true })
    .catch(() => undefined);
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
