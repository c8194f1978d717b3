import type { NewFile } from '../stage-template';
import type { FileTemplate, TemplateInput, TemplateValues } from './template';

export type FilledTemplate =
  | { readonly ok: true; readonly values: TemplateValues; readonly files: readonly NewFile[] }
  /** What is wrong with the values given, for the user. */
  | { readonly ok: false; readonly message: string };

/**
 * The files of a template, their paths relative to the folder that is to hold them. Inputs that are not given take their
 * defaults; names that the template does not ask for, and values that it refuses, are told, and nothing is made.
 */
export function fillTemplate(template: FileTemplate, given: TemplateValues): FilledTemplate {
  const { id, inputs } = template;
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    const known = inputs.map((input) => input.name).join(', ');
    return { ok: false, message: `The template ${id} does not ask for '${unknown}', only for: ${known}.` };
  }
  const values: Record<string, string> = {};
  for (const input of inputs) {
    const value = given[input.name] ?? input.default;
    const message = problemOf(input, value);
    if (value === undefined || message !== undefined) return { ok: false, message: message ?? input.prompt };
    values[input.name] = value;
  }
  const files = template.files((name) => values[name] ?? '');
  return {
    ok: true,
    values,
    files: files.map(({ path, text, executable = false }) => ({ path, text, executable })),
  };
}

function problemOf({ name, prompt, judge }: TemplateInput, value: string | undefined): string | undefined {
  if (value === undefined) return `'${name}' is missing: ${prompt}.`;
  const found = judge(value);
  return found?.severity === 'error' ? `${name}: ${found.message}` : undefined;
}
