import { actionInputs, removedInputs } from '../pigen/workflow/action-inputs';
import type { ActionInput } from '../pigen/workflow/action-inputs';
import { branches, configVariablesOf } from '../pigen/branches';
import { configVariables } from '../pigen/config/config-variables';
import type { LineIndex } from '../pigen/text';
import type { Position, Span, TextRange } from '../pigen/text';
import { inputValue, parseWorkflow } from '../pigen/workflow/workflow';
import { shebang } from '../shell/queries';
import { describeEntry } from './describe-entry';
import { mentionAt } from './mentions';
import { packageAt } from './package-names';
import { functionNamed } from './pi-gen-functions';
import { hostPathVariables, valuesOf, variableNamed } from './pi-gen-variables';
import type { KnownValue, PiGenVariable } from './pi-gen-variables';
import type { SyntaxNode } from '../shell/syntax-node';
import { isInComment, isReplacedByHost, syntaxAt, textOfNode } from './syntax-at';
import type { SyntaxAt } from './syntax-at';
import { entriesOf } from './tree-entries';
import type { TreeFile } from './tree-file';

/** What is to be shown of a place. */
export interface Hover {
  /** In the file's text. */
  readonly span: Span;
  readonly markdown: string;
}

/**
 * What is known of the word at an offset: a function, variable or file of pi-gen, a config key, an input of pi-gen-action.
 * Packages are apart, since what is known of them lies on disk: see packageAt.
 */
export function hoverAt(file: TreeFile, offset: number): Hover | undefined {
  const mention = mentionAt(file, offset);
  if (mention !== undefined) return { span: mention.span, markdown: describeEntry(file.tree, mention.entry) };
  switch (file.role) {
    case 'script':
    case 'config':
    case 'export':
      return inScript(file, offset);
    case 'workflow':
      return inWorkflow(file, offset);
    case 'packages':
    case 'debconf':
      return packageAt(file, offset) === undefined ? onFirstComment(file, offset) : undefined;
    default:
      return undefined;
  }
}

function inScript(file: TreeFile, offset: number): Hover | undefined {
  const { script } = file;
  if (script === undefined) return undefined;
  const line = shebang(script);
  if (line !== undefined && offset < line.span.end) return ofFile(file, line.span);
  const at = syntaxAt(script, offset);
  if (isInComment(at, offset)) return undefined;
  return variableHover(file, at, offset) ?? functionHover(file, at);
}

/** The file itself, where its first line is pointed at. */
function ofFile({ tree, path }: TreeFile, span: Span): Hover | undefined {
  const entry = entriesOf(tree).get(path);
  return entry && { span, markdown: describeEntry(tree, entry) };
}

function onFirstComment(file: TreeFile, offset: number): Hover | undefined {
  const end = file.lines.lineEnd(0);
  return offset <= end && file.text.startsWith('#') ? ofFile(file, { start: 0, end }) : undefined;
}

function functionHover(file: TreeFile, { nodes, script }: SyntaxAt): Hover | undefined {
  const name = nodes.find(({ type }) => type === 'command_name');
  if (name === undefined) return undefined;
  const text = textOfNode(script, name);
  const found = functionNamed(file.tree, text);
  for (let program: typeof script | undefined = script; program !== undefined; program = program.parent)
    if (program.functions.has(text)) return undefined;
  if (found === undefined) return undefined;
  const difference =
    file.tree.branch === undefined
      ? undefined
      : Object.entries(found.differences ?? {}).find(([branch]) => branch === file.tree.branch)?.[1];
  const nested =
    script.place === 'chroot' && found.name === 'on_chroot'
      ? ['**This runs inside the chroot already**, where `on_chroot` finds no rootfs and fails.']
      : [];
  const markdown = [
    fenced(found.usage),
    found.summary,
    found.details,
    ...(difference === undefined ? [] : [difference]),
    ...nested,
    '*Function of pi-gen (scripts/common), for bash scripts on the build host.*',
  ].join('\n\n');
  return { span: script.toFileSpan(name), markdown };
}

function variableHover(file: TreeFile, at: SyntaxAt, offset: number): Hover | undefined {
  const { nodes, script } = at;
  const node = nodes[0];
  const [around] = nodes.slice(1);
  const isName = node?.type === 'variable_name';
  const target = isName ? node : nodes.slice(0, 2).find(isExpansion);
  const name = isName ? node : target?.children.find(({ type }) => type === 'variable_name');
  if (target === undefined || name === undefined) return undefined;
  const variable = variableNamed(file.tree, textOfNode(script, name));
  if (variable === undefined) return undefined;
  const assigned = isName && around?.type === 'variable_assignment';
  const notes: string[] = [];
  if (isReplacedByHost(at, offset))
    notes.push(
      'The build host puts its value here before the chroot sees the line: the heredoc’s delimiter is not quoted.',
    );
  else if (script.place === 'chroot' && hostPathVariables.has(variable.name))
    notes.push(
      '**Inside the chroot this is a path of the build host**, which does not exist there: the image’s own root is `/`.',
    );
  const markdown = variableMarkdown(file, variable, notes, assigned);
  return { span: script.toFileSpan(target), markdown };
}

function isExpansion({ type }: SyntaxNode): boolean {
  return type === 'simple_expansion' || type === 'expansion';
}

