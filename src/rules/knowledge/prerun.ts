import { editDistance } from '../../pigen/tree/near-miss';
import type { Span } from '../../pigen/text';
import { programsOf, walk } from '../../shell/queries';
import type { Command, Script } from '../../shell/script';
import type { SyntaxNode } from '../../shell/syntax-node';
import { holds, isTopLevel, lineAround, nameOf, textOf } from './programs';

/** What keeps a prerun.sh from giving its stage a root file system. Spans are in the script's text. */
export type PrerunFault =
  /** Nothing in it makes one. */
  | { readonly kind: 'none' }
  /** A call that was surely meant to be copy_previous. */
  | { readonly kind: 'misspelt'; readonly call: Span; readonly written: string }
  /** copy_previous runs only where the rootfs is there already. */
  | {
      readonly kind: 'inverted';
      readonly test: Span;
      readonly change: { readonly span: Span; readonly text: string };
    }
  /** The rootfs folder is made before the test for it, so that the test finds it. */
  | {
      readonly kind: 'made-before';
      readonly command: Span;
      /** The line to take away; undefined where it does more. */
      readonly line: Span | undefined;
    };

/** Why a prerun.sh leaves its stage without a rootfs; undefined where it makes one, or where there is no telling. */
export function findPrerunFault(script: Script): PrerunFault | undefined {
  const copies = script.commands.filter((command) => nameOf(command) === 'copy_previous');
  if (copies.length === 0) {
    const misspelt = script.commands.find(isMisspelt);
    if (misspelt?.name !== undefined) {
      return { kind: 'misspelt', call: misspelt.name.span, written: misspelt.name.text };
    }
    return mayMakeRootfs(script) ? undefined : { kind: 'none' };
  }
  // With several calls, or another way to a rootfs beside it, the conditions are beyond judging.
  const [copy] = copies;
  if (copies.length > 1 || copy === undefined || mayMakeRootfs(script, copy)) return undefined;
  const guard = findGuard(script, copy);
  if (guard === undefined) return undefined;
  if (guard.runsWhenPresent) return { kind: 'inverted', test: guard.test, change: guard.inversion };
  return findMadeBefore(script, guard);
}

function isMisspelt(command: Command): boolean {
  const name = nameOf(command);
  if (name === undefined || name === 'copy_previous') return false;
  const folded = name.toLowerCase().replaceAll('-', '_');
  return editDistance(folded, 'copy_previous', 3) <= 3 || folded === 'copy_prev' || folded === 'copyprevious';
}

/** Commands that make no root file system. Of any other, on a path or by a name of the author's, there is no telling. */
const harmless = new Set([
  ':',
  '[',
  'basename',
  'cat',
  'chmod',
  'chown',
  'copy_previous',
  'cp',
  'date',
  'declare',
  'dirname',
  'echo',
  'exit',
  'export',
  'false',
  'find',
  'grep',
  'install',
  'ln',
  'local',
  'log',
  'ls',
  'mkdir',
  'mv',
  'on_chroot',
  'popd',
  'printf',
  'pushd',
  'readonly',
  'return',
  'rm',
  'rmdir',
  'sed',
  'set',
  'shopt',
  'sleep',
  'tee',
  'test',
  'touch',
  'trap',
  'true',
  'umask',
  'unmount',
  'unset',
]);

/** Whether a script may well make a rootfs by other means than copy_previous. */
function mayMakeRootfs(script: Script, besides?: Command): boolean {
  return script.commands.some((command) => {
    if (command === besides || command.name === undefined) return false;
    const name = nameOf(command);
    if (name === undefined) return true;
    // The commands of the script's own functions are judged where they stand.
    if (!harmless.has(name) && !script.functions.has(name)) return true;
    if (!['cp', 'mv', 'ln', 'install'].includes(name)) return false;
    const words = command.arguments.map(({ text }) => text);
    // `cp -a somewhere/. "$ROOTFS_DIR"`: the rootfs itself is what it writes.
    return words.some((word) => word.includes('PREV_ROOTFS_DIR')) || isRootfs(words.at(-1) ?? '');
  });
}

