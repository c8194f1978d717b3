import type { Span } from '../pigen/text';
import { configAssignments } from '../shell/config-assignments';
import { walk } from '../shell/queries';
import type { Script } from '../shell/script';
import { chrootBlocks } from './chroot-block';
import { readPackageList } from '../pigen/apt/package-list';
import { parseWorkflow } from '../pigen/workflow/workflow';
import type { TreeFile } from './tree-file';

/** An entry of a file's outline. */
export interface OutlineEntry {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'function' | 'chroot' | 'variable' | 'package' | 'stage-list' | 'patch';
  /** All of it. In the file's text. */
  readonly span: Span;
  /** What is selected when it is gone to; within `span`. */
  readonly selection: Span;
  readonly children: readonly OutlineEntry[];
}

/** Shown of a block's first command. */
const detailLength = 60;

/** The outline of a file: functions and chroot blocks of a script, variables of a config, packages, stage lists of a workflow. */
export function outlineOf(file: TreeFile): readonly OutlineEntry[] {
  const { script, text, lines } = file;
  switch (file.role) {
    case 'script':
      return script === undefined ? [] : outlineOfProgram(script);
    case 'config':
    case 'export':
      return script === undefined
        ? []
        : configAssignments(script).map(({ name, span, append }) =>
            leaf(name, append ? '+=' : '', 'variable', span, {
              start: span.start,
              end: span.start + name.length,
            }),
          );
    case 'packages':
      return readPackageList(text).words.map((word) => leaf(word.text, '', 'package', word.span));
    case 'series':
      return [...text.matchAll(/^[ \t]*([^\s#]+)/gm)].map(({ 0: line, 1: name = '', index }) =>
        leaf(name, '', 'patch', { start: index + line.length - name.length, end: index + line.length }),
      );
    case 'workflow':
      return parseWorkflow(file.path, text).steps.flatMap(({ uses, usesRange, stageList }) => {
        const start = lines.offset(usesRange.start);
        const list = (stageList ?? []).map((word) => word.text).join(' ');
        return [leaf(uses, list, 'stage-list', { start, end: lines.offset(usesRange.end) })];
      });
    default:
      return [];
  }
}

function leaf(
  name: string,
  detail: string,
  kind: OutlineEntry['kind'],
  span: Span,
  selection: Span = span,
): OutlineEntry {
  return { name: name === '' ? '?' : name, detail, kind, span, selection, children: [] };
}

function outlineOfProgram(program: Script): readonly OutlineEntry[] {
  const found: OutlineEntry[] = [];
  for (const node of walk(program.root)) {
    if (node.type !== 'function_definition') continue;
    const name = node.children.find(({ field }) => field === 'name');
    if (name === undefined) continue;
    const label = program.text.slice(name.start, name.end);
    found.push(leaf(label, '', 'function', program.toFileSpan(node), program.toFileSpan(name)));
  }
  for (const block of chrootBlocks(program)) {
    const name = block.command.name;
    found.push({
      name: name?.text ?? 'on_chroot',
      detail: firstLine(block.inner.text),
      kind: 'chroot',
      span: block.span,
      selection: program.toFileSpan(name?.span ?? block.command.span),
      children: outlineOfProgram(block.inner),
    });
  }
  return nested(found);
}

function firstLine(text: string): string {
  const line =
    text
      .split('\n')
      .map((one) => one.trim())
      .find((one) => one !== '' && !one.startsWith('#')) ?? '';
  return line.length > detailLength ? `${line.slice(0, detailLength - 1)}…` : line;
}

/** Entries that lie in others become their children: blocks in functions. */
function nested(entries: readonly OutlineEntry[]): readonly OutlineEntry[] {
  const sorted = entries.toSorted((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const top: OutlineEntry[] = [];
  for (let index = 0; index < sorted.length;) {
    const entry = sorted[index];
    if (entry === undefined) break;
    let next = index + 1;
    while ((sorted[next]?.span.end ?? Infinity) <= entry.span.end) next++;
    const children = nested(sorted.slice(index + 1, next));
    top.push(
      children.length === 0 ? entry : { ...entry, children: nested([...entry.children, ...children]) },
    );
    index = next;
  }
  return top;
}
