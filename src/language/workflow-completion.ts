import { actionInputs } from '../pigen/workflow/action-inputs';
import { parseWorkflow } from '../pigen/workflow/workflow';
import type { PiGenActionStep } from '../pigen/workflow/workflow';
import { inputCompletions, lineBefore, stages } from './completion';
import type { Completion } from './completion';
import { branches } from '../pigen/branches';
import type { TreeFile } from './tree-file';

/** The inputs of the pi-gen-action step that an offset lies in, and their values. */
export function completeWorkflow(file: TreeFile, offset: number): readonly Completion[] {
  const step = stepAt(file, offset);
  if (step === undefined) return [];
  const before = lineBefore(file, offset);
  const { line } = file.lines.position(offset);
  const [, key, typed] = /^\s*([\w-]+):\s+["']?(.*)$/.exec(before) ?? [];
  const input = key ?? blockKey(file, line);
  if (input !== undefined) return values(file, input, typed ?? before.trimStart(), offset);
  const name = /^\s*([\w-]*)$/.exec(before)?.[1];
  if (name === undefined) return [];
  const given = new Set(
    step.inputs.filter(({ nameRange }) => nameRange.start.line !== line).map((one) => one.name),
  );
  return inputCompletions(
    given,
    { start: offset - name.length, end: offset },
    file.text.charAt(offset) === ':',
  );
}

/** Lines below `with:` that are indented further belong to the step, also while they are no valid YAML. */
function stepAt({ path, text, lines }: TreeFile, offset: number): PiGenActionStep | undefined {
  const { line } = lines.position(offset);
  const { steps } = parseWorkflow(path, text);
  const lineOf = (index: number): string => text.slice(lines.lineStart(index), lines.lineEnd(index));
  for (let index = line; index >= 0; index--) {
    const [, indent] = /^(\s*)(?:- )?with:\s*(?:#.*)?$/.exec(lineOf(index)) ?? [];
    if (indent === undefined) continue;
    const depth = indent.length;
    const inside = text.slice(lines.lineStart(line), offset);
    if (index === line || /^\s*/.exec(inside)?.[0].length === undefined) return undefined;
    for (let between = index + 1; between <= line; between++) {
      const found = lineOf(between);
      const own = /^\s*/.exec(found)?.[0].length ?? 0;
      if (found.trim() !== '' && own <= depth) return undefined;
    }
    if (inside.length <= depth) return undefined;
    // The step that `with` belongs to is the one whose `uses` stands nearest.
    return steps
      .toSorted((a, b) => Math.abs(a.usesRange.start.line - index) - Math.abs(b.usesRange.start.line - index))
      .find(({ usesRange }) => isSameStep(lineOf, usesRange.start.line, index));
  }
  return undefined;
}

/** Whether no other step begins between the two lines of one. */
function isSameStep(lineOf: (line: number) => string, uses: number, given: number): boolean {
  const [first, last] = uses < given ? [uses + 1, given] : [given + 1, uses];
  for (let line = first; line <= last; line++) if (/^\s*- /.test(lineOf(line))) return false;
  return true;
}

/** `stage-list: >-` on a line above, with its words on this one. */
function blockKey({ text, lines }: TreeFile, line: number): string | undefined {
  const lineOf = (index: number): string => text.slice(lines.lineStart(index), lines.lineEnd(index));
  const own = indentOf(lineOf(line));
  for (let index = line - 1; index >= 0; index--) {
    const found = lineOf(index);
    if (found.trim() === '' || indentOf(found) >= own) continue;
    return /^\s*([\w-]+):\s*[|>][+-]?\s*$/.exec(found)?.[1];
  }
  return undefined;
}

function indentOf(line: string): number {
  return /^\s*/.exec(line)?.[0].length ?? 0;
}

function values(file: TreeFile, name: string, typed: string, offset: number): readonly Completion[] {
  const word = /[^\s"']*$/.exec(typed)?.[0] ?? '';
  const replace = { start: offset - word.length, end: offset };
  if (name === 'stage-list') return stages(file, replace, './');
  if (typed !== word) return [];
  const offered = name === 'pi-gen-version' ? branches.map((branch) => branch.name) : valuesOf(name);
  return offered.map((value) => ({ label: value, kind: 'value', text: value, replace }));
}

function valuesOf(name: string): readonly string[] {
  const input = actionInputs.find((one) => one.name === name);
  const given = input?.values?.filter((value) => value !== '' && value === value.toLowerCase());
  if (given !== undefined) return given;
  return input?.default === undefined || input.default === '' ? [] : [input.default];
}
