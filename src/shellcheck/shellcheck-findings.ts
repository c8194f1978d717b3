import { pageOf } from '../pigen/finding';
import type { Finding, Severity } from '../pigen/finding';
import type { StageTree } from '../pigen/tree/stage-tree';
import type { Span } from '../pigen/text';
import { isExportedByPiGen, mayBeSetByBuild } from '../pigen/config/visible-variables';
import type { Script } from '../shell/script';
import {
  listOfOne,
  mootEverywhere,
  mootForHostExpansions,
  plainVariables,
  plainWord,
  readErrors,
  saidByRules,
} from './contract-noise';
import { shellCheckFix } from './shellcheck-fix';
import type { FileToFix } from './shellcheck-fix';
import type { ShellCheckComment, ShellCheckLevel } from './shellcheck-output';
import type { ShellCheckView } from './shellcheck-view';

/** The rule under whose name all that ShellCheck says is told. */
export const shellCheckRule = 'shellcheck';

/**
 * ShellCheck calls an error what is surely not meant. Whether it makes the build fail it cannot know, and that is what our
 * errors promise: no finding of it is more than a warning.
 */
const severities: Readonly<Record<ShellCheckLevel, Severity>> = {
  error: 'warning',
  warning: 'warning',
  info: 'information',
  style: 'hint',
};

function severityOf(
  { comment: { code, level }, span }: PlacedComment,
  { program }: ShellCheckView,
): Severity {
  const isPlain = plainWord.test(program.text.slice(span.start, span.end));
  return code === listOfOne && isPlain ? 'hint' : severities[level];
}

/** A script, and what is known of it besides. */
export interface JudgedScript extends FileToFix {
  readonly tree: StageTree;
  /** What our rules say of this file. */
  readonly ours: readonly Finding[];
}

/** What is worth telling of ShellCheck's comments on one program of a script. */
export function shellCheckFindings(
  view: ShellCheckView,
  comments: readonly ShellCheckComment[],
  script: JudgedScript,
): readonly Finding[] {
  const placed = comments.flatMap((comment) => {
    const span = view.toProgramSpan(comment);
    return span === undefined ? [] : [{ comment, span }];
  });
  const stopped =
    placed.find(({ comment }) => comment.code === 1072) ??
    placed.find(({ comment }) => comment.code === 1073);
  const told = placed.filter(({ comment }) => stopped === undefined || !isReadError(comment));
  const findings = told
    .filter((one) => !isMoot(one, view, script))
    .map((one) => findingOf(one, view, script, severityOf(one, view), one.comment.message));
  if (stopped === undefined || script.ours.some(({ rule }) => tellsReadErrors.has(rule))) return findings;
  // bash reads it, so far as syntax-error can tell: it is ShellCheck that does not.
  const message = `ShellCheck cannot read on here, so it checks nothing of this script: ${stopped.comment.message}`;
  return [...findings, findingOf(stopped, view, script, 'information', message)];
}

interface PlacedComment {
  readonly comment: ShellCheckComment;
  /** In the program's text. */
  readonly span: Span;
}

const tellsReadErrors = new Set(['syntax-error', 'heredoc-terminator', 'shell-interpreter']);

/** All that ShellCheck says where it cannot read on is about that one mistake. */
function isReadError({ code, level }: ShellCheckComment): boolean {
  return readErrors.includes(code) || (code < 2000 && level === 'error');
}

function findingOf(
  { comment, span }: PlacedComment,
  view: ShellCheckView,
  script: JudgedScript,
  severity: Severity,
  message: string,
): Finding {
  const fix = shellCheckFix(comment, view, script);
  const name = `SC${comment.code}`;
  return {
    rule: shellCheckRule,
    code: { name, page: `https://www.shellcheck.net/wiki/${name}` },
    severity,
    message,
    file: script.path,
    range: script.lines.range(view.program.toFileSpan(span)),
    ...(fix !== undefined && { fixes: [fix] }),
    docs: pageOf(shellCheckRule),
  };
}

function isMoot(placed: PlacedComment, view: ShellCheckView, script: JudgedScript): boolean {
  const { code } = placed.comment;
  return (
    mootEverywhere.some(({ codes }) => codes.includes(code)) ||
    isOfHostExpansion(placed, view) ||
    isKnownVariable(placed, view.program, script.tree) ||
    isProgramWord(placed, view.program) ||
    isSaid(placed, view, script)
  );
}

