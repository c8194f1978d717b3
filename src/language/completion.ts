import { actionInputs } from '../pigen/workflow/action-inputs';
import { branches, findBranch } from '../pigen/branches';
import type { FileSystem } from '../pigen/files/file-system';
import type { Span } from '../pigen/text';
import { describeEntry } from './describe-entry';
import { describeInput, describeValue } from './hover';
import { functionsOf } from './pi-gen-functions';
import {
  configVariablesOfTree,
  defaultOf,
  exportedVariablesOf,
  hostPathVariables,
  valuesOf,
} from './pi-gen-variables';
import { completeFiles } from './sub-stage-paths';
import { isInComment, syntaxAt } from './syntax-at';
import type { SyntaxAt } from './syntax-at';
import { entriesOf } from './tree-entries';
import type { TreeFile } from './tree-file';
import { completeUnits } from './units';
import { completeWorkflow } from './workflow-completion';

export type CompletionKind =
  'function' | 'variable' | 'key' | 'value' | 'file' | 'folder' | 'unit' | 'stage' | 'package';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** What takes the place of `replace`. */
  readonly text: string;
  /** In the file's text; holds the offset. */
  readonly replace: Span;
  /** One line. */
  readonly detail?: string;
  readonly markdown?: string;
  /** Further completions are worth asking for once it is there: a folder, a key. */
  readonly goesOn?: boolean;
}

/** What may stand at an offset of a file. What lies in folders is looked up in `fs`; nothing else is read. */
export async function completionsAt(
  file: TreeFile,
  offset: number,
  fs: FileSystem,
): Promise<readonly Completion[]> {
  switch (file.role) {
    case 'script':
    case 'export':
      return inScript(file, offset, fs);
    case 'config':
      return inConfig(file, offset);
    case 'workflow':
      return completeWorkflow(file, offset);
    default:
      return [];
  }
}

/** The text of the line in front of an offset: a text that is being typed has no syntax to ask yet. */
export function lineBefore({ text, lines }: TreeFile, offset: number): string {
  return text.slice(lines.lineStart(lines.position(offset).line), offset);
}

