import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { FixEdit } from '../../pigen/finding';
import { joinPath } from '../../pigen/files/path';
import { LineIndex } from '../../pigen/text';
import type { Span } from '../../pigen/text';
import { insertLine, lineEnding } from './line-edits';
import { settingsFileNames } from './settings-file';
import type { SettingsFile } from './settings-file';

/**
 * Turns a rule off in .pigen.yaml, which is made where there is none. One line is changed where the file is written as most
 * are, else yaml writes it, which keeps comments. Undefined where the file is no YAML, or holds something else there.
 *
 * @param root the folder of the repository
 */
export function turnOffRule(
  rule: string,
  settings: SettingsFile | undefined,
  root: string,
): FixEdit | undefined {
  if (settings === undefined) return create(root, `rules:\n  ${rule}: off\n`);
  const written = WrittenSettings.read(settings);
  if (written === undefined) return undefined;
  const { document, lines } = written;
  if (!document.has('rules') && !written.isFlow) return written.append([`rules:`, `  ${rule}: off`]);
  const levels = document.get('rules');
  if (isMap(levels) && levels.flow !== true) {
    const value = levels.get(rule, true);
    if (isScalar(value) && value.range)
      return written.replace({ start: value.range[0], end: value.range[1] }, 'off');
    const key = levels.items[0]?.key;
    if (!levels.has(rule) && isScalar(key) && key.range) {
      const { line, column } = lines.position(key.range[0]);
      return written.insert(line, `${' '.repeat(column)}${rule}: off`);
    }
  }
  if (isMap(levels)) levels.set(rule, 'off');
  else if (levels === undefined || levels === null)
    document.set('rules', document.createNode({ [rule]: 'off' }));
  else return undefined;
  return written.rewrite();
}

/**
 * Adds a path to `paths.ignore` of .pigen.yaml, which is made where there is none. Undefined where the file is no YAML, or
 * holds something else there.
 *
 * @param path below the settings' folder
 * @param root the folder of the repository
 */
export function ignorePath(
  path: string,
  settings: SettingsFile | undefined,
  root: string,
): FixEdit | undefined {
  const entry = path.includes('/') ? path : `/${path}`;
  if (settings === undefined) return create(root, `paths:\n  ignore:\n    - ${entry}\n`);
  const written = WrittenSettings.read(settings);
  if (written === undefined) return undefined;
  const { document, lines } = written;
  if (!document.has('paths') && !written.isFlow)
    return written.append([`paths:`, `  ignore:`, `    - ${entry}`]);
  const paths = document.get('paths');
  const ignored = isMap(paths) ? paths.get('ignore') : undefined;
  const first = isSeq(ignored) && ignored.flow !== true ? ignored.items[0] : undefined;
  if (isScalar(first) && first.range) {
    const { line } = lines.position(first.range[0]);
    const dash = /^[ \t]*- +/.exec(settings.text.slice(lines.lineStart(line)))?.[0];
    if (dash !== undefined) return written.insert(line, `${dash}${entry}`);
  }
  if (isSeq(ignored)) ignored.add(entry);
  else if (isMap(paths) && (ignored === undefined || ignored === null))
    paths.set('ignore', document.createNode([entry]));
  else if (paths === undefined || paths === null)
    document.set('paths', document.createNode({ ignore: [entry] }));
  else return undefined;
  return written.rewrite();
}

function create(root: string, text: string): FixEdit {
  return {
    kind: 'create',
    file: joinPath(root, settingsFileNames[0] ?? '.pigen.yaml'),
    text,
    executable: false,
  };
}

/** A .pigen.yaml that can be changed: YAML that holds a map, or nothing yet. */
class WrittenSettings {
  readonly lines: LineIndex;

  private constructor(
    private readonly file: string,
    private readonly text: string,
    readonly document: Document,
  ) {
    this.lines = new LineIndex(text);
  }

  static read({ path, text }: SettingsFile): WrittenSettings | undefined {
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
    if (document.errors.length > 0) return undefined;
    if (document.contents !== null && !isMap(document.contents)) return undefined;
    return new WrittenSettings(path, text, document);
  }

  /** Whether all is in braces: `{ rules: {} }`. */
  get isFlow(): boolean {
    return isMap(this.document.contents) && this.document.contents.flow === true;
  }

  replace(span: Span, text: string): FixEdit {
    return { kind: 'replace', file: this.file, range: this.lines.range(span), text };
  }

  /** @param line 0-based, before which the new one stands */
  insert(line: number, text: string): FixEdit {
    return insertLine(this.file, line, text + lineEnding(this.text));
  }

  append(lines: readonly string[]): FixEdit {
    const ending = lineEnding(this.text);
    const newline = this.text === '' || this.text.endsWith('\n') ? '' : ending;
    const end = { start: this.text.length, end: this.text.length };
    return this.replace(end, newline + lines.map((line) => line + ending).join(''));
  }

  /** The whole text as yaml writes the document. */
  rewrite(): FixEdit {
    return this.replace({ start: 0, end: this.text.length }, this.document.toString({ lineWidth: 0 }));
  }
}
