import { besideContainer, outputOf } from '../afterwards/manifest';
import { BuildProblemError } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import { lostOutput } from '../output/container-output';
import { containerTree } from '../plan/build-plan';
import type { Engine, Helper, HelperRequest } from '../engine/engine';
import { labelsFor } from '../labels';
import type { LabelledPlace } from '../labels';
import { RootfsReader } from './rootfs-reader';

/** The scripts of src/build/rootfs/container/. */
export interface RootfsScripts {
  readonly serve: string;
  readonly view: string;
}

/** Where a root file system is: in the volumes of a build's container, or among what the stage loop keeps. */
export type RootfsSource =
  | {
      readonly kind: 'container';
      /** Id, and name for people. */
      readonly container: string;
      readonly name: string;
      /** The folder that holds the work of all stages; missing: the usual one. */
      readonly work?: string;
      readonly stage: string;
    }
  | {
      readonly kind: 'kept';
      readonly volume: string;
      /** Of an image to look with. */
      readonly image: string;
      readonly record: string;
      readonly stage: string;
      /** As the failed step left it, in the place of what the last step that passed did. */
      readonly failed: boolean;
      /** As a try that is under way has it at the moment of opening, in the place of either. */
      readonly running?: boolean;
    };

/** A stage that the stage loop keeps something of. */
export interface KeptStage {
  readonly record: string;
  readonly stage: string;
  /** `begun`: up to a step that did not pass. `failed`: as that step left it. */
  readonly state: 'whole' | 'begun' | 'failed';
  /** Milliseconds since 1970. */
  readonly kept: number;
  /** Path in the container of the step that failed. */
  readonly step: string | undefined;
}

/** A stage of which a try that is under way has a root file system. */
export type RunningStage = Pick<KeptStage, 'record' | 'stage'>;

const viewFolder = '/pi-gen-look';
const volumePlace = '/pi-gen-kept';

/** The stages with a root file system in the volumes of a container. Rejects with a BuildProblemError, or what `signal` was aborted with. */
export async function stagesOfContainer(
  engine: Engine,
  container: { readonly id: string; readonly name: string; readonly work: string },
  { serve }: RootfsScripts,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const command = ['perl', '-e', serve, container.work];
  const helper = await besideContainer(engine, container.id, command, signal);
  if (helper === undefined) throw new BuildProblemError(containerGone(container.name));
  return recordsOfHelper(engine, helper, signal);
}

/** What the stage loop keeps of each stage, the newest first. Rejects as stagesOfContainer does. */
export async function keptStages(
  engine: Engine,
  { volume, image }: { readonly volume: string; readonly image: string },
  { view }: RootfsScripts,
  signal: AbortSignal,
): Promise<readonly KeptStage[]> {
  const command = ['bash', '-c', view, 'kept-view', 'stages'];
  const helper = await besideVolume(engine, { volume, image, command }, signal);
  const stages = (await recordsOfHelper(engine, helper, signal)).flatMap((text): KeptStage[] => {
    const [record = '', stage = '', state = '', seconds = '', step = ''] = text.split('\t');
    if (state !== 'whole' && state !== 'begun' && state !== 'failed') return [];
    return [{ record, stage, state, kept: Number(seconds) * 1000, step: step === '' ? undefined : step }];
  });
  return stages.sort((a, b) => b.kept - a.kept);
}

/** What tries that are under way have so far. Rejects as stagesOfContainer does. */
export async function runningStages(
  engine: Engine,
  { volume, image }: { readonly volume: string; readonly image: string },
  { view }: RootfsScripts,
  signal: AbortSignal,
): Promise<readonly RunningStage[]> {
  const command = ['bash', '-c', view, 'kept-view', 'running'];
  const helper = await besideVolume(engine, { volume, image, command }, signal);
  return (await recordsOfHelper(engine, helper, signal)).map((text) => {
    const [record = '', stage = ''] = text.split('\t');
    return { record, stage };
  });
}

/**
 * Opens a root file system to be read. What it needs on the engine goes when it is closed, or when this process ends.
 * Rejects as stagesOfContainer does.
 *
 * @param place whose it is, for the labels
 */
