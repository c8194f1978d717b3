import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { stageListOf } from '../pigen/config/config';
import { baseName, folderOf, isWithin, joinPath, resolvePath } from '../pigen/files/path';
import { folderOfConfig } from '../pigen/tree/stage-list';
import type { StageListWord } from '../pigen/tree/stage-list';
import type { StageTree } from '../pigen/tree/stage-tree';
import type { LineIndex, Span } from '../pigen/text';
import { parseWorkflow } from '../pigen/workflow/workflow';
import { configAssignments } from '../shell/config-assignments';
import { programsOf } from '../shell/queries';
import type { Script } from '../shell/script';
import { previousStage } from './pi-gen-variables';
import { entriesOf, entryNames, stageNamed } from './tree-entries';
import type { TreeEntry } from './tree-entries';
import type { TreeFile } from './tree-file';
import { wordPaths } from './word-paths';
import type { PathPart, WordPath } from './word-paths';

/** A place of a text that names a stage, sub-stage or step. */
export interface Mention {
  /** The name alone, in the file's text. */
  readonly span: Span;
  readonly entry: TreeEntry;
}

/**
 * Every place of a file that names a stage, sub-stage or step of its tree, in source order: the stage lists of config and
 * workflow, paths in scripts and configs, comparisons with `$STAGE`, patterns of .pigen.yaml.
 */
export function mentionsIn(file: TreeFile): readonly Mention[] {
  const found = known.get(file) ?? findMentions(file);
  known.set(file, found);
  return found;
}

/** Of texts that were asked for: an edit makes a new TreeFile. */
const known = new WeakMap<TreeFile, readonly Mention[]>();

function findMentions(file: TreeFile): readonly Mention[] {
  const found = readMentions(file).toSorted((a, b) => a.span.start - b.span.start);
  return found.filter(({ span }, index) => span.start >= (found[index - 1]?.span.end ?? 0));
}

/** The mention at an offset of a file; its end counts as well. */
export function mentionAt(file: TreeFile, offset: number): Mention | undefined {
  return mentionsIn(file).find(({ span }) => span.start <= offset && offset <= span.end);
}

function readMentions(file: TreeFile): readonly Mention[] {
  switch (file.role) {
    case 'config':
      return [...inStageList(file), ...inPrograms(file)];
    case 'script':
    case 'export':
      return inPrograms(file);
    case 'workflow':
      return inWorkflow(file);
    case 'settings':
      return inSettings(file);
    case 'patterns':
      return inPatterns(file);
    case 'tooling':
      return elsewhere(file, []);
    default:
      return [];
  }
}

function inStageList({ script, path, text, tree, lines }: TreeFile): readonly Mention[] {
  if (script === undefined) return [];
  const folder = folderOfConfig(tree.layout, tree.root, path);
  const known = new Map([
    ['BASE_DIR', tree.root],
    ['PWD', folder],
  ]);
  const list = stageListOf({ path, text, assignments: configAssignments(script) }, known);
  return (list?.words ?? []).flatMap((word) => mentionOfWord(word, folder, tree, lines));
}

