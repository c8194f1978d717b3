import type { Finding, Severity } from '../pigen/finding';
import { shownPath } from '../pigen/files/path';

const commands: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

/**
 * A finding as a workflow command, which GitHub shows at its line of a pull request.
 *
 * @param base the folder that paths are to start at: the root of the repository
 */
export function githubAnnotation(
  { rule, code, severity, message, file, range }: Finding,
  base: string,
): string {
  const { start, end } = range;
  const properties: [string, string | number][] = [
    ['file', shownPath(file, base)],
    ['line', start.line + 1],
    ['endLine', end.line + 1],
  ];
  // GitHub takes columns only where both ends are on one line.
  if (start.line === end.line) properties.push(['col', start.column + 1], ['endColumn', end.column + 1]);
  properties.push(['title', code === undefined ? rule : `${rule} ${code.name}`]);
  const written = properties.map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${commands[severity]} ${written.join(',')}::${escapeData(message)}\n`;
}

/** A message about no file, as a workflow command. */
export function githubMessage(severity: Severity, title: string, message: string): string {
  return `::${commands[severity]} title=${escapeProperty(title)}::${escapeData(message)}\n`;
}

/** As the runner undoes it: `%`, CR and LF would end or change a command. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
