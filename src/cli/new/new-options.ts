import type { StepKind } from '../../pigen/tree/stage-tree';
import { stepForms } from '../../pigen/tree/step-names';
import { validateSubStageName } from '../../scaffold/stage-names';
import type { NewFile, NewSubStage } from '../../scaffold/stage-template';
import { stepsOf } from '../../scaffold/stage-template';
import { fillTemplate } from '../../scaffold/templates/fill-template';
import { findTemplate, templates } from '../../scaffold/templates/index';
import type { FileTemplate, TemplateValues } from '../../scaffold/templates/template';
import { NodeStageWriter, writeStage } from '../../scaffold/write-stage';
import type { Core } from '../core';
import { shownPath } from '../../pigen/files/path';
import { writeRefusal } from '../../pigen/files/write-refusal';
import { formatOf, oneOf, pathFrom } from '../options';
import type { Terminal } from '../terminal';
import { UsageError } from '../terminal';

export const newOptions = {
  format: { type: 'string' },
  in: { type: 'string' },
  steps: { type: 'string' },
  'sub-stage': { type: 'string' },
  template: { type: 'string' },
  set: { type: 'string', multiple: true },
  number: { type: 'string' },
  export: { type: 'boolean' },
  'add-to-list': { type: 'string' },
} as const;

/** The options of `pigen new` as they were given. */
export interface NewOptions {
  readonly format?: string | undefined;
  readonly in?: string | undefined;
  readonly steps?: string | undefined;
  readonly 'sub-stage'?: string | undefined;
  readonly template?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly number?: string | undefined;
  readonly export?: boolean | undefined;
  readonly 'add-to-list'?: string | undefined;
}

const stepKinds = stepForms.map(({ kind }) => kind);

/** The kind of step of a word such as `run-chroot`. */
export function stepKindOf(word: string): StepKind {
  return oneOf('KIND', word, stepKinds, 'run');
}

/** What a new sub-stage is to hold, and the name that suits it. */
export interface SubStageContent {
  readonly name: string;
  readonly files: readonly NewFile[];
}

/** The content that `--template` with its `--set` or `--steps` ask for. @param owner the stage's name */
export async function contentOf(
  core: Core,
  options: NewOptions,
  owner: string,
  terminal: Terminal,
): Promise<SubStageContent> {
  if (options.template === undefined) {
    if (options.set !== undefined) throw new UsageError('--set gives values to a --template.');
    return { name: 'install', files: stepsOf(stepsOfList(options.steps), owner) };
  }
  if (options.steps !== undefined)
    throw new UsageError('A --template brings its own steps: leave out --steps.');
  const template = findTemplate(options.template);
  if (template === undefined) {
    const known = templates.map(({ id }) => id).join(', ');
    throw new UsageError(`There is no template '${options.template}', only: ${known}.`);
  }
  const filled = await fill(core, template, options.set, terminal);
  return { name: template.subStageName(filled.values), files: filled.files };
}

/** A template with the values of `--set NAME=VALUE`; a value that is to be a file's text is that file's name. */
export async function fill(
  core: Core,
  template: FileTemplate,
  set: readonly string[] = [],
  terminal: Terminal,
): Promise<{ readonly values: TemplateValues; readonly files: readonly NewFile[] }> {
  const given: Record<string, string> = {};
  for (const word of set) {
    const at = word.indexOf('=');
    if (at < 1) throw new UsageError(`--set takes NAME=VALUE, not '${word}'.`);
    const [name, value] = [word.slice(0, at), word.slice(at + 1)];
    const isFile = template.inputs.some((input) => input.name === name && input.file === true);
    given[name] = isFile ? await textOf(core, value, terminal) : value;
  }
  const filled = fillTemplate(template, given);
  if (!filled.ok) throw new UsageError(filled.message);
  return filled;
}

async function textOf(core: Core, file: string, terminal: Terminal): Promise<string> {
  const text = await core.readText(pathFrom(terminal, file));
  if (text === undefined) throw new UsageError(`${file}: this file cannot be read.`);
  return text;
}

function stepsOfList(given: string | undefined): readonly StepKind[] {
  if (given === undefined) return ['packages', 'run', 'run-chroot'];
  const kinds = given
    .split(',')
    .filter((kind) => kind.trim() !== '')
    .map((kind) => oneOf('--steps', kind.trim(), stepKinds, 'run'));
  // A folder without a file in it is none to git.
  if (kinds.length === 0) throw new UsageError(`--steps names no step: give one of ${stepKinds.join(', ')}.`);
  return kinds;
}

/** `00-install`, as an option or operand gives it. */
export function subStageOf(what: string, given: string): NewSubStage {
  const digits = /^(\d{2})-(.+)$/.exec(given);
  if (digits?.[1] === undefined || digits[2] === undefined) {
    throw new UsageError(`${what} is two digits, a hyphen and a name, such as 00-install, not '${given}'.`);
  }
  const problem = validateSubStageName(digits[2]);
  if (problem !== undefined) throw new UsageError(problem.message);
  return { number: Number(digits[1]), name: digits[2] };
}

/** Absolute path of the folder that `--in` names, which has to exist. */
export async function folderOf(core: Core, given: string | undefined, terminal: Terminal): Promise<string> {
  const folder = pathFrom(terminal, given ?? '.');
  if ((await core.fileSystem.stat(folder))?.kind !== 'folder')
    throw new UsageError(`${shownPath(folder, terminal.workingFolder)}: there is no such folder.`);
  return folder;
}

/** Writes files below a folder. Overwrites nothing. @returns their paths, relative to the working directory */
export async function write(
  folder: string,
  files: readonly NewFile[],
  terminal: Terminal,
): Promise<readonly string[]> {
  const written = await writeStage(new NodeStageWriter(), folder, files).catch((error: unknown) => {
    throw unwritable(error, folder, terminal);
  });
  if (written.kind === 'exists') {
    const shown = shownPath(written.path, terminal.workingFolder);
    throw new UsageError(`${shown} exists already; nothing was written.`);
  }
  return written.paths.map((path) => shownPath(path, terminal.workingFolder));
}

/** A disk's refusal as a usage error; any other error as it is. */
function unwritable(error: unknown, folder: string, { workingFolder }: Terminal): unknown {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code === undefined) return error;
  const reason = writeRefusal(code, shownPath(path ?? folder, workingFolder));
  if (reason === undefined) return error;
  return new UsageError(`Nothing can be written: ${reason}. Name another folder with --in, or put it right.`);
}

/** Tells what was written, in the format asked for. */
export async function tell(
  written: readonly string[],
  options: NewOptions,
  terminal: Terminal,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  if (formatOf(options.format) === 'json') {
    await terminal.write(`${JSON.stringify({ version: 1, written, ...more })}\n`);
  } else {
    await terminal.write(`${written.join('\n')}\n`);
  }
}

/** Refuses options that the thing made has no use for: a mistake that would else go unseen. */
export function refuseOthers(what: string, options: NewOptions, used: readonly (keyof NewOptions)[]): void {
  const names = Object.keys(options) as (keyof NewOptions)[];
  const other = names.find(
    (name) => options[name] !== undefined && name !== 'format' && !used.includes(name),
  );
  if (other !== undefined) throw new UsageError(`'pigen new ${what}' does not take --${other}.`);
}

/** The only name among the operands. */
export function oneName(what: string, names: readonly string[], placeholder: string): string {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new UsageError(`'pigen new ${what} ${placeholder}' takes one ${placeholder}.`);
  }
  return name;
}
