import type { FileSystem } from '../../pigen/files/file-system';
import { baseName, isWithin, joinPath, relativePath } from '../../pigen/files/path';
import type { Stage } from '../../pigen/tree/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import { readAssignments } from '../../shell/config-assignments';
import type { BuildPlan } from '../plan/build-plan';
import type { BuildProblem } from '../build-problem';
import { contextEntries } from '../session/context-archive';
import type { ArchiveEntry } from '../session/context-archive';
import type { Engine, ImageInfo } from '../engine/engine';
import { keyLabel, createdLabel, labelsFor, stagesLabel } from '../labels';
import type { PreparedBuild } from '../plan/prepare-build';
import type { Fingerprints } from './fingerprint';
import { hashOf } from './fingerprint';
import { idleConfigs } from './idle-configs';
import { keptNodes, keysOf, nodesOfStage } from './kept-nodes';
import type { KeptStages } from './kept-nodes';
import { createStagePlan, placeOf } from './stage-plan';
import type { ContainerScripts } from './stage-plan';

export interface StageRequest {
  /** Name of the stage, or the absolute path of its folder. */
  readonly stage: string;
  /**
   * Where the try begins. `stage`: from the pristine state of the stages before it. `changed`: at the first sub-stage that
   * changed since the last try. Else at the sub-stage of that name, or at an earlier one where that changed.
   */
  readonly from:
    { readonly kind: 'stage' | 'changed' } | { readonly kind: 'sub-stage'; readonly name: string };
  readonly exportImage: boolean;
}

export interface StageTools {
  readonly fs: FileSystem;
  readonly parser: BashParser;
  readonly engine: Engine;
  readonly scripts: ContainerScripts;
  /** Kept between tries, so that only what changed is read anew. */
  readonly fingerprints: Fingerprints;
}

export interface PreparedStage {
  readonly plan: BuildPlan;
  readonly stage: Stage;
  /** Where earlier stages are kept, and the labels that it gets. */
  readonly volume: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  /** Keys of the stage's nodes: the same keys mean that a try would run what the last one ran. */
  readonly keys: readonly string[];
}

export type PreparedStageResult =
  ({ readonly ok: true } & PreparedStage) | { readonly ok: false; readonly problem: BuildProblem };

/**
 * Plans one try of a stage of a build that was prepared. Asks the engine for images, and changes nothing on it.
 * Rejects with a BuildProblemError for a file that cannot be read or an engine that does not answer.
 */
export async function prepareStage(
  build: PreparedBuild,
  request: StageRequest,
  tools: StageTools,
): Promise<PreparedStageResult> {
  const found = findStage(build, request.stage);
  if (!('stage' in found)) return { ok: false, problem: found };
  const { order, stage } = found;
  const unfit =
    unfitConfig(build) ?? unknownSubStage(stage, request) ?? nothingToExport(build, stage, request);
  if (unfit !== undefined) return { ok: false, problem: unfit };

  const { plan } = build;
  const [baseImage, files] = await Promise.all([
    idOfBaseImage(plan, tools.engine),
    entriesOf(contextEntries({ root: plan.treeRoot, omit: plan.image.omit })),
  ]);
  const ground = await groundOf(build, baseImage, files, tools);
  const [kept, treeImage] = await Promise.all([
    keptNodes({
      order,
      ground,
      others: build.stages.stages.filter(({ path }) => !order.some((one) => one.path === path)),
      gitHash: environmentOf(plan).get('GIT_HASH'),
      cleans: setsTo(build, 'CLEAN', (value) => value !== '' && value !== '0'),
      fs: tools.fs,
      parser: tools.parser,
      fingerprints: tools.fingerprints,
    }),
    findTreeImage(build, baseImage, files, order, tools),
  ]);
  const place = nodesOfStage(kept.nodes, stage);
  if (place === undefined) return { ok: false, problem: notInList(request.stage, order) };
  const keys = keysOf(kept.nodes);
  const { image, changed } = imageOf(build, treeImage, kept);
  const root = build.stages.root;
  return {
    ok: true,
    stage,
    keys: keys.slice(place.start, place.end),
    volume: {
      name: `pi-gen-stages-${hashOf(root).slice(0, 12)}`,
      labels: {
        ...labelsFor('stage-cache', placeOfBuild(build)),
        [keyLabel]: hashOf(root).slice(0, 12),
        [createdLabel]: new Date().toISOString(),
      },
    },
    plan: createStagePlan({
      plan,
      order,
      stage,
      nodes: kept.nodes,
      keys,
      first: firstNode(kept, stage, place.start, request),
      target: place.start,
      takes: kept.takes,
      workFolder: workFolderOf(build),
      volume: `pi-gen-stages-${hashOf(root).slice(0, 12)}`,
      record: hashOf(...build.configs.map(({ path }) => path)).slice(0, 12),
      exportImage: request.exportImage,
      variant: variantOf(stage, request, plan.subject.variant),
      changed,
      image,
      scripts: tools.scripts,
    }),
  };
}

