import { isWithin, joinPath, relativePath, resolvePath } from '../../pigen/files/path';
import type { Stage, StageTree, SubStage } from '../../pigen/tree/stage-tree';
import type { ScriptSlot } from './script-slots';

/** A file of the tree that a script of a sub-stage names. */
export interface NamedFile {
  /** Absolute. */
  readonly path: string;
  /** The folder of the tree that the script starts from; the way from there to the file is looked at. */
  readonly base: string;
  /** The way from `base`, as it is written behind `files/`, `../` or the variable. */
  readonly way: string;
  /** As a user knows it: `files/a`, `../files/a`, `${STAGE_DIR}/files/a`. */
  readonly shown: string;
}

/** A path to a file of the tree anywhere in a text: a superset of what `namedFile` reads from words. */
const mention = /(?:(?:\.\.|\$\{?(?:STAGE|BASE)_DIR\}?"?)\/[\w.@+:,=-]+|files)(?:\/[\w.@+:,=-]+)*/g;

const form =
  /^(?:\.\/+)*(?:(\.\.|\$(?:STAGE|BASE)_DIR|\$\{(?:STAGE|BASE)_DIR\})\/+)?([\w.@+:,=-]+(?:\/+[\w.@+:,=-]+)*)$/;

/**
 * Reads a path without quotes, as NN-run.sh gives it in the folder of its sub-stage (run_sub_stage in build.sh): below `files/`,
 * one folder up, or behind STAGE_DIR or BASE_DIR, the latter where pi-gen itself lies around the tree. Undefined for all else, and
 * for what a build makes.
 */
export function namedFile(
  { subStage, stage, place }: Pick<ScriptSlot, 'subStage' | 'stage' | 'place'>,
  tree: StageTree,
  written: string,
): NamedFile | undefined {
  const found = form.exec(written);
  if (found === null || subStage === undefined || stage === undefined || place !== 'host') return undefined;
  const [, start, way = ''] = found;
  if (way.split('/').includes('..')) return undefined;
  if (start === undefined) {
    const isOwn = way.startsWith('files/');
    return isOwn ? namedFrom(subStage.path, way, '', joinPath(subStage.path, 'files')) : undefined;
  }
  if (start === '..') return namedFrom(stage.path, way, '../', stage.path);
  if (start.includes('STAGE_DIR')) return namedFrom(stage.path, way, '${STAGE_DIR}/', stage.path);
  if (tree.layout !== 'pi-gen' || /^(?:work|deploy|\.git)(?:\/|$)/.test(way)) return undefined;
  return namedFrom(tree.root, way, '${BASE_DIR}/', tree.root);
}

function namedFrom(base: string, way: string, prefix: string, within: string): NamedFile | undefined {
  const path = resolvePath(base, way);
  const clean = relativePath(base, path);
  if (path === within || !isWithin(within, path)) return undefined;
  return { path, base, way: clean, shown: prefix + clean };
}

/** The file of the same way below the stage's `files` in the place of the sub-stage's, and the other way round; undefined for all else. */
export function otherFolder(
  { base, way }: NamedFile,
  stage: Pick<Stage, 'path'>,
  subStage: Pick<SubStage, 'path'>,
): NamedFile | undefined {
  if (!way.startsWith('files/')) return undefined;
  if (base === subStage.path) return namedFrom(stage.path, way, '../', stage.path);
  return base === stage.path ? namedFrom(subStage.path, way, '', subStage.path) : undefined;
}

/** The files of the tree that the text of a script may name, by their absolute path. */
export function filesNamedIn(
  slot: ScriptSlot,
  tree: StageTree,
  text: string | undefined,
): ReadonlyMap<string, NamedFile> {
  const named = new Map<string, NamedFile>();
  if (slot.subStage === undefined || slot.place !== 'host' || text === undefined) return named;
  for (const [found] of text.matchAll(mention)) {
    const file = namedFile(slot, tree, found.replaceAll('"', ''));
    if (file !== undefined) named.set(file.path, file);
  }
  return named;
}
