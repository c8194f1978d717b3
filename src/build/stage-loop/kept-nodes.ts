import type { FileSystem } from '../../pigen/files/file-system';
import { isExecutable } from '../../pigen/tree/load-stage';
import { baseName } from '../../pigen/files/path';
import type { Stage, SubStage } from '../../pigen/tree/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import type { Fingerprints } from './fingerprint';
import { hashOf } from './fingerprint';
import { hasWord, isUsualPrerun, namesVariable, readStageScripts, scriptsOf } from './stage-scripts';
import type { StageScripts } from './stage-scripts';
import { resumableFrom, temporaryNames } from './temporary-names';

/**
 * One thing that the rootfs of a stage depends on, in the order in which it comes to bear: the ground (base image, pi-gen's
 * own files, config), and then for each stage its own folder, its prerun.sh and its sub-stages. A prerun.sh and a sub-stage
 * leave a layer behind.
 */
export interface KeptNode {
  readonly kind: 'ground' | 'stage' | 'prerun' | 'sub-stage';
  /** For people: `the config`, `stage1`, `stage1/00-base`. */
  readonly name: string;
  /** Local path; undefined for the ground. */
  readonly path: string | undefined;
  /** Hash of this alone. */
  readonly own: string;
  /** Index of the node to begin with where this one is the first that has to run: itself, or an earlier one of its stage. */
  readonly from: number;
}

/** How a stage comes to the rootfs of the one before: by a rename in no time, or as its prerun.sh does it. */
export type Takes = 'rename' | 'copy';

export interface KeptStages {
  readonly nodes: readonly KeptNode[];
  /** By local path of the stage. */
  readonly takes: ReadonlyMap<string, Takes>;
  /** Hash of each stage's folder, by local path. */
  readonly folders: ReadonlyMap<string, string>;
}

export interface NodesRequest {
  /** In the order of the stage list. */
  readonly order: readonly Stage[];
  readonly ground: readonly { readonly name: string; readonly own: string }[];
  /** Other folders of stages that scripts may reach into. */
  readonly others: readonly Stage[];
  readonly gitHash: string | undefined;
  /** CLEAN=1: build.sh removes a stage's rootfs before it runs it, so that nothing can be resumed or handed over. */
  readonly cleans: boolean;
  readonly fs: FileSystem;
  readonly parser: BashParser;
  readonly fingerprints: Fingerprints;
}

/** Works out what each stage of a list depends on. Rejects with a BuildProblemError for a file that cannot be read. */
export async function keptNodes(request: NodesRequest): Promise<KeptStages> {
  const { order, fs, parser, fingerprints } = request;
  const paths = [...new Set([...order, ...request.others].map(({ path }) => path))];
  const [hashes, scripts] = await Promise.all([
    Promise.all(paths.map((path) => fingerprints.ofFolder(path))),
    Promise.all(order.map((stage) => readStageScripts(fs, parser, stage))),
  ]);
  const folders = new Map(paths.map((path, index) => [path, hashes[index] ?? '']));
  const takes = waysToTake(scripts, request.cleans);
  const nodes: KeptNode[] = request.ground.map((ground, from) => ({
    kind: 'ground',
    ...ground,
    path: undefined,
    from,
  }));
  for (const one of scripts) {
    nodes.push(
      ...(await stageNodes(one, nodes.length, takes.get(one.stage.path) ?? 'copy', folders, request)),
    );
  }
  return { nodes, takes, folders };
}

/** Gives the position and the nodes of a stage; undefined where the list does not hold it. */
export function nodesOfStage(
  nodes: readonly KeptNode[],
  stage: Stage,
): { readonly start: number; readonly end: number } | undefined {
  const start = nodes.findIndex(({ kind, path }) => kind === 'stage' && path === stage.path);
  if (start < 0) return undefined;
  const next = nodes.findIndex(({ kind }, index) => index > start && kind === 'stage');
  return { start, end: next < 0 ? nodes.length : next };
}

/** The keys of nodes: of each with all before it. 16 hexadecimal digits, because they are part of mount options. */
export function keysOf(nodes: readonly KeptNode[]): readonly string[] {
  let key = '';
  return nodes.map(({ own, name }) => {
    key = hashOf(key, name, own).slice(0, 16);
    return key;
  });
}

