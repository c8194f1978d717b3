import type { Span, TextRange } from '../../pigen/text';
import { programsOf, walk } from '../../shell/queries';
import type { Command, Script, Word } from '../../shell/script';
import { placeOf } from '../../shell/place-at';
import { invocationOf } from '../../shell/shell-invocation';
import type { DataFile } from './data-file';
import { isSwallowed } from '../knowledge/missed-end';
import { packageOperands } from './package-operands';
import { definesFunction, fileSpanToEdit } from '../knowledge/programs';
import type { ScriptFile } from '../rule';

/** A place that names a package for apt-get to install. */
export interface PackageMention {
  readonly file: string;
  /** Of the name alone, without what apt reads in it. */
  readonly range: TextRange;
  /** The name. */
  readonly name: string;
  /** The name with a `+` at its end, which may belong to it: `g++`. */
  readonly longName: string | undefined;
  /** Behind `:`; undefined where none is asked for. */
  readonly architecture: string | undefined;
}

/** `name`, `name=version`, `name/suite`, `name:arch`, `name+`, `name-`. Globs, patterns, tasks and paths are for apt to judge. */
const operand = /^([a-z0-9][a-z0-9.+-]*?)([+-]?)(?::([a-z0-9]+(?:-[a-z0-9]+)*))?(?:[=/][^\s/]+)?$/;

function readOperand(text: string): Pick<PackageMention, 'name' | 'longName' | 'architecture'> | undefined {
  const found = operand.exec(text);
  if (found === null) return undefined;
  const [, name = '', sign = '', architecture] = found;
  // What is not to be installed need not be there: apt knows each name that another package only speaks of.
  if (name.length < 2 || sign === '-') return undefined;
  // `any`, `native` and `all` name no architecture of their own.
  const own =
    architecture === undefined || /^(?:any|native|all)$/.test(architecture) ? undefined : architecture;
  return { name, longName: sign === '' ? undefined : name + sign, architecture: own };
}

/** The packages that a NN-packages or NN-packages-nr file names. */
export function mentionsInList(file: DataFile): readonly PackageMention[] {
  return packageOperands(file).flatMap(({ text, span }) => {
    const read = readOperand(text);
    if (read === undefined) return [];
    const own = { start: span.start, end: span.start + read.name.length };
    // A byte order mark stands before it.
    if (file.text.slice(own.start, own.end) !== read.name) return [];
    const range = file.lines.range(own);
    return [{ file: file.path, range, ...read }];
  });
}

/** The packages that `apt-get install` in the chroot names, where it certainly runs and its failure counts. */
export function mentionsInScript(file: ScriptFile): readonly PackageMention[] {
  if (!/\bapt(?:-get|itude)?\b[^]*\binstall\b/.test(file.text)) return [];
  const mentions: PackageMention[] = [];
  for (const program of programsOf(file.script)) {
    if (program.place !== 'chroot' || isSwallowed(program)) continue;
    for (const command of program.commands) {
      for (const word of installOperands(program, command)) {
        const read = word.literal === word.text ? readOperand(word.text) : undefined;
        if (read === undefined) continue;
        const { start } = word.span;
        const span = fileSpanToEdit(file.text, program, { start, end: start + read.name.length });
        mentions.push({ file: file.path, range: file.lines.range(span), ...read });
      }
    }
  }
  return mentions;
}

/** The operands of an `apt-get install` that pi-gen runs without a condition. */
function installOperands(program: Script, command: Command): readonly Word[] {
  const invocation = invocationOf(command);
  if (invocation === undefined || !/^(?:apt|apt-get|aptitude)$/.test(invocation.name)) return [];
  const { name, arguments: words } = invocation;
  if (definesFunction(program, name) || placeOf(program, command.span) !== 'chroot') return [];
  // Another release, another root, or a file of its own may know other packages.
  if (words.some(({ text }) => otherSources.test(text))) return [];
  const operands = words.filter(({ text }) => !text.startsWith('-'));
  if (operands[0]?.literal !== 'install') return [];
  return isCertain(program, command) ? operands.slice(1) : [];
}

const otherSources =
  /^(?:-[a-zA-Z]*[tocm]|--(?:target-release|default-release|option|config-file|ignore-missing)(?:=|$))/;

/** What may stand around a command that runs in any case. */
const certain = new Set(['program', 'redirected_statement', 'compound_statement', 'subshell', 'list']);

/** What decides whether the rest of a list runs. */
const decisive = new Set(['||', 'test_command', 'negated_command', 'pipeline', 'compound_statement']);

/** Programs that do not decide by their result whether the rest of a list runs: they succeed or the build stops. */
const steady = /^(?:apt|apt-get|aptitude|dpkg|export|echo|cd|mkdir|rm|set|log|sudo)$/;

function isCertain(program: Script, { ancestors }: Command): boolean {
  // A `$(…)` of an unquoted heredoc, and everything that is run on a condition, in a loop, or in a function.
  if (
    mayEnd(program) ||
    program.source === 'substitution' ||
    !ancestors.every(({ type }) => certain.has(type))
  )
    return false;
  const list = ancestors.findLast(({ type }) => type === 'list');
  if (list === undefined) return !isConditional(program);
  for (const { type } of walk(list)) if (decisive.has(type)) return false;
  const inList = program.commands.filter(({ span }) => isInside(span, { start: list.start, end: list.end }));
  if (!inList.every((other) => steady.test(invocationOf(other)?.name ?? ''))) return false;
  return !isConditional(program);
}

/** Whether a program may come to its end before its last line: what follows then runs on a condition too. */
function mayEnd({ commands, parent }: Script): boolean {
  const ends = commands.some(({ name }) => name?.literal === 'exit' || name?.literal === 'return');
  return ends || (parent !== undefined && mayEnd(parent));
}

/** Whether the command that runs a program inside another one stands under a condition there. */
function isConditional({ parent, runBy }: Script): boolean {
  if (parent === undefined || runBy === undefined) return false;
  return !runBy.ancestors.every(({ type }) => type !== 'list' && certain.has(type)) || isConditional(parent);
}

function isInside(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