async function inScript(file: TreeFile, offset: number, fs: FileSystem): Promise<readonly Completion[]> {
  const { script } = file;
  if (script === undefined) return [];
  const at = syntaxAt(script, offset);
  if (isInComment(at, offset)) return [];
  const before = lineBefore(file, offset);
  const variable = /(\\?)\$(\{?)(\w*)$/.exec(before);
  if (variable !== null) {
    const [, escape, brace = '', typed = ''] = variable;
    // Single quotes, and a backslash on the host, keep the dollar from meaning anything there.
    if (at.nodes[0]?.type === 'raw_string') return [];
    return variables(file, at, { typed, braced: brace !== '', offset, forChroot: escape !== '' });
  }
  const isHost = at.script.place === 'host';
  const units = completeUnits(file, before, offset, fs);
  if (units !== undefined) return units;
  if (!isHost) return [];
  const files = completeFiles(file, before, offset, fs);
  if (files !== undefined) return files;
  const command = /(?:^|[;&|({]|\b(?:then|do|else)\b)\s*(\w*)$/.exec(before)?.[1];
  return command === undefined ? [] : functions(file, { start: offset - command.length, end: offset });
}

interface TypedVariable {
  readonly typed: string;
  readonly braced: boolean;
  readonly offset: number;
  /** A backslash stands before it: the chroot's shell reads it. */
  readonly forChroot: boolean;
}

function variables(
  file: TreeFile,
  { script }: SyntaxAt,
  { typed, braced, offset, forChroot }: TypedVariable,
): readonly Completion[] {
  const inChroot = script.place === 'chroot' && (forChroot || script.heredoc?.quoted !== false);
  const closed = file.text.charAt(offset) === '}';
  return exportedVariablesOf(file.tree)
    .filter(({ name }) => !inChroot || !hostPathVariables.has(name))
    .map(({ name, summary }): Completion => {
      const [value] = valuesOf(file.tree, name, file);
      return {
        label: name,
        kind: 'variable',
        text: braced && !closed ? `${name}}` : name,
        replace: { start: offset - typed.length, end: offset },
        ...(value?.value !== undefined && { detail: value.value }),
        markdown: value === undefined ? summary : `${summary}\n\n${describeValue(value)}`,
      };
    });
}

function functions({ tree }: TreeFile, replace: Span): readonly Completion[] {
  return functionsOf(tree).map(({ name, summary, details, usage }) => ({
    label: name,
    kind: 'function',
    text: name,
    replace,
    detail: usage,
    markdown: `${summary}\n\n${details}`,
  }));
}

function inConfig(file: TreeFile, offset: number): readonly Completion[] {
  const before = lineBefore(file, offset);
  const key = /^\s*(?:export\s+)?(\w*)$/.exec(before)?.[1];
  if (key !== undefined) return configKeys(file, { start: offset - key.length, end: offset });
  const [, name, typed] = /^\s*(?:export\s+)?(\w+)\+?=["']?(.*)$/.exec(before) ?? [];
  if (name === undefined || typed === undefined || typed.includes('#')) return [];
  return configValues(file, name, typed, offset);
}

function configKeys(file: TreeFile, replace: Span): readonly Completion[] {
  const set = new Set(
    file.tree.configs.find(({ path }) => path === file.path)?.assignments.map(({ name }) => name),
  );
  const follows = file.text.charAt(replace.end) === '=';
  return configVariablesOfTree(file.tree)
    .filter(({ name, replacedBy }) => !set.has(name) && replacedBy === undefined)
    .map(({ name, summary }) => {
      const fallback = defaultOf(file.tree, name);
      return {
        label: name,
        kind: 'key',
        text: follows ? name : `${name}=`,
        replace,
        ...(fallback !== undefined && { detail: `default: ${fallback}` }),
        markdown: summary,
        goesOn: true,
      };
    });
}

function configValues(file: TreeFile, name: string, typed: string, offset: number): readonly Completion[] {
  const word = /[^\s"']*$/.exec(typed)?.[0] ?? '';
  const replace = { start: offset - word.length, end: offset };
  if (name === 'STAGE_LIST') return stages(file, replace, file.tree.layout === 'pi-gen' ? '' : undefined);
  if (typed !== word) return [];
  return valuesFor(file, name).map((value) => ({ label: value, kind: 'value', text: value, replace }));
}

function valuesFor({ tree }: TreeFile, name: string): readonly string[] {
  const branch = findBranch(tree.branch);
  if (name === 'RELEASE') return branch === undefined ? releases : [branch.release];
  if (name === 'EXPORT_CONFIG_DIR')
    return tree.stages.filter(({ role }) => role === 'export').map((stage) => stage.name);
  const variable = configVariablesOfTree(tree).find((one) => one.name === name);
  if (variable?.values !== undefined) return variable.values;
  const fallback = defaultOf(tree, name);
  return fallback === undefined || fallback.includes('$')
    ? []
    : [/\s|[()]/.test(fallback) ? `"${fallback}"` : fallback];
}

const releases: readonly string[] = [...new Set(branches.map(({ release }) => release))];

/**
 * The stages that a list may name: those of the tree by their path in it, pi-gen's own by name where they are not here.
 *
 * @param prefix put before the paths; undefined: the stages are named by their base names
 */
export function stages(file: TreeFile, replace: Span, prefix: string | undefined): readonly Completion[] {
  const { tree } = file;
  const own = tree.stages
    .filter(({ role }) => role === 'stage')
    .map((stage): Completion => {
      const entry = entriesOf(tree).get(stage.path);
      const path = prefix === undefined ? stage.name : prefix + relativeTo(tree.root, stage.path);
      const text = stage.overlay ? stage.name : path;
      return {
        ...{ label: text, kind: 'stage', text, replace },
        ...(entry !== undefined && { markdown: describeEntry(tree, entry) }),
      };
    });
  const upstream = tree.layout === 'pi-gen' ? [] : ((findBranch(tree.branch) ?? branches[0])?.stages ?? []);
  const here = new Set(tree.stages.map(({ name }) => name));
  return [
    ...upstream
      .filter((name) => !here.has(name))
      .map((name): Completion => ({
        label: name,
        kind: 'stage',
        text: name,
        replace,
        detail: 'stage of pi-gen itself',
      })),
    ...own,
  ];
}

function relativeTo(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

/** The inputs of pi-gen-action, as completions of a key. */
export function inputCompletions(
  given: ReadonlySet<string>,
  replace: Span,
  colon: boolean,
): readonly Completion[] {
  return actionInputs
    .filter(({ name }) => !given.has(name) && name !== 'internal-matrix-context')
    .map(({ name, summary, default: fallback }) => ({
      label: name,
      kind: 'key',
      text: colon ? name : `${name}: `,
      replace,
      detail: fallback === undefined || fallback === '' ? summary : `default: ${fallback}`,
      markdown: describeInput(name) ?? summary,
      goesOn: true,
    }));
}
