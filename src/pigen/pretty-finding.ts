import { styleText } from 'node:util';
import type { FileSystem } from './files/file-system';
import type { Finding } from './finding';
import { severities } from './finding';
import { shownPath } from './files/path';
import { isSecretName } from './config/secrets';
import { LineIndex } from './text';

const colours = { error: 'red', warning: 'yellow', information: 'cyan', hint: 'gray' } as const;

/**
 * A finding with the lines that it is about, for a person at a terminal.
 * @param workingFolder paths are told relative to it; undefined: absolute
 */
export async function prettyFinding(
  finding: Finding,
  fileSystem: FileSystem,
  workingFolder: string | undefined,
  colour: boolean,
): Promise<string> {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const { start } = finding.range;
  const file = workingFolder === undefined ? finding.file : shownPath(finding.file, workingFolder);
  const where = `${file}:${start.line + 1}:${start.column + 1}`;
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

/** How many findings there are of each severity: `1 error, 2 warnings.` */
export function findingsSummary(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No findings.';
  const counts = severities
    .map((severity) => ({
      severity,
      count: findings.filter((finding) => finding.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(
      ({ severity, count }) => `${count} ${severity}${count > 1 && severity !== 'information' ? 's' : ''}`,
    );
  return `${counts.join(', ')}.`;
}
