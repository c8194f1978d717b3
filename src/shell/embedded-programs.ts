import type { Place } from '../pigen/tree/stage-tree';
import type { Span } from '../pigen/text';
import { ProgramTextBuilder, addWord, heredocText, substitutionText } from './program-text';
import type { ProgramText } from './program-text';
import { findHostExpansions } from './heredoc-scanner';
import type { Command, Heredoc, Script } from './script';
import { mayStartShell, shellInvocation } from './shell-invocation';
import { wordText } from './word-value';

/** A program that a command hands to another shell, or that the shell runs to expand a heredoc. */
export interface EmbeddedProgram extends ProgramText {
  readonly place: Place;
  readonly source: Exclude<Script['source'], 'file'>;
  readonly runBy: Command;
  readonly heredoc: Heredoc | undefined;
}

/** The programs inside a command of a script: what it hands to a shell, and the substitutions in its heredocs. */
export function* embeddedPrograms(
  { text, place, hostExpansions }: Pick<Script, 'text' | 'place' | 'hostExpansions'>,
  command: Command,
): Generator<EmbeddedProgram> {
  const { name, redirects } = command;
  if (name !== undefined && mayStartShell(name.literal)) {
    const invocation = shellInvocation([name, ...command.arguments], place);
    if (invocation?.program !== undefined) {
      const program = wordText(text, invocation.program.span);
      yield { ...program, place: invocation.place, source: 'argument', runBy: command, heredoc: undefined };
    } else if (invocation !== undefined) {
      const input = standardInput(text, command);
      if (input !== undefined) yield { ...input, place: invocation.place, runBy: command };
    }
  }
  for (const { heredoc } of redirects) {
    if (heredoc === undefined || heredoc.quoted) continue;
    for (const expansion of findHostExpansions(text, heredoc.body)) {
      // A shell further out has replaced it already.
      if (expansion.kind !== 'command' || hostExpansions.some(({ span }) => overlap(span, expansion.span)))
        continue;
      const program = substitutionText(text, expansion.span);
      yield { ...program, place, source: 'substitution', runBy: command, heredoc };
    }
  }
}

function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

type Input = ProgramText & Pick<EmbeddedProgram, 'source' | 'heredoc'>;

/** What a command reads, where that is written in the script. The last redirect wins. */
function standardInput(text: string, command: Command): Input | undefined {
  const input = command.redirects.findLast(
    ({ operator, descriptor }) => operator.startsWith('<') && (descriptor ?? 0) === 0,
  );
  if (input?.heredoc !== undefined) {
    return { ...heredocText(text, input.heredoc), source: 'heredoc', heredoc: input.heredoc };
  }
  if (input?.operator === '<<<' && input.target !== undefined) {
    return { ...wordText(text, input.target.span), source: 'here-string', heredoc: undefined };
  }
  if (input !== undefined || command.pipedFrom === undefined) return undefined;
  return output(text, command.pipedFrom);
}

/** What a command writes into a pipe, where that is written in the script. */
function output(text: string, command: Command): Input | undefined {
  switch (command.name?.literal) {
    case 'cat':
      return command.arguments.every(({ text: word }) => word === '-')
        ? standardInput(text, command)
        : undefined;
    case 'echo':
      return echoed(text, command);
    case 'printf':
      return printed(text, command);
    default:
      return undefined;
  }
}

function echoed(text: string, command: Command): Input | undefined {
  let words = command.arguments;
  while (/^-[neE]+$/.test(words[0]?.text ?? '')) words = words.slice(1);
  const interprets = command.arguments
    .slice(0, -words.length || undefined)
    .some(({ text: word }) => word.includes('e'));
  // With -e the text that arrives is not the one that is written.
  if (words.length === 0 || (interprets && words.some(({ text: word }) => word.includes('\\'))))
    return undefined;
  const builder = new ProgramTextBuilder(text);
  for (const [index, word] of words.entries()) {
    if (index > 0) builder.insert(' ', word.span.start - 1);
    addWord(builder, text, word.span);
  }
  return { ...builder.finish(command.span.end), source: 'pipe', heredoc: undefined };
}

/** `printf '%s\n' words…`, or a format that holds nothing but text and newlines. */
function printed(text: string, command: Command): Input | undefined {
  const [format, ...words] = command.arguments;
  if (format?.literal === undefined) return undefined;
  const builder = new ProgramTextBuilder(text);
  if (/^%[sb](?:\\n)?$/.test(format.literal) && words.length > 0) {
    if (format.literal.startsWith('%b') && words.some(({ text: word }) => word.includes('\\')))
      return undefined;
    for (const word of words) {
      addWord(builder, text, word.span);
      if (format.literal.endsWith('\\n')) builder.insert('\n', word.span.end - 1);
    }
    return { ...builder.finish(command.span.end), source: 'pipe', heredoc: undefined };
  }
  const { text: value, map } = wordText(text, format.span);
  if (words.length > 0 || /%|\\(?!n)/.test(value)) return undefined;
  for (let at = 0; at < value.length; at++) {
    const outer = map.toOuter(at);
    if (value.startsWith('\\n', at)) {
      builder.insert('\n', outer);
      at++;
    } else builder.copy({ start: outer, end: outer + 1 });
  }
  return { ...builder.finish(command.span.end), source: 'pipe', heredoc: undefined };
}
