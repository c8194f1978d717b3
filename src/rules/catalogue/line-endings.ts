import type { Fix, FixEdit } from '../../pigen/finding';
import { baseName } from '../../pigen/files/path';
import { LineIndex } from '../../pigen/text';
import type { Span } from '../../pigen/text';
import { isBalanced } from '../../shell/heredoc-scanner';
import type { Script } from '../../shell/script';
import type { DataFile } from '../inputs/data-file';
import { holds } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import { readShebang } from '../knowledge/shebang';

export const lineEndings: Rule = {
  name: 'line-endings',
  severity: 'error',
  summary: 'Windows line endings or a byte order mark in a file that Linux reads.',
  page: {
    why: `A file that an editor on Windows wrote, or that git converted, ends its lines with CR and LF. The kernel takes the CR for a part of
the interpreter’s name, bash for a part of the last word of each line. \`remove-comments.sed\` folds CRs in a package list only where it
has two lines or more. quilt looks for patches whose names end in CR. A byte order mark hides \`#!\` from the kernel, and is part
of the first word for bash.`,
    build: `A script on the build host: \`cannot execute: required file not found\`, or \`/bin/bash: -: invalid option\`. In the chroot:
\`$'\\r': command not found\`, or values and paths that end in an invisible character. A package list of one line:
\`E: Unable to locate package tree\`, with the CR behind the name. A series: \`Patch … does not exist\`.`,
    fix: `Convert the file to LF; the quick fix does so and takes a byte order mark away. To keep git from converting files on Windows, put
\`* text=auto eol=lf\` into a \`.gitattributes\`: a second quick fix does both.`,
    silent: [
      'CR in a heredoc that becomes a file of the image, and in comments',
      'CR in scripts of other languages behind their first line',
      'files that pi-gen only looks for, such as `SKIP`',
    ],
    bad: { tree: 'bad-windows', show: 'stage-app/00-service' },
    good: { tree: 'good-unix', show: 'stage-app/00-service/00-packages' },
  },

  *checkScript(file: ScriptFile, context: TreeContext): Iterable<Report> {
    const problem = problemOf(file.text, () => isHarmfulInScript(file));
    if (problem === undefined) return;
    yield {
      message: `${problem.what} ${file.place === 'host' ? hostEffect(problem) : chrootEffect(problem)} ${adviceOn(problem)}`,
      file: file.path,
      span: problem.span,
      // bash runs a host script whose `#!` it cannot see all the same, but without the -e of that line.
      severity: problem.kind === 'mark' && file.place === 'host' ? 'warning' : 'error',
      fixes: scriptFixes(file, problem, context),
    };
  },

  *checkTree(context: TreeContext): Iterable<Report> {
    const { tree, dataFiles } = context;
    for (const { path, text } of tree.configs) {
      const problem = problemOf(text, () => hasSettingWithReturn(text));
      if (problem === undefined) continue;
      const lines = new LineIndex(text);
      const effect =
        problem.kind === 'mark'
          ? 'build.sh sources this file, takes the mark for a part of the first word, and fails.'
          : 'build.sh sources this file, so the values end in an invisible CR: in file names, users and passwords too.';
      yield {
        message: `${problem.what} ${effect} ${adviceOn(problem)}`,
        file: path,
        range: lines.range(problem.span),
        fixes: fixesFor(path, text, lines, problem, context),
      };
    }
    for (const file of dataFiles.values()) yield* checkData(file, context);
  },
};

interface Problem {
  readonly kind: 'return' | 'mark';
  readonly what: string;
  readonly span: Span;
}

function problemOf(text: string, isHarmful: () => boolean): Problem | undefined {
  if (text.startsWith('\uFEFF')) {
    const what = 'This file begins with a byte order mark.';
    return { kind: 'mark', what, span: { start: 0, end: 1 } };
  }
  const at = text.indexOf('\r\n');
  if (at < 0 || !isHarmful()) return undefined;
  return {
    kind: 'return',
    what: 'This file has Windows line endings (CR LF).',
    span: { start: at, end: at + 1 },
  };
}

function adviceOn({ kind }: Problem): string {
  return kind === 'mark' ? 'Save it as UTF-8 without the mark.' : 'Save it with LF line endings.';
}

function hostEffect({ kind }: Problem): string {
  return kind === 'mark'
    ? 'It hides the #! line from the kernel, so the script runs without that line and its options.'
    : 'The kernel and bash take the CR for a part of the interpreter’s name, of options and of arguments, and the build fails.';
}

function chrootEffect({ kind }: Problem): string {
  return kind === 'mark'
    ? 'bash in the chroot takes it for a part of the first word and does not find that command: the build fails.'
    : 'bash in the chroot takes the CR for a part of the last word of each line: commands and files are not found, or get a wrong name.';
}

/** Whether a CR stands where the kernel or bash reads it: in the first line, or outside of comments and of texts in heredocs. */
function isHarmfulInScript(file: ScriptFile): boolean {
  const { text } = file;
  const shebang = readShebang(text);
  if (shebang !== undefined && file.place === 'host' && text.startsWith('\r', firstLineEnd(text) - 1))
    return true;
  if (shebang !== undefined && !/^(?:ba|da|k|z)?sh$/.test(shebang.interpreter)) return false;
  const { script } = file;
  const texts = script.heredocs.filter((heredoc) => !isProgram(script, heredoc.body)).map(({ body }) => body);
  const ignored = [...texts, ...script.comments];
  for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n', at + 2)) {
    const place = { start: at, end: at };
    if (!ignored.some((span) => holds(span, place))) return true;
  }
  return false;
}