/** Tries that begin elsewhere take another time. */
function variantOf({ name }: Stage, { from }: StageRequest, config: string): string {
  const what = from.kind === 'sub-stage' ? `${name} from ${from.name}` : name;
  const how = from.kind === 'changed' ? `${what}, what changed` : what;
  return config === 'config' ? how : `${how}, ${config}`;
}

function findStage(
  { order, stages }: PreparedBuild,
  named: string,
): { readonly order: readonly Stage[]; readonly stage: Stage } | BuildProblem {
  const wanted = behindLink(stages, named);
  if (order === undefined) {
    return {
      kind: 'bad-plan',
      message: `Which stages come before ${baseName(wanted)} cannot be told without running the config: its STAGE_LIST depends on more than its text.`,
      wayOut: 'Write the stage list as plain names, or build the whole image.',
    };
  }
  const stage = order.find(({ name, path }) => name === wanted || path === wanted);
  if (stage !== undefined) return { order, stage };
  const exists = stages.stages.some(({ name, path }) => name === wanted || path === wanted);
  return exists ? notInList(wanted, order) : noSuchStage(wanted, order);
}

/** A stage may be named as the list names it, through a link. */
function behindLink({ stageLists }: PreparedBuild['stages'], wanted: string): string {
  const entries = stageLists.flatMap((list) => list.entries);
  const linked = entries.find(
    ({ link }) => link !== undefined && (link === wanted || baseName(link) === wanted),
  );
  return linked?.path ?? wanted;
}

function notInList(wanted: string, order: readonly Stage[]): BuildProblem {
  return {
    kind: 'bad-plan',
    message: `${baseName(wanted)} is not in the stage list, so pi-gen does not run it: ${order.map(({ name }) => name).join(', ')}.`,
    wayOut: 'Add it to STAGE_LIST in the config, behind the stage that it builds on.',
  };
}

function noSuchStage(wanted: string, order: readonly Stage[]): BuildProblem {
  return {
    kind: 'bad-plan',
    message: `There is no stage ${baseName(wanted)}.`,
    wayOut: `Name one of the stage list: ${order.map(({ name }) => name).join(', ')}.`,
  };
}

function unknownSubStage(stage: Stage, { from }: StageRequest): BuildProblem | undefined {
  if (from.kind !== 'sub-stage') return undefined;
  const running = stage.subStages.filter(({ skip }) => !skip).map(({ name }) => name);
  if (running.includes(from.name)) return undefined;
  return {
    kind: 'bad-plan',
    message: `${stage.name} runs no sub-stage ${from.name}.`,
    wayOut: `Name one of ${running.join(', ')}.`,
  };
}

/** build.sh's run_stage exports a stage that holds EXPORT_IMAGE, and no other. */
function nothingToExport(
  { plan }: PreparedBuild,
  stage: Stage,
  { exportImage }: StageRequest,
): BuildProblem | undefined {
  const marker = joinPath(placeOf(plan, stage.path), 'EXPORT_IMAGE');
  // A step of pi-gen-action may put it there.
  if (!exportImage || stage.exportImage || plan.files.some(({ path }) => path === marker)) return undefined;
  return {
    kind: 'bad-plan',
    message: `${stage.name} holds no EXPORT_IMAGE, so pi-gen makes no image of it, and there is nothing to export.`,
    wayOut: `Put a file EXPORT_IMAGE into ${stage.name}, or try the stage without an export.`,
  };
}

