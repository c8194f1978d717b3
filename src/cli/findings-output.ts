import { styleText } from 'node:util';
import type { FileSystem } from '../pigen/file-system';
import type { Finding, Severity } from '../pigen/finding';
import { relativePath } from '../pigen/path';
import { isSecretName } from '../pigen/secrets';
import { LineIndex } from '../pigen/text';

/** A finding in the stable JSON of `check`, `explain` and `build`: lines and columns 1-based, columns in UTF-16 units. */
export interface FindingJson {
  readonly rule: string;
  /** Of a finding that ShellCheck made: `SC2086`. Not there for others. */
  readonly code?: string;
  readonly severity: Severity;
  readonly message: string;
  /** Relative to the working directory with `/`; absolute where it lies outside. */
  readonly file: string;
  readonly range: { readonly start: PositionJson; readonly end: PositionJson };
  readonly fixes: readonly { readonly title: string }[];
  /** The rule's page, relative to this package; null where there is none. */
  readonly docs: string | null;
}

interface PositionJson {
  readonly line: number;
  readonly column: number;
}

export function findingJson(finding: Finding, workingFolder: string): FindingJson {
  const { start, end } = finding.range;
  return {
    rule: finding.rule,
    ...(finding.code !== undefined && { code: finding.code.name }),
    severity: finding.severity,
    message: finding.message,
    file: shownPath(finding.file, workingFolder),
    range: {
      start: { line: start.line + 1, column: start.column + 1 },
      end: { line: end.line + 1, column: end.column + 1 },
    },
    fixes: (finding.fixes ?? []).map(({ title }) => ({ title })),
    docs: finding.docs ?? null,
  };
}

/** As the user would type it from the working directory: `.` for that directory itself. */
export function shownPath(path: string, workingFolder: string): string {
  return relativePath(workingFolder, path) || '.';
}

const colours = { error: 'red', warning: 'yellow', information: 'cyan', hint: 'gray' } as const;

/** A finding with the lines that it is about, for a person at a terminal. */
export async function prettyFinding(
  finding: Finding,
  fileSystem: FileSystem,
  workingFolder: string,
  colour: boolean,
): Promise<string> {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const { start } = finding.range;
  const where = `${shownPath(finding.file, workingFolder)}:${start.line + 1}:${start.column + 1}`;
  const severity = paint(['bold', colours[finding.severity]], finding.severity);
  const name = [finding.rule, ...(finding.code === undefined ? [] : [finding.code.name])].join(' ');
  const lines = [`${paint('bold', where)}: ${severity}: ${finding.message} ${paint('dim', `[${name}]`)}`];
  lines.push(...(await codeFrame(finding, fileSystem)).map((line) => paint('dim', line)));
  const [fix] = finding.fixes ?? [];
  if (fix !== undefined) lines.push(`  ${paint('green', 'fix')}: ${fix.title}`);
  return `${lines.join('\n')}\n`;
}

/** A line that gives a secret of a config its value, with stars in place of that: what is printed stays in logs. */
function withoutSecret(line: string): string {
  const [start = '', name = ''] = /^\s*(?:export\s+)?(\w+)\+?=/.exec(line) ?? [];
  return isSecretName(name) ? start + '*'.repeat(line.length - start.length) : line;
}

/** The first line of a finding's range with a mark below it; nothing where the finding is about no line in particular. */
async function codeFrame(finding: Finding, fileSystem: FileSystem): Promise<readonly string[]> {
  const { start, end } = finding.range;
  if (start.line === end.line && start.column === end.column) return [];
  const bytes = await fileSystem.readFile(finding.file).catch(() => undefined);
  if (bytes === undefined) return [];
  const text = new TextDecoder().decode(bytes);
  const index = new LineIndex(text);
  if (start.line >= index.lineCount) return [];
  const line = text.slice(index.lineStart(start.line), index.lineEnd(start.line));
  const to = end.line === start.line ? end.column : line.length;
  // Tabs stay tabs below the line, so that the mark stands under what it marks.
  const indent = line.slice(0, start.column).replaceAll(/[^\t]/g, ' ');
  const mark = '^'.repeat(Math.max(1, Math.min(to, line.length) - start.column));
  const number = String(start.line + 1);
  return [`  ${number} | ${withoutSecret(line)}`, `  ${' '.repeat(number.length)} | ${indent}${mark}`];
}
