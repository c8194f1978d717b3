import type { Span } from '../pigen/text';
import type { Command, Script } from './script';
import type { SyntaxNode } from './syntax-node';

/** A node and all below it, in source order. */
export function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    for (let i = next.children.length - 1; i >= 0; i--) {
      const child = next.children[i];
      if (child !== undefined) waiting.push(child);
    }
  }
}

/** A script and every program inside it, outermost first. */
export function* programsOf(script: Script): Generator<Script> {
  yield script;
  for (const inner of script.embedded) yield* programsOf(inner);
}

export interface PlacedCommand {
  readonly script: Script;
  readonly command: Command;
}

/** The commands of a script and of every program inside it. */
export function* commandsDeep(script: Script): Generator<PlacedCommand> {
  for (const program of programsOf(script)) {
    for (const command of program.commands) yield { script: program, command };
  }
}

/** Whether a node of one of these types encloses the command, within its own program. */
export function isInside(command: Command, ...types: readonly string[]): boolean {
  return command.ancestors.some(({ type }) => types.includes(type));
}

/** Words that open a statement with more statements in it. */
const openers: ReadonlySet<string> = new Set([
  ...['if', 'then', 'elif', 'else', 'case', 'for', 'while', 'until', 'do', 'function', '{', '('],
]);

/**
 * Whether the command stands in a function, a test or a loop that lacks its end, as while it is being typed. The parser makes no
 * such statement of it yet: its words stand in a node of an error.
 */
export function isInUnfinished({ ancestors, span }: Command): boolean {
  return ancestors.some(
    ({ type, children }) =>
      type === 'ERROR' && children.some((child) => child.start < span.start && openers.has(child.type)),
  );
}

/** Whether `&` follows the command, or a redirect, pipe or list that ends with it. */
export function isInBackground({ node, ancestors }: Command): boolean {
  let inner = node;
  for (const ancestor of ancestors) {
    const next = ancestor.children[ancestor.children.indexOf(inner) + 1];
    if (next?.type === '&') return true;
    if (!['redirected_statement', 'pipeline', 'list'].includes(ancestor.type)) return false;
    inner = ancestor;
  }
  return false;
}

export interface ShebangLine {
  /** The first line without its ending. */
  readonly span: Span;
  /** As written: `/bin/bash`, `/usr/bin/env`. */
  readonly interpreter: string;
  /** Split at blanks. The kernel hands them over as one. */
  readonly arguments: readonly string[];
}

/** The first line of a program where it begins with `#!`. */
export function shebang(script: Script): ShebangLine | undefined {
  if (!script.text.startsWith('#!')) return undefined;
  const newline = script.text.indexOf('\n');
  let end = newline < 0 ? script.text.length : newline;
  if (script.text[end - 1] === '\r') end--;
  const [interpreter, ...words] = script.text
    .slice(2, end)
    .split(/[ \t]+/)
    .filter((word) => word !== '');
  if (interpreter === undefined) return undefined;
  return { span: { start: 0, end }, interpreter, arguments: words };
}

/** The commands that turn on errexit: `set -e`, `set -euo pipefail`, `set -o errexit`. Not the shebang's `-e`. */
export function setsErrexit(script: Script): readonly Command[] {
  return script.commands.filter(({ name, arguments: words }) => {
    if (name?.literal !== 'set') return false;
    return words.some(({ text }, index) => {
      if (!/^-[A-Za-z]/.test(text)) return false;
      return text.includes('e') || (text.endsWith('o') && words[index + 1]?.literal === 'errexit');
    });
  });
}