/** What a config can set so that the stages' work is not where it usually is. */
function unfitConfig(build: PreparedBuild): BuildProblem | undefined {
  const dynamic = build.configs.some(({ assignments }) =>
    assignments.some((one) => one.name === 'WORK_DIR' && (one.literal === undefined || one.conditional)),
  );
  if (dynamic) {
    return {
      kind: 'bad-plan',
      message:
        'The config sets WORK_DIR to something that cannot be told without running it, so earlier stages cannot be kept.',
      wayOut: 'Set WORK_DIR to a plain path, or leave it out, or build the whole image.',
    };
  }
  if (!setsTo(build, 'USE_QCOW2', (value) => value !== '0')) return undefined;
  return {
    kind: 'bad-plan',
    message: 'With USE_QCOW2 each stage is a disk image of its own, which cannot be kept for another try.',
    wayOut: 'Take USE_QCOW2 out of the config, or build the whole image.',
  };
}

/** Whether a config, or the container's environment, may set a variable so. What only bash can tell counts. */
function setsTo(build: PreparedBuild, name: string, holds: (value: string) => boolean): boolean {
  const given = environmentOf(build.plan).get(name);
  if (given !== undefined && holds(given)) return true;
  return build.configs.some(({ assignments }) =>
    assignments.some((one) => one.name === name && (one.literal === undefined || holds(one.literal))),
  );
}