function firstLineEnd(text: string): number {
  const newline = text.indexOf('\n');
  return newline < 0 ? text.length : newline;
}

function isProgram(script: Script, body: Span): boolean {
  return script.embedded.some(({ heredoc }) => heredoc?.body.start === body.start);
}

/** A line of a config that is neither empty nor a comment. */
function hasSettingWithReturn(text: string): boolean {
  return /^[ \t]*[^\s#][^\n]*\r\n/m.test(text);
}

type DataSeverity = 'error' | 'warning' | 'information';

function* checkData(file: DataFile, context: TreeContext): Iterable<Report> {
  const problem = problemOf(file.text, () => true);
  if (problem === undefined) {
    // The only line may end in a CR without a line feed behind it.
    if (file.kind === 'packages' && file.packages.words.at(-1)?.text.endsWith('\r') === true) {
      const at = file.text.lastIndexOf('\r');
      yield dataReport(
        file,
        { kind: 'return', what: 'This file has Windows line endings.', span: { start: at, end: at + 1 } },
        'error',
        context,
      );
    }
    return;
  }
  const severity = severityOf(file, problem);
  if (severity !== undefined) yield dataReport(file, problem, severity, context);
}

function dataReport(file: DataFile, problem: Problem, severity: DataSeverity, context: TreeContext): Report {
  const advice = severity === 'information' ? 'LF line endings are safer.' : adviceOn(problem);
  return {
    message: `${problem.what} ${dataEffect(file, problem, severity)} ${advice}`,
    file: file.path,
    range: file.lines.range(problem.span),
    severity,
    fixes: fixesFor(file.path, file.text, file.lines, problem, context),
  };
}

function severityOf({ kind, text, packages }: DataFile, problem: Problem): DataSeverity | undefined {
  const isMark = problem.kind === 'mark';
  switch (kind) {
    case 'packages':
      if (isMark) return packages.words.length > 0 ? 'error' : 'information';
      // In a single line the CR stays in the last name; remove-comments.sed folds it in longer lists.
      return packages.words.some((word) => word.text.endsWith('\r')) ? 'error' : 'information';
    case 'debconf':
      // debconf-set-selections (mungeline) takes a CR away; it stops at a first line that has no third word.
      if (isMark) return /^\uFEFF\S*(?:[ \t]+\S+)?[ \t]*\r?(?:\n|$)/.test(text) ? 'error' : 'warning';
      return 'information';
    case 'series':
      return isMark || hasSettingWithReturn(text) ? 'error' : 'information';
    case 'export-image':
      return isMark || hasSettingWithReturn(text) ? 'error' : undefined;
    case 'patch':
      // GNU patch strips the CRs of a patch whose header has them; others are part of the text that is patched.
      return /^\+\+\+ [^\n]*\r\n/m.test(text) ? 'information' : undefined;
  }
}

function dataEffect({ kind, path }: DataFile, problem: Problem, severity: DataSeverity): string {
  if (severity === 'information') {
    if (kind === 'patch') return 'patch strips the CRs from it as long as all its lines have them.';
    return kind === 'debconf' ? 'debconf strips the CRs from it.' : 'pi-gen copes with them here.';
  }
  const sign = problem.kind === 'mark' ? 'mark' : 'CR';
  switch (kind) {
    case 'packages':
      return `The ${sign} becomes a part of a package’s name, which apt then cannot find.`;
    case 'debconf':
      return severity === 'error'
        ? 'debconf takes it for a part of the first line, which is then neither empty nor a comment, and the build stops with a parse error.'
        : 'debconf takes it for a part of the first line: of the owner of an answer, or of a comment, which is then an answer itself.';
    case 'series':
      return `quilt takes the ${sign} for a part of a patch’s name, does not find it, and the build fails.`;
    case 'patch':
    case 'export-image':
      return `build.sh sources ${baseName(path)} and takes the ${sign} for a part of its words.`;
  }
}

/** With the CR behind an `if` or a `>` gone, bash may refuse what was plain words to it before. */
function scriptFixes(file: ScriptFile, problem: Problem, context: TreeContext): readonly Fix[] {
  const { path, text, lines } = file;
  if (isBalanced(text) && !isBalanced(converted(text))) return [];
  return fixesFor(path, text, lines, problem, context);
}

function fixesFor(
  file: string,
  text: string,
  lines: LineIndex,
  problem: Problem,
  { gitAttributes }: TreeContext,
): readonly Fix[] {
  const convert = conversion(file, text, lines);
  const keep = problem.kind === 'return' ? attributesEdit(gitAttributes) : undefined;
  const mend: Fix = {
    title: 'Convert the file to LF line endings',
    edits: [convert],
    preferred: true,
  };
  if (keep === undefined) return [mend];
  return [
    mend,
    { title: 'Convert it, and have git keep LF everywhere (.gitattributes)', edits: [convert, keep] },
  ];
}

function converted(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r+\n/g, '\n')
    .replace(/\r$/, '');
}

function conversion(file: string, text: string, lines: LineIndex): FixEdit {
  const range = lines.range({ start: 0, end: text.length });
  return { kind: 'replace', file, range, text: converted(text), lineEnding: '\n' };
}

/** Says once and for all how lines end; undefined where .gitattributes says something about that already. */
function attributesEdit({ path, text }: TreeContext['gitAttributes']): FixEdit | undefined {
  const line = '* text=auto eol=lf\n';
  if (text === undefined) return { kind: 'create', file: path, text: line, executable: false };
  if (/\beol=|^\*[ \t]/m.test(text)) return undefined;
  // What stands first gives way to what stands behind it.
  const start = { line: 0, column: 0 };
  return { kind: 'replace', file: path, range: { start, end: start }, text: line };
}