/** ShellCheck speaks of the underscores that stand for what the build host puts in. */
function isOfHostExpansion(
  { comment, span }: PlacedComment,
  { hostExpansions, program }: ShellCheckView,
): boolean {
  if (hostExpansions.some((one) => one.span.start <= span.start && span.end <= one.span.end)) return true;
  // Of a test that is constant ShellCheck marks the operator alone.
  const line = linesOf(program.text, span);
  const isOnLine = hostExpansions.some((one) => line.start < one.span.end && one.span.start < line.end);
  if (isOnLine && mootForHostExpansions.codes.includes(comment.code)) return true;
  // The variable is used, but by the build host: heredoc-host-expansion speaks of it.
  const name = nameAt(program, span);
  return comment.code === 2034 && hostExpansions.some((one) => one.name !== undefined && one.name === name);
}

function linesOf(text: string, { start, end }: Span): Span {
  const newline = text.indexOf('\n', end);
  return { start: text.lastIndexOf('\n', start - 1) + 1, end: newline < 0 ? text.length : newline };
}

/** ShellCheck knows nothing of what pi-gen and its config set. */
function isKnownVariable(
  { comment: { code }, span }: PlacedComment,
  program: Script,
  tree: StageTree,
): boolean {
  const name = nameAt(program, span);
  if (name === undefined) return false;
  switch (code) {
    case 2086:
      return plainNames.has(name) && !program.variables.names.has(name);
    case 2034:
      // What is exported already stays so: a new value reaches pi-gen's functions and the chroot.
      return isExportedByPiGen(tree, name);
    case 2153:
    case 2154:
      return mayBeSetByBuild(tree, name) || isExportedAround(program, name) || setsUnknown(program);
    default:
      return false;
  }
}

const plainNames: ReadonlySet<string> = new Set(plainVariables.flatMap(({ names }) => names));

/** ShellCheck marks an expansion (`$x`, `${x}`, `${#x}`), a name in arithmetic, or an assignment. */
function nameAt({ text }: Script, { start, end }: Span): string | undefined {
  return /^(?:\$\{?[#!]?)?([A-Za-z_]\w*)/.exec(text.slice(start, end))?.[1];
}

/** It sources files, or computes names: others may be set too. */
function setsUnknown({ variables }: Script): boolean {
  return variables.more || variables.sourced.length > 0;
}

/** A program inside a script gets what the script exports. */
function isExportedAround({ parent }: Script, name: string): boolean {
  for (let around = parent; around !== undefined; around = around.parent) {
    const exports = around.commands.some(
      (command) =>
        (command.name?.literal === 'export' || command.name?.literal === 'declare') &&
        [...command.arguments.map(({ text }) => text), ...command.assignments.map((one) => one.name)].some(
          (word) => word === name || word.startsWith(`${name}=`),
        ),
    );
    if (exports || setsUnknown(around)) return true;
  }
  return false;
}

/** SC2016: single quotes keep `$x` in `on_chroot -c '…'` for the shell that gets it, as they are to. */
function isProgramWord({ comment: { code }, span }: PlacedComment, program: Script): boolean {
  if (code !== 2016) return false;
  return program.embedded.some(
    ({ source, runBy }) =>
      source === 'argument' &&
      runBy !== undefined &&
      runBy.span.start <= span.start &&
      span.end <= runBy.span.end,
  );
}

/** A rule of ours speaks of the same. */
function isSaid(
  { comment, span }: PlacedComment,
  { program }: ShellCheckView,
  script: JudgedScript,
): boolean {
  const { line } = script.lines.position(program.toFile(span.start));
  const { code } = comment;
  return script.ours.some(({ rule, range }) => {
    if (tellsReadErrors.has(rule) && isReadError(comment)) return true;
    // What dash does not know, in a script that is made bash's.
    if (rule === 'shell-interpreter' && code >= 3000 && code < 4000) return true;
    return saidByRules.some(
      (said) =>
        said.rule === rule &&
        said.codes.includes(code) &&
        (said.where === 'file' || (range.start.line <= line && line <= range.end.line)),
    );
  });
}
