import type { Finding, Fix, FixEdit } from '../../pigen/finding';
import { folderOf, isWithin, relativePath } from '../../pigen/files/path';
import type { StageTree, StepKind } from '../../pigen/tree/stage-tree';
import { LineIndex } from '../../pigen/text';
import type { Span } from '../../pigen/text';
import type { ScriptFile } from '../rule';
import { internalErrorName } from '../runner';
import type { Control } from './control';
import { insertLine, lineEnding } from './line-edits';
import { ignorePath, turnOffRule } from './settings-edits';
import { directiveForFile, directiveForLine } from './shellcheck-directive';
import type { PlacedDirective } from './silencing';
import type { StatementLines } from './statements';
import { statementLines } from './statements';

/** The part of a CheckResult that it takes. */
export interface Checked {
  readonly root: string;
  readonly tree: StageTree;
  readonly scripts: ReadonlyMap<string, ScriptFile>;
  readonly control: Control;
  readonly findings: readonly Finding[];
}

/**
 * Fixes that silence a finding instead of mending it: for its line, for its file, for the repository. Comments are offered
 * only where they are heeded and can stand.
 *
 * @param text of the finding's file, as it was checked
 */
export function silencingFixes(finding: Finding, checked: Checked, text: string): readonly Fix[] {
  if (finding.rule === internalErrorName) return [];
  const { rule, code } = finding;
  const { root } = checked;
  const { settings } = checked.control;
  const fixes: Fix[] = [];
  const add = (title: string, edit: FixEdit | undefined): void => {
    if (edit !== undefined) fixes.push({ title, edits: [edit] });
  };
  const script = checked.scripts.get(finding.file)?.script;
  if (code !== undefined && script !== undefined) {
    add(`Disable ${code.name} for this line`, directiveForLine({ ...finding, code }, script, text));
    add(`Disable ${code.name} for this file`, directiveForFile({ ...finding, code }, text));
    add(`Disable ${code.name} in .pigen.yaml`, turnOffRule(code.name, settings, root));
    return fixes;
  }
  if (takesComments(finding, checked)) {
    add(`Disable ${rule} for this line`, lineEdit(finding, checked, text));
    add(`Disable ${rule} for this file`, fileEdit(finding, checked, text));
  } else {
    const path = pathToIgnore(finding, checked);
    if (path !== undefined) add(`Ignore ${path} in .pigen.yaml`, ignorePath(path, settings, root));
  }
  add(`Disable ${rule} in .pigen.yaml`, turnOffRule(rule, settings, root));
  return fixes;
}

/**
 * What a finding is about, relative to .pigen.yaml, where no comment can silence it and `paths.ignore` hides nothing else: a
 * file, or a folder that pi-gen does not run. Undefined for a stage and a sub-stage, and for names that are patterns.
 */
function pathToIgnore(
  { rule, message }: Finding,
  { root, tree, findings, control: { settings } }: Checked,
): string | undefined {
  // The editor may show it elsewhere.
  const own = findings.find((one) => one.rule === rule && one.message === message)?.file;
  const folders = tree.stages.flatMap(({ path, subStages }) => [path, ...subStages.map((one) => one.path)]);
  const base = settings === undefined ? root : folderOf(settings.path);
  if (own === undefined || own === base || folders.includes(own) || !isWithin(base, own)) return undefined;
  const path = relativePath(base, own);
  return /^[\w./ -]+$/.test(path) ? path : undefined;
}

/** What is said of a folder may be shown in one of its files: no comment there would silence it. */
function takesComments(finding: Finding, { findings, scripts, tree, control }: Checked): boolean {
  const { rule, file, message } = finding;
  const isOwn = findings.some((one) => one.rule === rule && one.file === file && one.message === message);
  return (
    isOwn &&
    (scripts.has(file) ||
      file === control.settings?.path ||
      [...tree.configs, ...tree.workflows].some(({ path }) => path === file) ||
      isList(file, tree))
  );
}

/** Whether a file is a NN-packages, NN-packages-nr or NN-debconf; a sub-stage may be called like one. */
function isList(file: string, { stages }: StageTree): boolean {
  return stages.some(({ subStages }) =>
    subStages.some(({ steps }) => steps.some(({ kind, path }) => path === file && listKinds.has(kind))),
  );
}

const listKinds: ReadonlySet<StepKind> = new Set<StepKind>(['packages', 'packages-nr', 'debconf']);

function lineEdit(finding: Finding, { scripts, control }: Checked, text: string): FixEdit | undefined {
  const { rule, file } = finding;
  const lines = new LineIndex(text);
  const script = scripts.get(file)?.script;
  const statements = script === undefined ? [] : statementLines(script, lines);
  const line = statementAround(finding.range.start.line, statements, lines);
  // Above a shebang a comment would take its place, and an empty line has no statement.
  const written = text.slice(lines.lineStart(line), lines.lineEnd(line));
  if (written.startsWith('#!') || written.trim() === '') return undefined;
  // A lone carriage return ends a line for an editor, but not for bash: a comment would stand behind code.
  if (line > 0 && text[lines.lineStart(line) - 1] !== '\n') return undefined;
  const above = control.silencings
    .get(file)
    ?.directives.filter((one) => one.lines?.first === line && one.range.start.line < line);
  if (above !== undefined && above.length > 0) return addName(rule, file, above);
  const indent = /^[ \t]*/.exec(written)?.[0] ?? '';
  return insertLine(file, line, `${indent}# pigen: disable=${rule}${lineEnding(text)}`);
}

/** The line where the innermost statement around a line begins, and where a comment above it is one to its own shell. */
function statementAround(line: number, statements: readonly StatementLines[], lines: LineIndex): number {
  let first = line;
  for (;;) {
    const around = statements.filter((one) => one.first < first && first <= one.last);
    const nearest = around.reduce<StatementLines | undefined>(
      (best, one) => (best === undefined || one.first > best.first ? one : best),
      undefined,
    );
    if (nearest === undefined || startsInside(nearest, first, lines)) return first;
    first = nearest.first;
  }
}

/** Whether a line lies in a program that stands, as a heredoc, in a statement: there comments are heeded. */
function startsInside({ script }: StatementLines, line: number, lines: LineIndex): boolean {
  return script.embedded.some(({ heredoc }) => {
    if (heredoc === undefined) return false;
    const body: Span = script.toFileSpan(heredoc.body);
    return lines.position(body.start).line <= line && line <= lines.position(body.end).line;
  });
}

function fileEdit({ rule, file }: Finding, { control }: Checked, text: string): FixEdit {
  const own = control.silencings.get(file)?.directives.filter(({ kind }) => kind === 'disable-file') ?? [];
  if (own.length > 0) return addName(rule, file, own.slice(0, 1));
  const end = lineEnding(text);
  const comment = `# pigen: disable-file=${rule}${end}`;
  if (!text.startsWith('#!')) return insertLine(file, 0, comment);
  const lines = new LineIndex(text);
  const newline = text.indexOf('\n');
  const place = lines.position(newline < 0 ? text.length : newline + 1);
  return {
    kind: 'replace',
    file,
    range: { start: place, end: place },
    text: newline < 0 ? end + comment : comment,
  };
}

/** Names one more rule in a comment that is there already. */
function addName(rule: string, file: string, directives: readonly PlacedDirective[]): FixEdit {
  const place = directives
    .flatMap(({ names }) => names.map(({ range }) => range.end))
    .reduce((last, end) =>
      end.line > last.line || (end.line === last.line && end.column > last.column) ? end : last,
    );
  return { kind: 'replace', file, range: { start: place, end: place }, text: `,${rule}` };
}
