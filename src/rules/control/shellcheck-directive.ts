import type { Finding, FixEdit } from '../../pigen/finding';
import { LineIndex } from '../../pigen/text';
import { programsOf } from '../../shell/queries';
import type { Script } from '../../shell/script';
import type { SyntaxNode } from '../../shell/syntax-node';

/** A finding that goes by the code of another checker. */
export type FindingWithCode = Finding & Required<Pick<Finding, 'code'>>;

/**
 * Turns a code of ShellCheck off for the command that a finding is about, by a comment above it: in its own program, so that
 * in a heredoc it stands in the body. Undefined where ShellCheck takes no comment.
 */
export function directiveForLine(
  { code, file, range }: FindingWithCode,
  script: Script,
  text: string,
): FixEdit | undefined {
  const lines = new LineIndex(text);
  const line = commandLine(script, lines.offset(range.start), lines);
  if (line === undefined) return undefined;
  const start = lines.lineStart(line);
  // A lone carriage return ends a line for an editor, but not for a shell.
  if (line > 0 && text[start - 1] !== '\n') return undefined;
  const indent = /^[ \t]*/.exec(text.slice(start, lines.lineEnd(line)))?.[0] ?? '';
  const written = `${indent}# shellcheck disable=${code.name}${text.includes('\r\n') ? '\r\n' : '\n'}`;
  const place = { line, column: 0 };
  return { kind: 'replace', file, range: { start: place, end: place }, text: written };
}

/** Turns a code of ShellCheck off for a file and the programs in it, by a comment below its `#!` line. */
export function directiveForFile({ code, file }: FindingWithCode, text: string): FixEdit {
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const comment = `# shellcheck disable=${code.name}${ending}`;
  const newline = text.indexOf('\n');
  const line = text.startsWith('#!') ? 1 : 0;
  const isOneLine = line === 1 && newline < 0;
  const place = isOneLine ? { line: 0, column: text.length } : { line, column: 0 };
  return {
    kind: 'replace',
    file,
    range: { start: place, end: place },
    text: isOneLine ? ending + comment : comment,
  };
}

/**
 * The line on which the command around a place begins, where nothing stands before it: 0-based. Where a program stands in a
 * word, or begins behind other text, it is the line of the command that runs it.
 */
function commandLine(script: Script, offset: number, lines: LineIndex): number | undefined {
  for (let own = innermost(script, offset); ;) {
    const around = nodesAround(own, offset);
    for (const [index, node] of around.entries()) {
      const parent = around[index + 1];
      if (parent === undefined || !isInList(node, parent)) continue;
      const start = lines.position(own.toFile(node.start));
      const before = lines.lineStart(start.line);
      const isFirst = start.column === 0 || isBlank(script.text.slice(before, before + start.column));
      if (isFirst) return start.line;
    }
    if (own.parent === undefined || own.runBy === undefined) return undefined;
    offset = own.parent.toFile(own.runBy.span.start);
    own = own.parent;
  }
}

function isBlank(text: string): boolean {
  return /^[ \t]*$/.test(text);
}

/** The program that a place of the file belongs to. */
function innermost(script: Script, offset: number): Script {
  let found = script;
  for (const program of programsOf(script)) {
    if (program.source === 'substitution' || program.text === '') continue;
    const { start, end } = program.toFileSpan({ start: 0, end: program.text.length });
    if (start <= offset && offset < end) found = program;
  }
  return found;
}

/** The nodes that hold a place of the file, innermost first. */
function nodesAround(program: Script, offset: number): readonly SyntaxNode[] {
  const around: SyntaxNode[] = [];
  let node: SyntaxNode | undefined = program.root;
  while (node !== undefined) {
    around.unshift(node);
    node = node.children.find(
      ({ start, end }) => program.toFile(start) <= offset && offset < program.toFile(end),
    );
  }
  return around;
}

const lists: ReadonlySet<string> = new Set(['program', 'compound_statement', 'do_group', 'subshell']);
const branches: ReadonlySet<string> = new Set(['if_statement', 'elif_clause', 'else_clause', 'case_item']);

/** Whether a node is a command of a list, before which ShellCheck takes a comment; not a condition, nor a pattern. */
function isInList(node: SyntaxNode, parent: SyntaxNode): boolean {
  if (!node.named || node.type === 'comment' || node.type === 'heredoc_body') return false;
  if (lists.has(parent.type)) return true;
  const isClause = node.type === 'elif_clause' || node.type === 'else_clause' || node.type === 'case_item';
  return branches.has(parent.type) && !isClause && node.field !== 'condition' && node.field !== 'value';
}