/**
 * A rename leaves the stage before without its rootfs. So it is for a stage only whose prerun.sh does nothing else than
 * copy it, and which does not read the original; nor may a later stage reach for it by the work folder's path.
 */
function waysToTake(scripts: readonly StageScripts[], cleans: boolean): ReadonlyMap<string, Takes> {
  const readsWork = scripts.findLastIndex((one) =>
    scriptsOf(one).some((script) => namesVariable(script, ['WORK_DIR', 'PREV_STAGE'])),
  );
  return new Map(
    scripts.map((one, index) => {
      const renames =
        !cleans &&
        index > readsWork &&
        one.prerun !== undefined &&
        isUsualPrerun(one.prerun) &&
        !scriptsOf(one).some((script) => namesVariable(script, ['PREV_ROOTFS_DIR']));
      return [one.stage.path, renames ? 'rename' : 'copy'] as const;
    }),
  );
}

async function stageNodes(
  scripts: StageScripts,
  start: number,
  takes: Takes,
  folders: ReadonlyMap<string, string>,
  { gitHash, cleans, fingerprints }: NodesRequest,
): Promise<readonly KeptNode[]> {
  const { stage } = scripts;
  const own = await sharedFiles(stage, fingerprints);
  const nodes: KeptNode[] = [
    { kind: 'stage', name: stage.name, path: stage.path, own: hashOf(...own, takes), from: start },
  ];
  if (stage.skip) return nodes;
  if (stage.prerun !== undefined && isExecutable(stage.prerun.executeBit)) {
    const { path } = stage.prerun;
    const hash = await fingerprints.ofFile(path);
    nodes.push({
      kind: 'prerun',
      name: `${stage.name}/prerun.sh`,
      path,
      own: hash,
      from: nodes.length + start,
    });
  }
  const running = stage.subStages.filter(({ skip }) => !skip);
  const first = start + nodes.length;
  const temporary = running.map(({ name }) => temporaryNames(scripts.subStages.get(name)?.scripts ?? []));
  for (const [index, subStage] of running.entries()) {
    const reached = await reachedBy(scripts, subStage, folders, fingerprints, gitHash);
    nodes.push({
      kind: 'sub-stage',
      name: `${stage.name}/${subStage.name}`,
      path: subStage.path,
      own: hashOf(await fingerprints.ofFolder(subStage.path), ...reached),
      from: cleans ? start : first + resumableFrom(temporary, index),
    });
  }
  return nodes;
}

/** What all sub-stages of a stage may use: its files beside the sub-stages, and folders without steps such as `files`. */
async function sharedFiles(stage: Stage, fingerprints: Fingerprints): Promise<readonly string[]> {
  const folders = stage.subStages.filter(({ steps }) => steps.length === 0).map(({ path }) => path);
  const hashes: string[] = [stage.skip ? 'SKIP' : ''];
  for (const path of folders) hashes.push(path, await fingerprints.ofFolder(path));
  for (const { name, path, kind } of stage.others) {
    // Hidden files are editors' and git's.
    if (name.startsWith('.')) continue;
    hashes.push(
      name,
      kind === 'folder' ? await fingerprints.ofFolder(path) : await fingerprints.ofFile(path),
    );
  }
  return hashes;
}

/** Hashes of what a sub-stage names that is not its own: other sub-stages, other stages, the commit. */
async function reachedBy(
  { stage, subStages }: StageScripts,
  subStage: SubStage,
  folders: ReadonlyMap<string, string>,
  fingerprints: Fingerprints,
  gitHash: string | undefined,
): Promise<readonly string[]> {
  const text = subStages.get(subStage.name)?.text ?? '';
  const hashes: string[] = [];
  for (const { name, path, steps } of stage.subStages) {
    if (name === subStage.name || steps.length === 0 || !hasWord(text, name)) continue;
    hashes.push(await fingerprints.ofFolder(path));
  }
  for (const [path, hash] of folders) {
    if (path !== stage.path && hasWord(text, baseName(path))) hashes.push(hash);
  }
  // update_issue (scripts/common) writes it into the image.
  if (hasWord(text, 'GIT_HASH') || hasWord(text, 'update_issue')) hashes.push(gitHash ?? '');
  return hashes;
}