/** A word of a stage list names a stage by its path, as pi-gen or pi-gen-action resolves it. */
function mentionOfWord(
  { value, text, range }: StageListWord,
  folder: string,
  tree: StageTree,
  lines: LineIndex,
): readonly Mention[] {
  if (value === undefined || range === undefined) return [];
  const path = resolvePath(folder, value);
  const entry =
    entriesOf(tree).get(path) ?? (tree.layout === 'stages' ? stageNamed(tree, baseName(path)) : undefined);
  if (entry?.kind !== 'stage') return [];
  const trimmed = text.replace(/["'/]+$/, '');
  if (!trimmed.endsWith(entry.name)) return [];
  const end = lines.offset(range.start) + trimmed.length;
  return [{ span: { start: end - entry.name.length, end }, entry }];
}

function inPrograms(file: TreeFile): readonly Mention[] {
  const { script } = file;
  if (script === undefined) return [];
  const found: Mention[] = [];
  for (const program of programsOf(script)) {
    // Inside the chroot there is nothing of the tree.
    const isHost = program.place === 'host';
    for (const word of wordPaths(program)) {
      if (isHost) found.push(...mentionsOfPath(file, program, word));
      const compared = comparedStage(file.tree, program, word);
      if (compared !== undefined) found.push(compared);
    }
  }
  return found;
}

function mentionsOfPath(file: TreeFile, program: Script, word: WordPath): readonly Mention[] {
  const names = entryNames(file.tree);
  if (!word.parts.some(({ name }) => names.has(name))) return [];
  const base = baseOf(file, word);
  if (base === undefined || isPlainText(program, word)) return [];
  const entries = entriesOf(file.tree);
  const found: Mention[] = [];
  let path = base.path;
  for (const [index, part] of word.parts.entries()) {
    if (index < base.passed) continue;
    path = resolvePath(path, part.name);
    // Below the work folder each stage has a folder of its name (run_stage in build.sh).
    const entry =
      base.ofWork && index === 0
        ? stageNamed(file.tree, part.name)
        : base.ofWork
          ? undefined
          : entries.get(path);
    if (entry?.name === part.name) found.push({ span: program.toFileSpan(part.span), entry });
  }
  return found;
}

interface Base {
  readonly path: string;
  /** Parts of the word that are in it already. */
  readonly passed: number;
  /** It is pi-gen's work folder. */
  readonly ofWork: boolean;
}

/** Where a path of a file starts; undefined where that cannot be known. */
export function baseOf({ path, stage, subStage, tree, role }: TreeFile, word: WordPath): Base | undefined {
  const at = (folder: string | undefined): Base | undefined =>
    folder === undefined ? undefined : { path: folder, passed: 0, ofWork: false };
  switch (word.variable) {
    case undefined:
      break;
    case 'dirname':
      return at(folderOf(path));
    case 'BASE_DIR':
      return at(tree.root);
    case 'STAGE_DIR':
      return at(stage?.path);
    case 'SUB_STAGE_DIR':
      return at(subStage?.path);
    case 'PREV_STAGE_DIR':
      return at(stage && previousStage(tree, stage)?.path);
    case 'WORK_DIR':
      return { path: joinPath(tree.root, 'work'), passed: 0, ofWork: true };
    default:
      return undefined;
  }
  if (word.absolute) {
    // build-docker.sh copies the tree to /pi-gen.
    return word.parts[0]?.name === 'pi-gen' ? { path: tree.root, passed: 1, ofWork: false } : at('/');
  }
  // run_stage and run_sub_stage change into the folder before they run what is in it.
  if (role === 'config') return at(folderOfConfig(tree.layout, tree.root, path));
  return at(subStage?.path ?? stage?.path ?? folderOf(path));
}

const printers = new Set(['echo', 'printf', 'log']);

/** A lone word in what is printed is prose; so is a lone word of config, where stages are named in lists and paths only. */
function isPlainText(program: Script, { parts, variable, ancestors }: WordPath): boolean {
  if (parts.length > 1 || variable !== undefined) return false;
  const command = ancestors.find(({ type }) => type === 'command');
  const name = command?.children.find(({ type }) => type === 'command_name');
  if (name === undefined) return true;
  return printers.has(program.text.slice(name.start, name.end));
}

/** `[ "$STAGE" = "stage2" ]`, `[[ $PREV_STAGE == stage2 ]]`, `case "$STAGE" in stage2)`. */
function comparedStage(tree: StageTree, program: Script, word: WordPath): Mention | undefined {
  const [part, ...others] = word.parts;
  if (part === undefined || others.length > 0 || word.variable !== undefined || !word.whole) return undefined;
  const entry = stageNamed(tree, part.name);
  if (entry === undefined) return undefined;
  const around = word.ancestors.find(({ type }) => type === 'test_command' || type === 'case_statement');
  if (around === undefined) return undefined;
  const end = around.type === 'case_statement' ? caseValueEnd(around.children) : around.end;
  const compared = program.text.slice(around.start, end);
  if (!/\$(?:(?:PREV_)?STAGE\b|\{(?:PREV_)?STAGE\})/.test(compared)) return undefined;
  if (around.type === 'case_statement' && word.ancestors[0]?.type !== 'case_item') return undefined;
  return { span: program.toFileSpan(part.span), entry };
}

function caseValueEnd(children: Script['root']['children']): number {
  return children.find(({ type }) => type === 'in')?.start ?? children[0]?.end ?? 0;
}

function inWorkflow(file: TreeFile): readonly Mention[] {
  const { path, text, tree, lines } = file;
  const { steps } = parseWorkflow(path, text);
  const words = steps.flatMap(({ stageList }) => stageList ?? []);
  const listed = words.flatMap((word) => mentionOfWord(word, tree.root, tree, lines));
  const taken = words.flatMap(({ range }) => (range === undefined ? [] : [lines.offset(range.start)]));
  return [...listed, ...elsewhere(file, taken)];
}

/** In `paths:`, `run:` and Makefiles, a stage is told from a word by the path around it, from the root. */
function elsewhere({ text, tree }: TreeFile, taken: readonly number[]): readonly Mention[] {
  return [...text.matchAll(/(?<![\w./-])[\w.-]+(?:\/[\w.-]+)*\/?/g)].flatMap(({ 0: found, index }) =>
    !found.includes('/') || taken.includes(index) ? [] : mentionsOfText(tree, tree.root, found, index),
  );
}

function mentionsOfText(
  tree: StageTree,
  folder: string,
  written: string,
  offset: number,
): readonly Mention[] {
  const entries = entriesOf(tree);
  const found: Mention[] = [];
  let path = folder;
  for (const part of partsOf(written, offset)) {
    path = resolvePath(path, part.name);
    const entry = entries.get(path);
    if (entry?.name === part.name) found.push({ span: part.span, entry });
  }
  return found;
}

function partsOf(written: string, offset: number): readonly PathPart[] {
  return [...written.matchAll(/[^/]+/g)].map(({ 0: name, index }) => ({
    name,
    span: { start: offset + index, end: offset + index + name.length },
  }));
}

/** `paths.ignore`: glob patterns relative to the file's folder, and bare names that may lie anywhere. */
function inSettings({ path, text, tree }: TreeFile): readonly Mention[] {
  const found: Mention[] = [];
  for (const { value, start } of ignoredPatterns(text)) {
    // An escape makes the value shorter than what is written: then nobody knows where a part of it stands.
    const offset = text.indexOf(value, start);
    if (offset < 0 || offset > start + 1) continue;
    const lone = value.includes('/') ? undefined : entryNamed(tree, value);
    if (lone !== undefined) found.push({ span: { start: offset, end: offset + value.length }, entry: lone });
    else if (value.includes('/')) found.push(...mentionsOfText(tree, folderOf(path), value, offset));
  }
  return found;
}

/** A line of .gitignore and its like begins with a pattern relative to its folder. */
function inPatterns({ path, text, tree }: TreeFile): readonly Mention[] {
  return [...text.matchAll(/^!?([^\s#!]+)/gm)].flatMap(({ 0: line, 1: pattern = '', index }) =>
    mentionsOfText(tree, folderOf(path), pattern, index + line.length - pattern.length),
  );
}

function entryNamed(tree: StageTree, name: string): TreeEntry | undefined {
  const same = [...entriesOf(tree).values()].filter((entry) => entry.name === name);
  return same.length === 1 ? same[0] : undefined;
}

function ignoredPatterns(text: string): readonly { readonly value: string; readonly start: number }[] {
  let contents: unknown;
  try {
    contents = parseDocument(text, { prettyErrors: false, logLevel: 'silent' }).contents;
  } catch {
    // yaml gives up on such things as a deep nesting that overflows its stack.
    return [];
  }
  const paths = isMap(contents) ? contents.get('paths') : undefined;
  const ignored = isMap(paths) ? paths.get('ignore') : undefined;
  if (!isSeq(ignored)) return [];
  return ignored.items.flatMap((item) =>
    isScalar(item) && typeof item.value === 'string' && item.range
      ? [{ value: item.value, start: item.range[0] }]
      : [],
  );
}

/** Whether an entry is another one, or lies in it. */
export function isPartOf(entry: TreeEntry, other: TreeEntry): boolean {
  return isWithin(other.path, entry.path);
}
