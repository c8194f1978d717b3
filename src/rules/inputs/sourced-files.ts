import type { FileSystem } from '../../pigen/files/file-system';
import { folderOf, isWithin, joinPath, relativePath, resolvePath } from '../../pigen/files/path';
import { readText } from '../../pigen/files/read-text';
import type { Stage, StageTree, SubStage } from '../../pigen/tree/stage-tree';
import { gitHash } from '../../pigen/tree/upstream-files';
import type { Script } from '../../shell/script';
import type { FindSourced } from '../../shell/set-variables';
import { sourcedPath, sourcedWords } from '../../shell/sourced-path';
import type { SourceFolders } from '../../shell/sourced-path';

/** A script in its place, whether it was read or not. */
interface Placed {
  readonly path: string;
  /** Undefined for postrun.sh. */
  readonly stage: Stage | undefined;
  /** Undefined for prerun.sh and postrun.sh. */
  readonly subStage: SubStage | undefined;
}

/** The files of a tree that its scripts source. */
export interface SourcedFiles {
  /** Differs where another file is sourced, or one of them has another text. */
  readonly stamp: string;
  /** By absolute path: more than are sourced, since a comment that says so counts as well. */
  readonly texts: ReadonlyMap<string, string>;
  /** The file that a sourced word of a script names; undefined where it cannot be known. */
  pathOf(word: string, script: Placed): string | undefined;
  /** What finds the programs that a script of the tree, or one that it sources, sources. */
  finderFor(script: Placed): FindSourced;
}

/** Bytes, files, and how far files are followed that source others. */
const sizeLimit = 256 * 1024;
const fileLimit = 200;
const deepest = 4;

/** What pi-gen makes: nothing in it is ever read. */
const closed = /(?:^|\/)(?:work|deploy|rootfs|node_modules|\.git)(?:\/|$)/;

/**
 * Reads the files below the tree's root that its host scripts source. What cannot be read is left out: nothing is known of it.
 *
 * @param scripts host scripts with their texts
 * @param analyse reads a text's syntax
 */
export async function readSourcedFiles(
  fs: FileSystem,
  tree: StageTree,
  scripts: readonly (Placed & { readonly text: string })[],
  analyse: (text: string) => Script,
): Promise<SourcedFiles> {
  const texts = new Map<string, string>();
  let wanted = new Set<string>();
  const want = (text: string, script: Placed): void => {
    for (const word of sourcedWords(text)) {
      const path = pathOf(word, script, tree);
      if (path !== undefined && !texts.has(path)) wanted.add(path);
    }
  };
  for (const script of scripts) want(script.text, script);
  for (let depth = 0; depth < deepest && wanted.size > 0; depth++) {
    const paths = [...wanted].slice(0, fileLimit - texts.size);
    wanted = new Set();
    const read = await Promise.all(paths.map((path) => readText(fs, path, sizeLimit)));
    for (const [i, path] of paths.entries()) {
      const text = read[i];
      if (typeof text === 'string' && !text.includes('\0')) texts.set(path, text);
    }
    for (const path of paths) {
      const text = texts.get(path);
      if (text !== undefined) for (const script of scripts) if (mayShare(text)) want(text, script);
    }
  }
  const analysed = new Map<string, Script>();
  const programOf = (path: string): Script | undefined => {
    const text = texts.get(path);
    if (text === undefined) return undefined;
    const script = analysed.get(path) ?? analyse(text);
    analysed.set(path, script);
    return script;
  };
  return {
    stamp: texts.size === 0 ? '' : gitHash(new TextEncoder().encode(JSON.stringify([...texts]))),
    texts,
    pathOf: (word, script) => pathOf(word, script, tree),
    finderFor: (script) => (word) => {
      const path = pathOf(word, script, tree);
      return path === undefined ? undefined : programOf(path);
    },
  };
}

/** Whether a sourced text sources others. */
function mayShare(text: string): boolean {
  return sourcedWords(text).length > 0;
}

function pathOf(word: string, { path, stage, subStage }: Placed, tree: StageTree): string | undefined {
  const folders: SourceFolders = { script: folderOf(path), variables: variablesOf(stage, subStage, tree) };
  const named = sourcedPath(word, folders);
  if (named === undefined) return undefined;
  const absolute = resolvePath(workingFolder(stage, subStage, tree), named);
  if (!isWithin(tree.root, absolute) || closed.test(relativePath(tree.root, absolute))) return undefined;
  return absolute;
}

/**
 * Where build.sh runs a host script: run_sub_stage and run_stage change into the sub-stage, and for prerun.sh into the stage;
 * postrun.sh runs beside build.sh.
 */
function workingFolder(stage: Stage | undefined, subStage: SubStage | undefined, tree: StageTree): string {
  return subStage?.path ?? stage?.path ?? tree.root;
}

function variablesOf(
  stage: Stage | undefined,
  subStage: SubStage | undefined,
  tree: StageTree,
): ReadonlyMap<string, string> {
  const variables = new Map([['PWD', workingFolder(stage, subStage, tree)]]);
  if (stage !== undefined) variables.set('STAGE_DIR', stage.path);
  if (tree.layout === 'pi-gen') {
    variables.set('BASE_DIR', tree.root);
    variables.set('SCRIPT_DIR', joinPath(tree.root, 'scripts'));
  }
  return variables;
}
