import type { Span } from '../pigen/text';
import { programsOf, walk } from '../shell/queries';
import type { Script } from '../shell/script';
import type { SyntaxNode } from '../shell/syntax-node';
import { functionNamed } from './pi-gen-functions';
import { variableNamed } from './pi-gen-variables';
import type { TreeFile } from './tree-file';

/** What a piece of a script is, as far as it matters where it runs. The order is that of the legend. */
export const tokenTypes = [
  'hostCommand',
  'chrootCommand',
  'piGenFunction',
  'piGenVariable',
  'hostExpansion',
] as const;

export type TokenType = (typeof tokenTypes)[number];

/** `chroot`: it runs inside the image. `hostExpanded`: the build host replaces it before the image sees it. */
export const tokenModifiers = ['chroot', 'hostExpanded'] as const;

export type TokenModifier = (typeof tokenModifiers)[number];

/** A piece of one line. */
export interface SemanticToken {
  /** In the file's text. */
  readonly span: Span;
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
}

/**
 * What an editor colours by where it runs: the names of commands on the host and in the chroot apart, pi-gen's functions and
 * variables, and what the host puts into a chroot's program. In source order, without overlaps, none over the end of a line.
 */
export function semanticTokens(file: TreeFile): readonly SemanticToken[] {
  if (file.role !== 'script' || file.script === undefined) return [];
  const found: SemanticToken[] = [];
  for (const program of programsOf(file.script)) {
    addExpansions(program, found);
    addNames(file, program, found);
  }
  return apart(found.flatMap((token) => byLine(file.text, token)));
}

/** What the host’s shell replaces, as a whole. */
function addExpansions(program: Script, found: SemanticToken[]): void {
  if (program.place !== 'chroot' || program.parent?.place !== 'host') return;
  for (const { span } of program.hostExpansions) {
    found.push({ span: program.toFileSpan(span), type: 'hostExpansion', modifiers: ['hostExpanded'] });
  }
}

function addNames(file: TreeFile, program: Script, found: SemanticToken[]): void {
  // The programs of substitutions in a heredoc lie in what the host replaces, which is told as a whole.
  if (program.source === 'substitution' && program.heredoc !== undefined && isForChroot(program)) return;
  const modifiers: readonly TokenModifier[] = program.place === 'chroot' ? ['chroot'] : [];
  for (const node of walk(program.root)) {
    const type = typeOf(file, program, node);
    if (type === undefined || isReplaced(program, node)) continue;
    found.push({ span: program.toFileSpan(node), type, modifiers });
  }
}

function isForChroot({ parent, heredoc }: Script): boolean {
  return parent?.embedded.some((other) => other.heredoc === heredoc && other.place === 'chroot') === true;
}

function typeOf({ tree }: TreeFile, program: Script, node: SyntaxNode): TokenType | undefined {
  if (node.type === 'variable_name') {
    return variableNamed(tree, program.text.slice(node.start, node.end)) === undefined
      ? undefined
      : 'piGenVariable';
  }
  if (node.type !== 'command_name') return undefined;
  // A name that is worked out, `"$X"`, is coloured as what it is.
  const name = program.text.slice(node.start, node.end);
  if (!/^[\w./+:@-]+$/.test(name)) return undefined;
  const isOwn = program.functions.has(name);
  if (!isOwn && functionNamed(tree, name) !== undefined) return 'piGenFunction';
  return program.place === 'chroot' ? 'chrootCommand' : 'hostCommand';
}

function isReplaced({ hostExpansions }: Script, { start, end }: Span): boolean {
  return hostExpansions.some(({ span }) => span.start < end && start < span.end);
}

function byLine(text: string, token: SemanticToken): readonly SemanticToken[] {
  const pieces: SemanticToken[] = [];
  let { start } = token.span;
  const { end } = token.span;
  while (start < end) {
    const found = text.slice(start, end).search(/[\r\n]/);
    const stop = found < 0 ? end : start + found;
    if (stop > start) pieces.push({ ...token, span: { start, end: stop } });
    start = stop + 1;
  }
  return pieces;
}

/** Where tokens overlap, the one that begins first, or is longer, stays. */
function apart(tokens: readonly SemanticToken[]): readonly SemanticToken[] {
  const sorted = tokens.toSorted((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const kept: SemanticToken[] = [];
  for (const token of sorted) if (token.span.start >= (kept.at(-1)?.span.end ?? 0)) kept.push(token);
  return kept;
}
