import type { ConfigAssignment } from '../pigen/config-assignment';
import { analyseScript } from './analyse-script';
import type { BashParser } from './bash-parser';
import type { Assignment, Command, Script } from './script';
import { assignedParts } from './word-value';

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
  return {
    name,
    append,
    exported,
    literal,
    parts: assignedParts(script.text, value),
    span,
    valueSpan: value,
    conditional: isConditional(command),
  };
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