function variableMarkdown(
  file: TreeFile,
  variable: PiGenVariable,
  notes: readonly string[],
  assigned: boolean,
): string {
  const values = assigned && file.role === 'config' ? [] : valuesOf(file.tree, variable.name, file);
  return [
    `**${variable.name}** — ${variable.summary}`,
    ...values.map(describeValue),
    ...notes,
    ...configFacts(file, variable),
  ].join('\n\n');
}

/** One line for a value: where it comes from, and what it is. */
export function describeValue({ value, because, file, secret }: KnownValue): string {
  const where = file === undefined ? '' : ` in ${code(file)}`;
  if (secret === true) return `Set${where}; not shown here.`;
  if (value === undefined) return `Set${where} to something that only the build can tell.`;
  const shown = value === '' ? 'empty' : code(value);
  switch (because) {
    case 'tree':
      return `Here: ${shown}`;
    case 'default':
      return `Here: ${shown}, the default`;
    case 'config':
    case 'workflow':
      return `Here: ${shown}, set${where}`;
  }
}

function configFacts({ tree, role }: TreeFile, { name, config, exported }: PiGenVariable): readonly string[] {
  const facts: string[] = [];
  if (config?.values !== undefined) facts.push(`Values: ${config.values.map(code).join(', ')}.`);
  if (config?.replacedBy !== undefined) facts.push(`Use ${code(config.replacedBy)} instead.`);
  if (role === 'config') facts.push(...defaultsByBranch(name, tree.branch));
  if (config !== undefined && !exported)
    facts.push('pi-gen does not export it: scripts see it only where config itself exports it.');
  return facts;
}

/** The defaults of a config variable, by the branches that have it. */
function defaultsByBranch(name: string, own: string | undefined): readonly string[] {
  const rows = new Map<string, string[]>();
  for (const branch of branches) {
    const variable = configVariablesOf(branch).find((one) => one.name === name);
    const shown =
      variable === undefined
        ? 'not read'
        : variable.default === undefined
          ? 'no default'
          : code(variable.default);
    rows.set(shown, [...(rows.get(shown) ?? []), branch.name === own ? `**${branch.name}**` : branch.name]);
  }
  const [only] = [...rows];
  if (rows.size === 1 && only !== undefined) return [`Default: ${only[0]} (all branches).`];
  return [
    [
      '| Default | Branches |',
      '|:--|:--|',
      ...[...rows].map(([shown, names]) => `| ${shown.replaceAll('|', '\\|')} | ${names.join(', ')} |`),
    ].join('\n'),
  ];
}

function inWorkflow(file: TreeFile, offset: number): Hover | undefined {
  const { steps } = parseWorkflow(file.path, file.text);
  const position = file.lines.position(offset);
  for (const step of steps) {
    const input = step.inputs.find(({ nameRange }) => contains(nameRange, position));
    if (input === undefined) continue;
    const markdown = describeInput(input.name, inputValue(step, 'pi-gen-version'));
    return markdown === undefined ? undefined : { span: spanOf(file.lines, input.nameRange), markdown };
  }
  return undefined;
}

/** An input of pi-gen-action, in Markdown; undefined for a name that it never had. */
export function describeInput(name: string, version?: string): string | undefined {
  const removed = removedInputs.get(name);
  if (removed !== undefined) return `**${name}** — ${removed}.`;
  const input = actionInputs.find((one) => one.name === name);
  return input && inputMarkdown(input, version);
}

function inputMarkdown(input: ActionInput, version: string | undefined): string {
  const { name, summary, values, demand, required, variable } = input;
  const given = values?.filter((value) => value !== '' && value === value.toLowerCase());
  const config = variable === undefined ? undefined : configVariables.find((one) => one.name === variable);
  return [
    `**${name}**${required === true ? ' (required)' : ''} — ${summary}`,
    ...(given === undefined
      ? demand === undefined
        ? []
        : [`Must be ${demand}.`]
      : [`Values: ${given.map(code).join(', ')}.`]),
    ...(input.default === undefined
      ? []
      : [`Default: ${input.default === '' ? 'empty' : code(input.default)}`]),
    ...(variable === undefined
      ? []
      : [
          `Sets ${code(variable)} in pi-gen’s config.${config?.replacedBy === undefined ? '' : ` Use ${code(config.replacedBy)}.`}`,
        ]),
    ...(name === 'release' && version !== undefined ? [`\`pi-gen-version\` here: ${code(version)}`] : []),
    '*Input of pi-gen-action.*',
  ].join('\n\n');
}

function contains({ start, end }: TextRange, { line, column }: Position): boolean {
  const after = line > start.line || (line === start.line && column >= start.column);
  const before = line < end.line || (line === end.line && column <= end.column);
  return after && before;
}

function spanOf(lines: LineIndex, { start, end }: TextRange): Span {
  return { start: lines.offset(start), end: lines.offset(end) };
}

/** Text as Markdown's code: what it holds cannot become a link or markup. */
export function code(text: string): string {
  const shown = text.replaceAll(/\s+/g, ' ');
  const fence = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const space = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return fence + space + shown + space + fence;
}

function fenced(text: string): string {
  return `\`\`\`shellscript\n${text}\n\`\`\``;
}
