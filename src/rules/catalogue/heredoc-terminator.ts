import type { Fix } from '../../pigen/finding';
import { isBalanced } from '../../shell/heredoc-scanner';
import type { Script } from '../../shell/script';
import { missedEnd } from '../knowledge/missed-end';
import type { MissedEnd } from '../knowledge/missed-end';
import type { Report, Rule, ScriptFile } from '../rule';

export const heredocTerminator: Rule = {
  name: 'heredoc-terminator',
  severity: 'error',
  summary:
    'The line that shall end a heredoc is indented or holds more than the terminator, so that bash reads on.',
  page: {
    why: `bash ends a heredoc at the line that **is** the terminator: nothing before it, nothing behind it, not even a space. \`<<-\` drops
leading tabs, but no spaces. Every other line is part of the text.`,
    build: `bash takes what follows for text, up to the end of the script, and only warns: \`here-document at line N delimited by
end-of-file (wanted 'EOF')\`. For an \`on_chroot\` heredoc the rest of the host script then runs inside the chroot, and the terminator itself
as a command: \`EOF: command not found\`.`,
    fix: `Put the terminator alone at the start of its line, or use \`<<-\` and tabs. The quick fix takes away what is too much.`,
    silent: [
      '`<<-` with tabs before the terminator',
      'a heredoc at the very end of a script without any terminator: bash takes it as it is',
      'a line of the text that looks like the terminator, where the real one follows',
      'carriage returns at the ends of all lines',
    ],
    bad: { tree: 'bad-ends', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-ends', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (!file.text.includes('<<')) return;
    yield* check(file, file.script);
  },
};

function* check(file: ScriptFile, program: Script): Generator<Report> {
  const open = program.heredocs.flatMap((heredoc) => missedEnd(program, heredoc) ?? []);
  for (const missed of open) {
    yield {
      message: `${reasonOf(missed)}, so bash does not end the heredoc here: the lines that follow become a part of its text. Put ${missed.heredoc.delimiter} alone at the start of the line.`,
      file: file.path,
      span: program.toFileSpan(missed.line),
      fixes: fixOf(file, program, missed),
    };
  }
  // What is inside an open heredoc is not what the author sees.
  for (const inner of program.embedded) {
    if (!open.some(({ heredoc }) => heredoc === inner.heredoc)) yield* check(file, inner);
  }
}

function reasonOf({ heredoc, indent, after }: MissedEnd): string {
  if (indent !== '') {
    return heredoc.stripsTabs ? 'The terminator is indented with spaces' : 'The terminator is indented';
  }
  return after.trim() === ''
    ? 'White space follows the terminator'
    : 'Something follows the terminator on its line';
}

function fixOf(file: ScriptFile, program: Script, { heredoc, line, after }: MissedEnd): readonly Fix[] {
  // What stands behind it may be a part of the command.
  if (!/^[ \t]*(?:;?[ \t]*(?:#.*)?)$/.test(after) || program.parent !== undefined) return [];
  // What follows becomes code, which bash has not read so far.
  const mended = program.text.slice(0, line.start) + heredoc.delimiter + program.text.slice(line.end);
  if (!isBalanced(mended)) return [];
  const range = file.lines.range(program.toFileSpan(line));
  return [
    {
      title: `Leave ${heredoc.delimiter} alone on its line`,
      edits: [{ kind: 'replace', file: file.path, range, text: heredoc.delimiter }],
      preferred: true,
    },
  ];
}
