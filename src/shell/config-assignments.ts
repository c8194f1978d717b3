import type { ConfigAssignment } from '../pigen/config/config-assignment';
import type { Span } from '../pigen/text';
import { analyseScript } from './analyse-script';
import type { BashParser } from './bash-parser';
import type { Assignment, Command, Script } from './script';
import type { SyntaxNode } from './syntax-node';
import { assignedParts, literalOf } from './word-value';

/** Declarations that assign variables of the shell that sources the file; those of `local` end with their function. */
const declarations = new Set(['export', 'declare', 'typeset', 'readonly']);

/**
 * The assignments of a bash text that another script sources, in source order, where the text tells them: see
 * ConfigAssignment. An assignment in front of a command (`A=1 make`) is none. Never throws.
 */
export function readAssignments(text: string, parser: BashParser): readonly ConfigAssignment[] {
  return configAssignments(analyseScript(parser, text, 'host'));
}

/** The same of a text that is parsed already. */
export function configAssignments(script: Script): readonly ConfigAssignment[] {
  const exported = exportedNames(script);
  const found: ConfigAssignment[] = [];
  for (const command of script.commands) {
    const name = command.name?.literal;
    if (command.name !== undefined && !declarations.has(name ?? '')) continue;
    for (const assignment of command.assignments) {
      found.push(
        configAssignment(script, command, assignment, exported.has(assignment.name) || exports(command)),
      );
    }
  }
  return found;
}

function configAssignment(
  script: Script,
  command: Command,
  { name, span, value, literal }: Assignment,
  exported: boolean,
): ConfigAssignment {
  const append = script.text.slice(span.start, value.start).endsWith('+=');
  const parts = assignedParts(script.text, value);
  return {
    name,
    append,
    exported,
    literal,
    parts,
    ...(parts === undefined ? { texts: textsIn(script.text, command.node, value) } : {}),
    span,
    valueSpan: value,
    conditional: isConditional(command),
  };
}

/** Nodes of plain text, quotes and all. */
const textNodes = new Set(['word', 'number', 'string_content', 'raw_string', 'ansi_c_string']);

/** Commands whose words become their output. */
const repeaters = new Set(['echo', 'printf']);

/** The plain texts of a value. Of other commands in it, what is quoted: their names and options are no part of what they print. */
function textsIn(source: string, node: SyntaxNode, span: Span, onlyQuoted = false): readonly string[] {
  if (node.end <= span.start || node.start >= span.end) return [];
  if (textNodes.has(node.type) && node.start >= span.start && node.end <= span.end) {
    const isBare = node.type === 'word' || node.type === 'number';
    if (onlyQuoted && isBare) return [];
    const text = source.slice(node.start, node.end);
    return [node.type === 'string_content' ? text : (literalOf(source, node) ?? text)];
  }
  const name = node.children.find(({ type }) => type === 'command_name');
  const quoted = name === undefined ? onlyQuoted : !repeaters.has(source.slice(name.start, name.end));
  return node.children
    .filter((child) => child !== name)
    .flatMap((child) => textsIn(source, child, span, quoted));
}

/** Names that the file exports at top level without assigning them there. */
function exportedNames(script: Script): ReadonlySet<string> {
  const names = script.commands
    .filter((command) => exports(command) && !isConditional(command))
    .flatMap((command) => command.arguments.map(({ text }) => text));
  return new Set(names);
}

function exports({ name, arguments: words }: Command): boolean {
  if (name?.literal === 'export') return !words.some(({ text }) => /^-[a-z]*n/.test(text));
  if (name?.literal !== 'declare' && name?.literal !== 'typeset') return false;
  return words.some(({ text }) => /^-[A-Za-z]*x/.test(text));
}

/** Nodes that change nothing about whether, and in which shell, what is in them is carried out. */
const plainAncestors = new Set(['program', 'redirected_statement', 'compound_statement']);

function isConditional(command: Command): boolean {
  let inner = command.node;
  for (const ancestor of command.ancestors) {
    const isFirstOfList = ancestor.type === 'list' && ancestor.children[0] === inner;
    if (!plainAncestors.has(ancestor.type) && !isFirstOfList) return true;
    inner = ancestor;
  }
  return false;
}