/** Whether a word is the rootfs itself and not a path in it. */
function isRootfs(word: string): boolean {
  return /^\$\{?ROOTFS_DIR\}?\/?$/.test(word.replaceAll(/["']/g, ''));
}

interface Guard {
  readonly test: Span;
  /** copy_previous runs where the rootfs exists: the wrong way round. */
  readonly runsWhenPresent: boolean;
  readonly inversion: { readonly span: Span; readonly text: string };
}

interface Test {
  readonly node: SyntaxNode;
  readonly present: boolean;
  readonly inversion: Guard['inversion'];
}

/** The test for the rootfs' folder that alone decides whether copy_previous runs; undefined for anything less plain. */
function findGuard(script: Script, copy: Command): Guard | undefined {
  const path = [...copy.ancestors].reverse();
  const conditional = path.filter(({ type }) =>
    /^(?:if_statement|list|while_statement|for_statement|case_statement|function_definition|elif_clause|else_clause|binary_expression)$/.test(
      type,
    ),
  );
  const only = conditional[0];
  if (conditional.length === 2 && only?.type === 'if_statement' && conditional[1]?.type === 'else_clause') {
    return guardOf(script, only, false);
  }
  if (conditional.length !== 1 || only === undefined) return undefined;
  if (only.type === 'if_statement') {
    if (only.children.some(({ type }) => type === 'elif_clause' || type === 'else_clause')) return undefined;
    return guardOf(script, only, true);
  }
  if (only.type !== 'list') return undefined;
  const [left, operator, right] = only.children;
  if (left === undefined || right === undefined || !holds(right, copy.name?.span ?? copy.span))
    return undefined;
  if (operator?.type !== '&&' && operator?.type !== '||') return undefined;
  const test = readTest(script, left);
  return test && toGuard(test, operator.type === '&&');
}

function guardOf(script: Script, statement: SyntaxNode, inThen: boolean): Guard | undefined {
  const conditions = statement.children.filter(({ field }) => field === 'condition');
  const named = conditions.filter((node) => node.named);
  const [condition] = named;
  if (condition === undefined || named.length !== 1) return undefined;
  const test = readTest(script, condition);
  return test && toGuard(test, inThen);
}

function toGuard({ node, present, inversion }: Test, whenTrue: boolean): Guard {
  return { test: { start: node.start, end: node.end }, runsWhenPresent: present === whenTrue, inversion };
}

/** Reads `[ -d "$ROOTFS_DIR" ]` with any `!`; undefined for every other test. */
function readTest(script: Script, node: SyntaxNode): Test | undefined {
  const text = textOf(script, node);
  const found = /^(!\s+)?(\[\[?|test)(\s+)(!\s+)?-[de]\s+(["']?)\$\{?ROOTFS_DIR\}?\/?\5\s*(\]\]?)?$/.exec(
    text,
  );
  if (found === null) return undefined;
  const [, outer = '', opening = '', space = '', inner = ''] = found;
  const present = (outer !== '') === (inner !== '');
  const afterOpening = node.start + outer.length + opening.length + space.length;
  const inversion =
    inner !== ''
      ? { span: { start: afterOpening, end: afterOpening + inner.length }, text: '' }
      : outer !== ''
        ? { span: { start: node.start, end: node.start + outer.length }, text: '' }
        : { span: { start: afterOpening, end: afterOpening }, text: '! ' };
  return { node, present, inversion };
}

function findMadeBefore(script: Script, guard: Guard): PrerunFault | undefined {
  const command = script.commands.find(
    (candidate) => candidate.span.start < guard.test.start && isTopLevel(candidate) && makesFolder(candidate),
  );
  if (command?.name === undefined) return undefined;
  const span = {
    start: command.name.span.start,
    end: command.arguments.at(-1)?.span.end ?? command.span.end,
  };
  const line = lineAround(script.text, span.start);
  const alone = textOf(script, line).trim() === textOf(script, span).trim();
  const onlyThat = command.arguments
    .filter(({ text }) => !text.startsWith('-'))
    .every(({ text }) => isRootfs(text));
  return { kind: 'made-before', command: span, line: alone && onlyThat ? line : undefined };
}

/** Whether a command makes the rootfs' folder, if only as the parent of another. */
function makesFolder(command: Command): boolean {
  const name = nameOf(command);
  const options = command.arguments.filter(({ text }) => text.startsWith('-')).map(({ text }) => text);
  const makes =
    name === 'mkdir' || (name === 'install' && options.some((option) => /^-[a-zA-Z]*[dD]/.test(option)));
  return (
    makes &&
    command.arguments.some(({ text }) => /^\$\{?ROOTFS_DIR\}?(?:\/|$)/.test(text.replaceAll(/["']/g, '')))
  );
}

/** Other names of the stage's own work folder and of other stages' rootfs can be used without a rootfs. */
function namesRootfs(program: Script, node: SyntaxNode): boolean {
  if (node.type !== 'variable_name') return false;
  const name = textOf(program, node);
  return (
    name === 'ROOTFS_DIR' ||
    (name === 'STAGE_WORK_DIR' && /^\}?"?\/rootfs\b/.test(program.text.slice(node.end)))
  );
}

/** Whether a host script works on the rootfs: through on_chroot, chroot, or a path. */
export function touchesRootfs(script: Script): boolean {
  for (const program of programsOf(script)) {
    for (const command of program.commands) {
      const name = nameOf(command);
      if (name === 'on_chroot' || name === 'chroot') return true;
    }
    for (const node of walk(program.root)) {
      if (namesRootfs(program, node)) return true;
    }
    // What a script runs or reads in may work on the rootfs as well as not.
    if (program.commands.some((command) => nameOf(command) === undefined && command.name !== undefined))
      return true;
  }
  return false;
}
