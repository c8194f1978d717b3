import { joinPath } from '../pigen/files/path';
import type { FileSystem } from '../pigen/files/file-system';
import { readText } from '../pigen/files/read-text';
import type { Span, TextRange } from '../pigen/text';
import { fileStart, LineIndex } from '../pigen/text';
import { linksIn } from './links';
import { mentionAt } from './mentions';
import { functionNamed } from './pi-gen-functions';
import { variableNamed } from './pi-gen-variables';
import { syntaxAt, textOfNode } from './syntax-at';
import { fileOf } from './tree-entries';
import type { TreeFile } from './tree-file';

export interface Definition {
  /** What is pointed at. In the file's text. */
  readonly origin: Span;
  readonly file: string;
  readonly range: TextRange;
}

/**
 * Where what stands at an offset is defined: a stage, sub-stage, step or file by its name; pi-gen's functions in scripts/common
 * and its variables in config and build.sh, where the tree has them. Rejects only as the file system does when aborted.
 */
export async function definitionsAt(
  file: TreeFile,
  offset: number,
  fs: FileSystem,
): Promise<readonly Definition[]> {
  const mention = mentionAt(file, offset);
  const target = mention && fileOf(mention.entry);
  if (mention !== undefined && target !== undefined)
    return [{ origin: mention.span, file: target, range: fileStart }];
  if (file.role === 'script' || file.role === 'config' || file.role === 'export') {
    const named = await ofName(file, offset, fs);
    if (named.length > 0) return named;
  }
  const links = await linksIn(file, fs);
  return links
    .filter(({ span }) => span.start <= offset && offset <= span.end)
    .map((link) => ({ origin: link.span, file: link.target, range: fileStart }));
}

async function ofName(file: TreeFile, offset: number, fs: FileSystem): Promise<readonly Definition[]> {
  if (file.script === undefined) return [];
  const { nodes, script } = syntaxAt(file.script, offset);
  const node = nodes.find(({ type }) => type === 'command_name' || type === 'variable_name');
  if (node === undefined) return [];
  const name = textOfNode(script, node);
  const origin = script.toFileSpan(node);
  if (node.type === 'command_name') {
    if (script.functions.has(name) || functionNamed(file.tree, name) === undefined) return [];
    return inFile(file, 'scripts/common', new RegExp(`^${name}[ \\t]*\\(\\)`, 'm'), origin, fs);
  }
  if (variableNamed(file.tree, name) === undefined) return [];
  const inConfigs = file.tree.configs.flatMap(({ path, text, assignments }) =>
    assignments
      .filter((assignment) => assignment.name === name && path !== file.path)
      .map(({ span }) => ({ origin, file: path, range: new LineIndex(text).range(span) })),
  );
  const inBuild = await inFile(file, 'build.sh', new RegExp(`^[ \\t]*export ${name}\\b`, 'm'), origin, fs);
  return [...inConfigs, ...inBuild];
}

/** pi-gen's own scripts are looked through by their characters: they are not the user's, and every branch writes them alike. */
async function inFile(
  { tree }: TreeFile,
  name: string,
  pattern: RegExp,
  origin: Span,
  fs: FileSystem,
): Promise<readonly Definition[]> {
  if (tree.layout !== 'pi-gen') return [];
  const path = joinPath(tree.root, name);
  const text = await readText(fs, path);
  const found = typeof text === 'string' ? pattern.exec(text) : null;
  if (typeof text !== 'string' || found === null) return [];
  const range = new LineIndex(text).range({ start: found.index, end: found.index + found[0].length });
  return [{ origin, file: path, range }];
}
