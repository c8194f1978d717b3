import { config } from '../../scaffold/templates/config';
import { templates } from '../../scaffold/templates/index';
import type { FileTemplate } from '../../scaffold/templates/template';
import { workflow } from '../../scaffold/templates/workflow';
import type { Core } from '../core';
import { formatOf } from '../options';
import type { Terminal } from '../terminal';
import { UsageError } from '../terminal';
import { refuseOthers } from './new-options';
import type { NewOptions } from './new-options';

/** `pigen new templates`: what can be made from a template, and what each asks for. */
export async function listTemplates(
  _core: Core,
  names: readonly string[],
  options: NewOptions,
  terminal: Terminal,
): Promise<void> {
  if (names.length > 0) throw new UsageError("'pigen new templates' takes no names.");
  refuseOthers('templates', options, []);
  if (formatOf(options.format) === 'json') {
    const json = {
      version: 1,
      templates: templates.map(describeTemplate),
      config: describeTemplate(config),
      workflow: describeTemplate(workflow),
    };
    await terminal.write(`${JSON.stringify(json)}\n`);
    return;
  }
  await terminal.write('For --template, each with what --set gives it:\n');
  for (const template of templates) await terminal.write(pretty(template));
  await terminal.write(
    `\nFor 'pigen new config' and 'pigen new workflow':\n${pretty(config)}${pretty(workflow)}`,
  );
}

function describeTemplate({ id, title, detail, inputs }: FileTemplate): object {
  return {
    id,
    title,
    detail,
    inputs: inputs.map(({ name, prompt, default: value, choices, file = false }) => ({
      name,
      prompt,
      default: value ?? null,
      choices: choices?.map((choice) => choice.value) ?? null,
      file,
    })),
  };
}

function pretty({ id, detail, inputs }: FileTemplate): string {
  const lines = inputs.map(({ name, prompt, default: value, choices, file }) => {
    const given = file === true ? 'FILE' : (choices?.map((choice) => choice.value).join('|') ?? 'TEXT');
    return `    ${name}=${given}  ${prompt}${value === undefined ? '' : ` (${value})`}\n`;
  });
  return `\n  ${id}\n    ${detail}\n${lines.join('')}`;
}
