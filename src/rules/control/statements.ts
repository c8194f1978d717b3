import type { LineIndex } from '../../pigen/text';
import { programsOf } from '../../shell/queries';
import type { Command, Heredoc, Script } from '../../shell/script';

/** The lines that a statement of a script takes up, 0-based, both included. */
export interface StatementLines {
  readonly first: number;
  readonly last: number;
  readonly script: Script;
}

/** What holds statements; everything else around a command is a part of its statement. */
const blocks: ReadonlySet<string> = new Set([
  ...['program', 'compound_statement', 'do_group', 'if_statement', 'elif_clause', 'else_clause', 'subshell'],
  ...['while_statement', 'for_statement', 'c_style_for_statement', 'case_statement', 'case_item'],
  'function_definition',
]);

/**
 * The statements of a script and of the programs in it. A statement has its continuation lines and the data in its
 * heredocs, where no comment can stand; but not a program in a heredoc, which has comments of its own.
 */
export function statementLines(script: Script, lines: LineIndex): readonly StatementLines[] {
  const statements: StatementLines[] = [];
  for (const program of programsOf(script)) {
    const programs = new Set(program.embedded.map(({ heredoc }) => heredoc));
    for (const command of program.commands) {
      const lineOf = (offset: number): number => lines.position(program.toFile(offset)).line;
      const first = lineOf(statementStart(command));
      const last = lineOf(endOf(command, programs) - 1);
      if (last >= first) statements.push({ first, last, script: program });
    }
  }
  return statements;
}

function statementStart(command: Command): number {
  let { start } = command.span;
  for (const node of command.ancestors) {
    if (blocks.has(node.type)) break;
    start = Math.min(start, node.start);
  }
  return start;
}

/** Behind its last word, or the last heredoc of it that is data. */
function endOf(command: Command, programs: ReadonlySet<Heredoc | undefined>): number {
  const words = [command.name, ...command.arguments, ...command.redirects.map(({ target }) => target)];
  const data = command.redirects.flatMap(({ heredoc }) =>
    heredoc === undefined || programs.has(heredoc) ? [] : [heredoc.body.end],
  );
  return Math.max(
    ...command.assignments.map(({ span }) => span.end),
    ...words.map((word) => word?.span.end ?? 0),
    ...data,
    command.span.start + 1,
  );
}