export async function openRootfs(
  engine: Engine,
  source: RootfsSource,
  scripts: RootfsScripts,
  signal: AbortSignal,
  place?: LabelledPlace,
): Promise<RootfsReader> {
  const helper = await helperFor(engine, source, scripts, signal, place);
  const reader = new RootfsReader(helper, placeName(source));
  let isThere: boolean;
  try {
    isThere = await reader.opened();
  } catch (error) {
    await reader.close();
    throw error;
  }
  if (isThere) return reader;
  await reader.close();
  throw new BuildProblemError(rootfsGone(source));
}

async function helperFor(
  engine: Engine,
  source: RootfsSource,
  { serve, view }: RootfsScripts,
  signal: AbortSignal,
  place: LabelledPlace | undefined,
): Promise<Helper> {
  if (source.kind === 'container') {
    const command = ['perl', '-e', serve, source.work ?? `${containerTree}/work`, source.stage];
    const helper = await besideContainer(engine, source.container, command, signal, false, place);
    if (helper === undefined) throw new BuildProblemError(containerGone(source.name));
    return helper;
  }
  const { volume, image, record, stage, failed, running = false } = source;
  const state = running ? '+' : failed ? '!' : '';
  const command = [
    ...['bash', '-c', view, 'kept-view', 'mount', record, `${viewFolder}=${state}${stage}`, '--'],
    // Only what mounts has to be privileged: what reads is not.
    ...['setpriv', '--inh-caps=-all', '--bounding-set=-all,+sys_chroot,+dac_read_search'],
    ...['perl', '-e', serve, viewFolder, stage],
  ];
  return besideVolume(engine, { volume, image, command, ...(place === undefined ? {} : { place }) }, signal);
}

/** What a helper that shows kept stages is made with. */
export interface VolumeHelper {
  readonly volume: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly place?: LabelledPlace;
}

/** Starts a command in a container that sees the kept stages read-only. */
export async function besideVolume(
  engine: Engine,
  { volume, image, command, place }: VolumeHelper,
  signal: AbortSignal,
): Promise<Helper> {
  return engine.openHelper(
    {
      image,
      command,
      environment: ['LC_ALL=C'],
      labels: labelsFor('look', place),
      volumesFrom: [],
      readOnly: true,
      mounts: [keptMount(volume)],
      network: 'none',
      privileged: true,
      terminal: false,
      archives: [],
    },
    signal,
  );
}

/** The volume with the kept stages, where kept-view.sh expects it. */
export function keptMount(volume: string): HelperRequest['mounts'][number] {
  return { type: 'volume', source: volume, target: volumePlace, readOnly: true };
}

/** For people. */
export function placeName(source: RootfsSource): string {
  if (source.kind === 'container') return `${source.stage} of the container ${source.name}`;
  return source.running === true ? `${source.stage} as it is tried` : `the kept ${source.stage}`;
}

/** Texts that end with a NUL, and an empty one at the end of all. */
async function recordsOfHelper(
  engine: Engine,
  helper: Helper,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const chunks: Uint8Array[] = [];
    // A chunk is a view of what is read next.
    for await (const chunk of outputOf(helper, signal)) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString();
    if (text === '' && (await helper.ended()) === 3) return [];
    if (text !== '\0' && !text.endsWith('\0\0')) throw lostOutput(engine, 'follow');
    return text.split('\0').filter((record) => record !== '');
  } finally {
    await helper.close();
  }
}

function containerGone(name: string): BuildProblem {
  return {
    kind: 'container-gone',
    message: `The container ${name} is gone, and its root file systems with it.`,
    wayOut: 'Build again, and browse what that build leaves.',
  };
}

function goneMessage(source: RootfsSource): string {
  if (source.kind === 'container')
    return `The container ${source.name} holds no root file system of ${source.stage}.`;
  return source.running === true
    ? `The try of ${source.stage} has ended, or has come to another stage meanwhile.`
    : `Nothing is kept of ${source.stage} any more: it was tried again meanwhile, or the volume was removed.`;
}

function rootfsGone(source: RootfsSource): BuildProblem {
  return {
    kind: 'nothing-kept',
    message: goneMessage(source),
    wayOut: 'Build the stage again, and browse what that leaves.',
  };
}
