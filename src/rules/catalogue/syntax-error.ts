import { configVariables } from '../../pigen/config/config-variables';
import { baseName } from '../../pigen/files/path';
import { LineIndex } from '../../pigen/text';
import type { Span } from '../../pigen/text';
import { findSyntaxProblem } from '../../shell/find-syntax-problem';
import type { Script } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import type { SyntaxProblem } from '../../shell/syntax-problem';
import type { ShellDialect } from '../../shell/word-reader';
import { mergeConflict } from '../knowledge/merge-conflict';
import { isSwallowed, missedEnd } from '../knowledge/missed-end';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import { readShebang } from '../knowledge/shebang';

export const syntaxError: Rule = {
  name: 'syntax-error',
  severity: 'error',
  summary: 'A script, or a program in a heredoc, that bash refuses to read.',
  page: {
    why: `bash reads a script command by command. At the first thing that it cannot read it gives up: a quote that is never closed, an
\`if\` without \`fi\`, a \`done\` too many. The body of an \`on_chroot\` heredoc, and \`NN-run-chroot.sh\`, are read so inside the chroot.`,
    build: `What stands before is carried out, then the build fails: \`syntax error near unexpected token\`, \`unexpected EOF while looking
for matching\`, or \`syntax error: unexpected end of file\`, often far behind the mistake.`,
    fix: `Close what is open, or take away what is too much. The finding stands where bash noticed it, or at the opening for which no end
came: the mistake is there or before it.`,
    silent: [
      'what bash takes in a mode of its own only: extended patterns (`!(a|b)`) outside of `[[`, aliases, coprocesses',
      'lines behind an `exit`, which bash never reads',
      'what the build host puts into an unquoted heredoc: nothing is known of it',
      'scripts of other shells and languages; for `#!/bin/sh`, whatever dash may take',
      'files with Windows line endings, and heredocs whose terminator is missed: findings of their own',
    ],
    bad: { tree: 'bad-syntax', show: 'stage-app/00-service/00-run.sh' },
    good: { tree: 'good-syntax', show: 'stage-app/00-service/00-run.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    const dialect = dialectOf(file);
    // Of these line-endings speaks.
    if (dialect === undefined || file.text.includes('\r') || file.text.startsWith('\uFEFF')) return;
    const problem = findSyntaxProblem(file.text, dialect);
    if (problem !== undefined) {
      if (swallows(file.script)) return;
      yield reportOf(file, problem, fileEffect, (span) => span);
    } else if (/<<|[ \t]-\w*c\b/.test(file.text)) yield* checkInside(file, file.script);
  },

  *checkTree(context: TreeContext): Iterable<Report> {
    const { tree, dataFiles, sourcedFiles, includesUpstream } = context;
    for (const { path, text } of tree.configs) {
      // What cannot be read has no assignments to tell by.
      const isOfPiGen = configVariables.some(({ name }) => text.includes(`${name}=`));
      if (isOfPiGen) yield* checkSourced(path, text, 'build.sh');
    }
    for (const { path, kind, text, upstream } of dataFiles.values()) {
      if (kind === 'export-image' && (includesUpstream || !upstream))
        yield* checkSourced(path, text, 'build.sh');
    }
    for (const [path, text] of sourcedFiles.texts) {
      // A step that another one sources has been judged as such.
      const [report] = context.scripts.has(path) ? [] : checkSourced(path, text, 'the script');
      const by = report && sourcingScript(path, context);
      if (by !== undefined) yield* checkSourced(path, text, baseName(by.path));
    }
  },
};

/** What says `source` may be a comment as well: the syntax decides. */
function sourcingScript(path: string, { scripts, sourcedFiles }: TreeContext): ScriptFile | undefined {
  for (const file of scripts.values()) {
    if (file.place !== 'host' || dialectOf(file) !== 'bash') continue;
    if (file.script.variables.sourced.some((word) => sourcedFiles.pathOf(word, file) === path)) return file;
  }
  return undefined;
}

/** A file of which bash reads no more than up to the mistake, in whatever sources it. */
function* checkSourced(path: string, text: string, by: string): Generator<Report> {
  if (text.includes('\r') || text.startsWith('\uFEFF')) return;
  const problem = findSyntaxProblem(text);
  if (problem === undefined) return;
  const effect = `so ${by}, which sources this file, stops with a syntax error`;
  yield reportOf({ path, text, lines: new LineIndex(text) }, problem, effect, (span) => span);
}

const fileEffect = 'so bash stops here with a syntax error and the build fails';

/** What is to read a script; undefined for what is no shell's. */
function dialectOf({ text, place }: ScriptFile): ShellDialect | undefined {
  const interpreter = readShebang(text)?.interpreter;
  // pi-gen feeds NN-run-chroot.sh to bash whatever its first line says, and bash runs a script without such a line.
  if (interpreter === undefined || interpreter === 'bash') return 'bash';
  if (interpreter !== 'sh' && interpreter !== 'dash') return undefined;
  return place === 'chroot' ? 'bash' : 'posix';
}

/** Whether a heredoc that does not end where it should has taken in what follows. */
function swallows(script: Script): boolean {
  return script.heredocs.some((heredoc) => missedEnd(script, heredoc) !== undefined);
}

function* checkInside(file: ScriptFile, script: Script): Iterable<Report> {
  for (const program of script.embedded) {
    // bash reads a substitution of a heredoc when it comes to it: its quotes are those of the text around.
    if (program.source === 'substitution' || program.source === 'pipe' || isSwallowed(program)) continue;
    const problem = findSyntaxProblem(program.text, dialectInside(program), program.hostExpansions);
    if (problem === undefined) {
      yield* checkInside(file, program);
      continue;
    }
    if (swallows(program)) continue;
    const effect = `so the ${program.place === 'chroot' ? 'bash inside the chroot' : 'shell that gets this'} stops here with a syntax error and the build fails`;
    yield reportOf(file, problem, effect, (span) => program.toFileSpan(span));
  }
}

/** `su`, `chroot` and their like start a shell of which nothing is known here. */
function dialectInside({ runBy }: Script): ShellDialect {
  const name = runBy && invocationOf(runBy)?.name;
  return name === 'on_chroot' || name === 'bash' ? 'bash' : 'posix';
}

interface Place {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
}

function reportOf(
  { path, text, lines }: Place,
  problem: SyntaxProblem,
  effect: string,
  toFileSpan: (span: Span) => Span,
): Report {
  const { start } = toFileSpan(problem.span);
  const conflict = mergeConflict(text);
  if (conflict !== undefined && conflict.whole.start <= start && start < conflict.whole.end) {
    return {
      message: `Git has marked a merge conflict here that nobody has resolved, ${effect}. Keep the lines that are right, and remove those with <<<<<<<, ======= and >>>>>>>.`,
      file: path,
      range: lines.range(conflict.marker),
    };
  }
  const lineOf = (span: Span): number => lines.position(toFileSpan(span).start).line + 1;
  const block = problem.kind === 'unexpected' ? problem.block : undefined;
  return {
    message: describe(problem, effect, lineOf),
    file: path,
    range: lines.range(toFileSpan(problem.span)),
    ...(block !== undefined && {
      related: [
        {
          file: path,
          range: lines.range(toFileSpan(block.span)),
          message: `This ${block.opening} waits for ${block.closing}`,
        },
      ],
    }),
  };
}

function describe(problem: SyntaxProblem, effect: string, lineOf: (span: Span) => number): string {
  switch (problem.kind) {
    case 'unclosed': {
      const { opening, closing } = problem;
      const isQuote = /^(?:\$?'|"|`)$/.test(opening);
      const advice = isQuote
        ? 'Close it where its text ends; or a quote before it is too many.'
        : `Put ${closing} where it ends.`;
      return `This ${opening} is never closed, ${effect}. ${advice}`;
    }
    case 'unfinished': {
      const { opening, closing } = problem;
      return closing === undefined
        ? `Behind ${opening} a command must follow, but the text ends, ${effect}. Add the command, or remove ${opening}.`
        : `This ${opening} has no ${closing} before the text ends, ${effect}. Add ${closing} where it is to end.`;
    }
    case 'unexpected': {
      const { token, block } = problem;
      const what =
        token === 'newline' ? 'Something is missing before this line ends' : `${token} cannot stand here`;
      const waits =
        block === undefined
          ? ''
          : ` (the ${block.opening} in line ${lineOf(block.span)} still waits for ${block.closing})`;
      return `${what}${waits}, ${effect}. ${adviceOn(problem.token, block?.closing)}`;
    }
  }
}

function adviceOn(token: string, awaited: string | undefined): string {
  if (awaited === 'then' || awaited === 'do')
    return `Put ${awaited} before it; as a word behind a command it counts only after a ; or on a line of its own.`;
  if (awaited === ']]' && /^-[ao]$/.test(token)) return 'Between [[ and ]], write && for -a and || for -o.';
  if (awaited === ']]') return 'Put ]] before it where the test ends; between two tests stands && or ||.';
  if (token === '))')
    return 'Such a loop has three parts, with two ; between them, of which each may be empty: for ((i = 0; i < 3; i++)).';
  if (token === '(' || token === ')')
    return 'Quote it if it belongs to a text, else remove it or add its counterpart.';
  if (token === 'newline') return 'Add it, or remove what asks for it.';
  return 'Remove it, or add what has to stand before it.';
}
