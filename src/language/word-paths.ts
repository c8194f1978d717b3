import type { Span } from '../pigen/text';
import type { Script } from '../shell/script';
import type { SyntaxNode } from '../shell/syntax-node';

/** A part of a path as a script writes it, between slashes. */
export interface PathPart {
  readonly name: string;
  /** In the program's text, quotes around it left out. */
  readonly span: Span;
}

/** A word that may name a path: a variable that it begins with, then parts that are plain text. */
export interface WordPath {
  /** The word as a whole, in the program's text. */
  readonly span: Span;
  /** `$X/…`, `${X}/…`; `dirname` for `$(dirname "$0")/…` and its like. */
  readonly variable: string | undefined;
  readonly absolute: boolean;
  /** Up to the first part that the shell has something to do with. */
  readonly parts: readonly PathPart[];
  /** All parts are plain text. */
  readonly whole: boolean;
  /** The nodes around it, innermost first. */
  readonly ancestors: readonly SyntaxNode[];
}

const wordTypes = new Set(['word', 'string', 'raw_string', 'concatenation', 'extglob_pattern']);

/** The words of a program, wherever they stand: arguments, tests, redirects, assigned values. Not those of programs inside it. */
export function wordPaths(program: Script): readonly WordPath[] {
  const found: WordPath[] = [];
  visit(program, program.root, [], found);
  return found;
}

function visit(program: Script, node: SyntaxNode, ancestors: readonly SyntaxNode[], found: WordPath[]): void {
  if (wordTypes.has(node.type)) found.push(readWord(program, node, ancestors));
  if (node.children.length === 0) return;
  const inside = wordTypes.has(node.type);
  const chain = [node, ...ancestors];
  for (const child of node.children) {
    if (inside) visitSubstitutions(program, child, chain, found);
    else visit(program, child, chain, found);
  }
}

/** Within a word, only what another command makes of it holds words again. */
function visitSubstitutions(
  program: Script,
  node: SyntaxNode,
  ancestors: readonly SyntaxNode[],
  found: WordPath[],
): void {
  if (node.type === 'command_substitution' || node.type === 'process_substitution') {
    visit(program, node, ancestors, found);
    return;
  }
  const chain = [node, ...ancestors];
  for (const child of node.children) visitSubstitutions(program, child, chain, found);
}

/** What a script writes for its own folder. */
const ownFolder =
  /^\$\(\s*dirname (?:--\s+)?"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})"?\s*\)|^\$\{(?:0|BASH_SOURCE(?:\[0\])?)%\/\*\}/;

function readWord(program: Script, node: SyntaxNode, ancestors: readonly SyntaxNode[]): WordPath {
  const { start, end } = node;
  const raw = program.text.slice(start, end);
  const literal = raw.startsWith("'");
  const opening = literal || raw.startsWith('"') ? 1 : 0;
  const own = literal ? undefined : ownFolder.exec(raw.slice(opening))?.[0];
  const [prefix, plain, braced] = /^\$(?:(\w+)|\{(\w+)\})(?=["'/]|$)/.exec(raw.slice(opening)) ?? [];
  const begun = own ?? (literal ? undefined : prefix);
  const variable = own !== undefined ? 'dirname' : literal ? undefined : (plain ?? braced);
  const { parts, whole, absolute } = readParts(raw, opening + (begun?.length ?? 0), start);
  return {
    span: { start, end },
    variable,
    absolute: absolute && begun === undefined,
    parts,
    whole,
    ancestors,
  };
}

/** Splits what follows the variable. Quotes may stand around any stretch of it. */
function readParts(raw: string, from: number, start: number): Pick<WordPath, 'parts' | 'whole' | 'absolute'> {
  const parts: PathPart[] = [];
  let name = '';
  let first = from;
  let last = from;
  let absolute = false;
  const close = (): void => {
    if (name !== '') parts.push({ name, span: { start: start + first, end: start + last } });
    name = '';
  };
  for (let at = from; at < raw.length; at++) {
    const character = raw.charAt(at);
    if (character === '"' || character === "'") continue;
    if (character === '/') {
      absolute ||= parts.length === 0 && name === '';
      close();
      continue;
    }
    if (!/[\w.@+:,=~-]/.test(character)) {
      // A glob, an expansion or an escape: nothing is known of this part and of what follows.
      return { parts, whole: false, absolute };
    }
    if (name === '') first = at;
    name += character;
    last = at + 1;
  }
  close();
  return { parts, whole: true, absolute };
}