function environmentOf(plan: BuildPlan): ReadonlyMap<string, string> {
  return new Map(
    plan.container.options.environment.map((one): [string, string] => {
      const at = one.indexOf('=');
      return at < 0 ? [one, ''] : [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

function workFolderOf({ configs }: PreparedBuild): string {
  const set = configs.flatMap(({ assignments }) => assignments).findLast(({ name }) => name === 'WORK_DIR');
  return set?.literal ?? '/pi-gen/work';
}

function firstNode({ nodes }: KeptStages, stage: Stage, start: number, { from }: StageRequest): number {
  switch (from.kind) {
    case 'stage':
      return start;
    case 'changed':
      return nodes.length;
    case 'sub-stage': {
      const path = joinPath(stage.path, from.name);
      return nodes.findIndex((node) => node.kind === 'sub-stage' && node.path === path);
    }
  }
}

async function idOfBaseImage(plan: BuildPlan, engine: Engine): Promise<string> {
  const name = plan.image.buildArguments['BASE_IMAGE'];
  return name === undefined ? '' : ((await engine.findImage(name))?.id ?? name);
}

/** Of a tree's files, those that neither the build nor a stage reads: editors' and git's, and texts for people. */
function isBeside(name: string): boolean {
  return name.startsWith('.') || name.endsWith('.md') || name === 'LICENSE';
}

/** What comes to bear only after the stages, or on another machine. */
const afterStages: ReadonlySet<string> = new Set([
  'build-docker.sh',
  'postrun.sh',
  'export-image',
  'export-noobs',
]);

/** What all stages depend on. */
async function groundOf(
  build: PreparedBuild,
  baseImage: string,
  files: readonly ArchiveEntry[],
  { parser, fingerprints }: StageTools,
): Promise<readonly { readonly name: string; readonly own: string }[]> {
  const { plan, stages } = build;
  const { environment, binds, mounts } = plan.container.options;
  const outside = new Set(stages.stages.map(({ path }) => relativePath(plan.treeRoot, path)));
  const tree = await treeHash(files, fingerprints, (name) => {
    const [first = ''] = name.split('/');
    return afterStages.has(first) || [...outside].some((stage) => isWithin(stage, name));
  });
  const idle = await idleConfigs(build, readOfTree(files));
  const configs = plan.files
    .filter(({ path }) => !idle.has(path))
    .map(({ path, text }) => `${path}\n${withoutStageList(text, parser)}`);
  return [
    { name: 'the base image', own: hashOf(baseImage) },
    { name: "pi-gen's own files", own: hashOf(tree, ...plan.container.command) },
    { name: 'the config', own: hashOf(...configs) },
    {
      name: 'environment and mounts of the container',
      own: hashOf(
        ...environment.filter((one) => !one.startsWith('GIT_HASH=')),
        ...binds,
        ...mounts.map((mount) => JSON.stringify(mount)),
      ),
    },
  ];
}

/** Which stages run is told by the nodes themselves: a stage that comes at the end changes nothing for those before it. */
function withoutStageList(text: string, parser: BashParser): string {
  let left = '';
  let at = 0;
  for (const { name, span } of readAssignments(text, parser)) {
    if (name !== 'STAGE_LIST') continue;
    left += text.slice(at, span.start);
    at = span.end;
  }
  return left + text.slice(at);
}

async function entriesOf(entries: AsyncIterable<ArchiveEntry>): Promise<readonly ArchiveEntry[]> {
  const all: ArchiveEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/** @param files all of the tree */
async function treeHash(
  files: readonly ArchiveEntry[],
  fingerprints: Fingerprints,
  leaves: (name: string) => boolean,
): Promise<string> {
  return fingerprints.ofEntries(readOfTree(files).filter(({ name }) => !leaves(name)));
}

function readOfTree(files: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  return files.filter(({ name }) => {
    const [first = ''] = name.split('/');
    return !isBeside(first);
  });
}

interface TreeImage {
  readonly key: string;
  readonly tag: string;
  /** Undefined where none is there. */
  readonly there: ImageInfo | undefined;
  /** Local paths of the stages that it holds, in whatever state. */
  readonly stages: readonly string[];
}

async function findTreeImage(
  { plan }: PreparedBuild,
  baseImage: string,
  files: readonly ArchiveEntry[],
  order: readonly Stage[],
  { engine, fingerprints }: StageTools,
): Promise<TreeImage> {
  const stages = order.map(({ path }) => path).filter((path) => isWithin(plan.treeRoot, path));
  const names = stages.map((path) => relativePath(plan.treeRoot, path));
  const tree = await treeHash(files, fingerprints, (name) => names.some((stage) => isWithin(stage, name)));
  const key = hashOf(baseImage, tree, JSON.stringify(plan.image.buildArguments)).slice(0, 16);
  const tag = `pi-gen-stages/tree:${key}`;
  return { key, tag, there: await engine.findImage(tag), stages };
}

/** The image for the tries: one that is there, whatever its stages are (they are put in their place), or a new one. */
function imageOf(
  build: PreparedBuild,
  { key, tag, there, stages }: TreeImage,
  { folders }: KeptStages,
): { readonly image: BuildPlan['image']; readonly changed: readonly string[] } {
  const { plan } = build;
  const nameOf = (path: string): string => relativePath(plan.treeRoot, path);
  const held = Object.fromEntries(stages.map((path) => [nameOf(path), folders.get(path) ?? '']));
  const labels = { ...plan.image.labels, ...labelsFor('image', placeOfBuild(build)), [keyLabel]: key };
  if (there === undefined) {
    const image = { ...plan.image, tag, labels: { ...labels, [stagesLabel]: JSON.stringify(held) } };
    return { image, changed: [] };
  }
  const known = stagesIn(there.labels[stagesLabel]);
  return {
    image: { ...plan.image, tag, labels, ready: there.id },
    changed: stages.filter((path) => known.get(nameOf(path)) !== folders.get(path)),
  };
}

function stagesIn(label: string | undefined): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(label ?? '{}');
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  } catch {
    // Somebody else's label: every stage is put in its place then.
    return new Map();
  }
}

function placeOfBuild({ plan, stages }: PreparedBuild) {
  return {
    treeRoot: plan.treeRoot,
    repositoryRoot: stages.root === plan.treeRoot ? undefined : stages.root,
  };
}
