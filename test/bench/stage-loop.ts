// How long a stage takes that is tried again, on the real pi-gen: until its first step, and against a copy of the stage before.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import Docker from 'dockerode';
import { mirror } from '../engine/host/base-images.mjs';
import { measureWarmStage } from './warm-stage';

const root = path.resolve(import.meta.dirname, '../..');
const fixtures = path.join(root, 'test/fixtures');
const rounds = 5;
const cacheVolume = 'pi-gen-stages-bench-base';
const ownEnvironment = { PIGEN_DOCKER_OPTS: `-v ${cacheVolume}:/cache` };

/** What a base is filled up to, in megabytes of 1,000,000 bytes. */
const megabytes = { small: 330, big: 1700 };

export interface StageLoopTimes {
  /** What the bases came to. */
  readonly bases: { readonly small: Base; readonly big: Base };
  /** Seconds from the command, as a process, to the first step of the stage: medians, by the size of its base. */
  readonly firstStep: { readonly small: number; readonly big: number };
  /** Seconds of a whole try on the big base, and of the same with copy_previous. */
  readonly whole: { readonly kept: number; readonly copied: number };
  /** Seconds in a process that stays, as an editor's does, on the big base: medians. */
  readonly warm: {
    /** Of a whole try, and of the same with copy_previous. */
    readonly kept: number;
    readonly copied: number;
    /** From a save to the verdict, where the stage is watched. */
    readonly verdict: number;
    /** Of a container of the same image that runs the step alone. */
    readonly bare: number;
  };
}

/** A rootfs, as the step that filled it has counted it. */
export interface Base {
  readonly megabytes: number;
  readonly files: number;
}

interface Try {
  readonly firstStep: number;
  readonly whole: number;
  /** Where the base was built for this try. */
  readonly base: Base | undefined;
}

/** @param tree a checkout of pi-gen, which is copied */
export async function measureStageLoop(tree: string): Promise<StageLoopTimes> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-bench-'));
  try {
    const stages = path.join(fixtures, 'bench-stages');
    await cp(tree, path.join(folder, 'pi-gen'), {
      recursive: true,
      filter: (source) => !/\/(?:work|deploy|\.git)$/.test(source),
    });
    for (const name of ['stage-try', 'stage-copied'])
      await cp(path.join(stages, 'stage-try'), path.join(folder, name), { recursive: true });
    const prerun = path.join(folder, 'stage-copied/prerun.sh');
    await writeFile(prerun, `${await readFile(prerun, 'utf8')}echo "copied"\n`);
    const tried = path.join(folder, 'stage-try');
    const small = await configOf(folder, megabytes.small, tried);
    const big = await configOf(folder, megabytes.big, tried);
    const copied = await configOf(folder, megabytes.big, path.join(folder, 'stage-copied'));
    // The copies first, so that the base is in memory for either.
    const copies = await tries(folder, copied, 'stage-copied', 3);
    const kept = await tries(folder, big, 'stage-try', rounds);
    const warm = await measureWarmStage({
      tree: path.join(folder, 'pi-gen'),
      tried: { config: big, stage: path.join(folder, 'stage-try') },
      copied: { config: copied, stage: path.join(folder, 'stage-copied') },
      environment: ownEnvironment,
      rounds,
    });
    // What was watched has changed meanwhile.
    await cp(path.join(stages, 'stage-try'), path.join(folder, 'stage-try'), { recursive: true });
    const onSmall = await tries(folder, small, 'stage-try', rounds);
    return {
      bases: {
        small: baseOf(onSmall.first, megabytes.small),
        // What the copies were made of is kept for the tries.
        big: baseOf(copies.first, megabytes.big),
      },
      firstStep: { small: median(onSmall.times, 'firstStep'), big: median(kept.times, 'firstStep') },
      whole: { kept: median(kept.times, 'whole'), copied: median(copies.times, 'whole') },
      warm: {
        kept: middle(warm.tries),
        copied: middle(warm.copies),
        verdict: middle(warm.verdicts),
        bare: middle(warm.bare),
      },
    };
  } finally {
    await removeVolumes(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

async function configOf(folder: string, fill: number, stage: string): Promise<string> {
  const file = path.join(folder, `config-${fill}-${path.basename(stage)}`);
  const stages = ['real-base/stage-base', 'bench-stages/stage-fill'].map((name) => path.join(fixtures, name));
  const lines = [
    "IMG_NAME='bench'",
    `STAGE_LIST='${[...stages, stage].join(' ')}'`,
    `export BASE_MIRROR='${await mirror()}'`,
    `export FILL_MEGABYTES='${fill}'`,
    `EXPORT_CONFIG_DIR='${path.join(fixtures, 'real-base/export-short')}'`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

/** Tries after a first one, which builds what is to be kept. */
async function tries(
  folder: string,
  config: string,
  stage: string,
  count: number,
): Promise<{ readonly first: Try; readonly times: readonly Try[] }> {
  const first = await tryOnce(folder, config, stage);
  const times: Try[] = [];
  for (let round = 0; round < count; round++) times.push(await tryOnce(folder, config, stage));
  return { first, times };
}

/** A figure that speaks of a size is measured at that size. */
function baseOf({ base }: Try, wanted: number): Base {
  if (base === undefined || Math.abs(base.megabytes / wanted - 1) > 0.02)
    throw new Error(
      `The base was to have ${wanted} MB, and has ${base?.megabytes ?? 'an unknown number of'}.`,
    );
  return base;
}

async function tryOnce(folder: string, config: string, stage: string): Promise<Try> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const words = ['build', '--tree', path.join(folder, 'pi-gen'), '--config', config, '--stage', stage];
  const child = spawn(
    process.execPath,
    [path.join(root, 'dist/cli.js'), ...words, '--network', 'host', '--format', 'json'],
    {
      cwd: path.join(folder, 'pi-gen'),
      env: { ...process.env, ...ownEnvironment },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const closed = once(child, 'close');
  let firstStep: number | undefined;
  let base: Base | undefined;
  let failures: unknown;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as {
      readonly event: string;
      readonly failures?: unknown;
      readonly kind?: string;
      readonly path?: string;
      readonly text?: string;
    };
    base ??= readBase(event.text ?? '');
    if (event.event === 'failed') failures = event.failures;
    // Its prerun.sh is where a copy would be made.
    if (
      event.event === 'step-began' &&
      event.kind === 'prerun' &&
      event.path?.includes(`/${stage}/`) === true
    )
      firstStep = seconds();
  }
  const [code] = (await closed) as [number | null];
  if (code !== 0 || firstStep === undefined)
    throw new Error(`The bench's stage ended with ${code ?? 'a signal'}: ${JSON.stringify(failures)}`);
  return { firstStep, whole: seconds(), base };
}

/** What stage-fill says at its end. */
function readBase(line: string): Base | undefined {
  const [, size, files] = /^filled to (\d+) MB in (\d+) files$/.exec(line) ?? [];
  return size === undefined ? undefined : { megabytes: Number(size), files: Number(files) };
}

async function removeVolumes(folder: string): Promise<void> {
  const docker = new Docker();
  const label = `pi-gen-stages.tree=${path.join(folder, 'pi-gen')}`;
  const { Volumes: volumes } = await docker.listVolumes({ filters: { label: [label] } });
  for (const { Name: name } of volumes) await docker.getVolume(name).remove({ force: true });
  // Where nothing was built there is none.
  await docker
    .getVolume(cacheVolume)
    .remove({ force: true })
    .catch(() => undefined);
}

function median(times: readonly Try[], which: 'firstStep' | 'whole'): number {
  return middle(times.map((one) => one[which]));
}

function middle(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
