import { isInside, walk } from '../../shell/queries';
import type { Command, Script, Word } from '../../shell/script';
import { writtenPaths } from '../../shell/written-paths';
import { holds, nameOf, textOf } from './programs';

/**
 * The path that a variable of a script stands for: the script sets it once, to a plain text and under no condition. Undefined
 * for all others, and where the script also reads what lies there: then it is a place of the build host to work in.
 */
export function pathVariable(script: Script, name: string): string | undefined {
  if (timesSet(script, name) !== 1) return undefined;
  const setting = script.commands.find(
    (command) =>
      command.name === undefined && command.assignments.some((assignment) => assignment.name === name),
  );
  if (setting === undefined || isInside(setting, ...conditions)) return undefined;
  const value = setting.assignments.find((assignment) => assignment.name === name)?.literal;
  if (value === undefined || script.commands.some((command) => reads(command, name))) return undefined;
  return value;
}

const conditions = [
  'if_statement',
  'case_statement',
  'while_statement',
  'for_statement',
  'function_definition',
  'list',
  'subshell',
] as const;

function timesSet(script: Script, name: string): number {
  let times = 0;
  for (const { type, children } of walk(script.root)) {
    if (type !== 'variable_assignment' && type !== 'for_statement') continue;
    const variable = children.find((child) => child.type === 'variable_name');
    if (variable !== undefined && textOf(script, variable) === name) times++;
  }
  const isRead = script.commands.some(
    (command) => nameOf(command) === 'read' && command.arguments.some(({ literal }) => literal === name),
  );
  return isRead ? Infinity : times;
}

const printers = new Set(['echo', 'printf', 'log']);

function reads(command: Command, name: string): boolean {
  const written = writtenPaths(command).map(({ span }) => span);
  const use = new RegExp(`\\$(?:${name}\\b|\\{${name}\\b)`);
  const isRead = ({ text, span }: Word): boolean =>
    use.test(text) && !written.some((one) => holds(span, one));
  if (command.redirects.some(({ target }) => target !== undefined && isRead(target))) return true;
  return !printers.has(nameOf(command) ?? '') && command.arguments.some(isRead);
}
