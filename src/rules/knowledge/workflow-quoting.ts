import { inputsOfConfig } from '../../pigen/workflow/action-config';
import type { Fix } from '../../pigen/finding';
import { judgeQuoted, offsetsToEscape } from '../../pigen/workflow/quoted-value';
import type { QuotedValue } from '../../pigen/workflow/quoted-value';
import { LineIndex } from '../../pigen/text';
import type { WorkflowFile, WorkflowInput } from '../../pigen/workflow/workflow';
import { offsetsOfValue } from '../../pigen/workflow/yaml-scalar';
import type { Report } from '../rule';

/** Inputs in which somebody may well mean a variable or a command that bash is to put in. */
const mayExpand: ReadonlySet<string> = new Set(['image-name', 'pi-gen-release', 'stage-list', 'docker-opts']);

const passwords: ReadonlySet<string> = new Set(['password', 'wpa-password']);

/**
 * Finds values that are not what bash reads of the config that pi-gen-action writes: writeToFile of its
 * src/pi-gen-config.ts puts each between double quotes and escapes nothing.
 */
export function* checkQuoting(file: WorkflowFile, input: WorkflowInput): Iterable<Report> {
  const name = input.name.toLowerCase();
  if (input.value === undefined || !inputsOfConfig.has(name)) return;
  // The action trims what it is given.
  const value = input.value.trim();
  const judged = judgeQuoted(value);
  if (judged === undefined || (judged.effect === 'expanded' && mayExpand.has(name))) return;
  // No one reads the variable that it becomes.
  if (judged.effect === 'unquoted' && name === 'docker-opts') return;
  const lines = new LineIndex(file.text);
  const start = lines.offset(input.valueRange.start);
  const source = file.text.slice(start, lines.offset(input.valueRange.end));
  const offsets = offsetsOfValue(source, input.value)?.slice(
    input.value.length - input.value.trimStart().length,
  );
  const place = offsets?.[judged.at];
  const end = offsets?.[judged.at + 1] ?? source.length - (/^["']/.test(source) ? 1 : 0);
  const isSure = judged.effect === 'broken' || passwords.has(name);
  yield {
    message: name === 'docker-opts' ? dockerMessage : messageFor(judged, name),
    file: file.path,
    range: place === undefined ? input.valueRange : lines.range({ start: start + place, end: start + end }),
    severity: isSure && judged.effect !== 'unquoted' ? 'error' : 'warning',
    fixes:
      offsets === undefined || name === 'docker-opts'
        ? []
        : [escapeFix(file, lines, value, { source, start, offsets })],
  };
}

/** build-docker.sh splits PIGEN_DOCKER_OPTS at blanks, quotes or not: escaping them would help the config alone. */
const dockerMessage =
  'pi-gen-action writes docker-opts between double quotes into pi-gen’s config, as it is: bash cannot read the config, and the build stops. Leave the quotes out: docker takes each word between blanks for itself in any case. Values with blanks can come from a file (--env-file).';

function messageFor({ effect, character }: QuotedValue, name: string): string {
  const written = `pi-gen-action writes ${name} between double quotes into pi-gen’s config, as it is`;
  switch (effect) {
    case 'broken':
      return character === '"'
        ? `${written}: this " ends them, bash cannot read the config, and the build stops. Write \\" for it.`
        : `${written}: the \\ at the end takes the closing quote with it, bash cannot read the config, and the build stops. Write \\\\ for it.`;
    case 'unquoted':
      return `${written}: bash takes its quotes for its own, and they are missing from the value. Write \\" for each that belongs to it, or leave them out.`;
    case 'expanded':
      return character === '$'
        ? `${written}: bash puts in the variable or command that this $ begins, so the value is another one, or the build stops over an unset variable. Write \\$ for it.`
        : `${written}: bash runs what stands between backticks, so the value is another one. Write \\\` for each.`;
  }
}

interface Written {
  /** The scalar as it is written. */
  readonly source: string;
  /** Where it begins in the file. */
  readonly start: number;
  /** Where each unit of the value stands in the scalar. */
  readonly offsets: readonly number[];
}

function escapeFix(
  { path }: WorkflowFile,
  lines: LineIndex,
  value: string,
  { source, start, offsets }: Written,
): Fix {
  const backslash = source.startsWith('"') ? '\\\\' : '\\';
  const edits = offsetsToEscape(value).flatMap((at) => {
    const place = offsets[at];
    if (place === undefined) return [];
    const range = lines.range({ start: start + place, end: start + place });
    return [{ kind: 'replace' as const, file: path, range, text: backslash }];
  });
  return { title: 'Escape it for the config that the action writes', edits, preferred: true };
}
