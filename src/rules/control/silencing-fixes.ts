import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Finding, Fix, FixEdit } from '../../pigen/finding';
import { folderOf, isWithin, joinPath, relativePath } from '../../pigen/path';
import type { StageTree, StepKind } from '../../pigen/stage-tree';
import { LineIndex } from '../../pigen/text';
import type { Span } from '../../pigen/text';
import type { ScriptFile } from '../rule';
import { internalErrorName } from '../runner';
import type { Control } from './control';
import { settingsFileNames } from './settings-file';
import type { SettingsFile } from './settings-file';
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
  const fixes: Fix[] = [];
  const add = (title: string, edit: FixEdit | undefined): void => {
    if (edit !== undefined) fixes.push({ title, edits: [edit] });
  };
  const script = checked.scripts.get(finding.file)?.script;
  if (code !== undefined && script !== undefined) {
    add(`Disable ${code.name} for this line`, directiveForLine({ ...finding, code }, script, text));
    add(`Disable ${code.name} for this file`, directiveForFile({ ...finding, code }, text));
    add(`Disable ${code.name} in .pigen.yaml`, settingsEdit(code.name, checked));
    return fixes;
  }
  if (takesComments(finding, checked)) {
    add(`Disable ${rule} for this line`, lineEdit(finding, checked, text));
    add(`Disable ${rule} for this file`, fileEdit(finding, checked, text));
  } else {
    const path = pathToIgnore(finding, checked);
    if (path !== undefined) add(`Ignore ${path} in .pigen.yaml`, ignoreEdit(path, checked));
  }
  add(`Disable ${rule} in .pigen.yaml`, settingsEdit(rule, checked));
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

/** Adds a pattern to `paths.ignore`. Undefined where the settings are no YAML, or hold something else there. */
function ignoreEdit(path: string, { root, control: { settings } }: Checked): FixEdit | undefined {
  const entry = path.includes('/') ? path : `/${path}`;
  if (settings === undefined) {
    const text = `paths:\n  ignore:\n    - ${entry}\n`;
    return {
      kind: 'create',
      file: joinPath(root, settingsFileNames[0] ?? '.pigen.yaml'),
      text,
      executable: false,
    };
  }
  const { text } = settings;
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    return undefined;
  const lines = new LineIndex(text);
  const replace = (span: Span, written: string): FixEdit => ({
    kind: 'replace',
    file: settings.path,
    range: lines.range(span),
    text: written,
  });
  const isFlow = isMap(document.contents) && document.contents.flow === true;
  if (!document.has('paths') && !isFlow) {
    const ending = lineEnding(text);
    const newline = text === '' || text.endsWith('\n') ? '' : ending;
    const end = { start: text.length, end: text.length };
    return replace(end, `${newline}paths:${ending}  ignore:${ending}    - ${entry}${ending}`);
  }
  const paths = document.get('paths');
  const ignored = isMap(paths) ? paths.get('ignore') : undefined;
  const first = isSeq(ignored) && ignored.flow !== true ? ignored.items[0] : undefined;
  if (isScalar(first) && first.range) {
    const { line } = lines.position(first.range[0]);
    const dash = /^[ \t]*- +/.exec(text.slice(lines.lineStart(line)))?.[0];
    if (dash !== undefined) return insert(settings.path, line, `${dash}${entry}${lineEnding(text)}`);
  }
  if (isSeq(ignored)) ignored.add(entry);
  else if (isMap(paths) && (ignored === undefined || ignored === null))
    paths.set('ignore', document.createNode([entry]));
  else if (paths === undefined || paths === null)
    document.set('paths', document.createNode({ ignore: [entry] }));
  else return undefined;
  return replace({ start: 0, end: text.length }, document.toString({ lineWidth: 0 }));
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
  return insert(file, line, `${indent}# pigen: disable=${rule}${lineEnding(text)}`);
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
  if (!text.startsWith('#!')) return insert(file, 0, comment);
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

function insert(file: string, line: number, text: string): FixEdit {
  const place = { line, column: 0 };
  return { kind: 'replace', file, range: { start: place, end: place }, text };
}

function lineEnding(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Turns a rule off in .pigen.yaml, which is made where there is none. Undefined where that file is no YAML. */
function settingsEdit(rule: string, { root, control: { settings } }: Checked): FixEdit | undefined {
  if (settings !== undefined) return turnOff(rule, settings);
  const file = joinPath(root, settingsFileNames[0] ?? '.pigen.yaml');
  return { kind: 'create', file, text: `rules:\n  ${rule}: off\n`, executable: false };
}

/** Changes one line where the file is written as most are, else leaves the writing to yaml, which keeps comments. */
function turnOff(rule: string, { path: file, text }: SettingsFile): FixEdit | undefined {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    return undefined;
  const lines = new LineIndex(text);
  const replace = (span: Span, written: string): FixEdit => ({
    kind: 'replace',
    file,
    range: lines.range(span),
    text: written,
  });
  const end = { start: text.length, end: text.length };
  if (!document.has('rules')) {
    const newline = text === '' || text.endsWith('\n') ? '' : lineEnding(text);
    const isFlow = isMap(document.contents) && document.contents.flow === true;
    if (!isFlow) return replace(end, `${newline}rules:${lineEnding(text)}  ${rule}: off${lineEnding(text)}`);
  }
  const levels = document.get('rules');
  if (isMap(levels) && levels.flow !== true) {
    const value = levels.get(rule, true);
    if (isScalar(value) && value.range) return replace({ start: value.range[0], end: value.range[1] }, 'off');
    const key = levels.items[0]?.key;
    if (!levels.has(rule) && isScalar(key) && key.range) {
      const { line, column } = lines.position(key.range[0]);
      return insert(file, line, `${' '.repeat(column)}${rule}: off${lineEnding(text)}`);
    }
  }
  if (isMap(levels)) levels.set(rule, 'off');
  else if (levels === undefined || levels === null)
    document.set('rules', document.createNode({ [rule]: 'off' }));
  else return undefined;
  return replace({ start: 0, end: text.length }, document.toString({ lineWidth: 0 }));
}
