import type { Span } from '../../pigen/text';
import { walk } from '../../shell/queries';
import type { Script } from '../../shell/script';
import type { SyntaxNode } from '../../shell/syntax-node';
import { placeOf } from '../../shell/place-at';
import { enclosing, nameOf, textOf } from './programs';

/** Exported variables of pi-gen (build.sh) that hold paths of the build host. */
const hostPathNames: ReadonlySet<string> = new Set([
  'BASE_DIR',
  'DEPLOY_DIR',
  'EXPORT_CONFIG_DIR',
  'EXPORT_DIR',
  'EXPORT_ROOTFS_DIR',
  'LOG_FILE',
  'PREV_ROOTFS_DIR',
  'PREV_STAGE_DIR',
  'ROOTFS_DIR',
  'SCRIPT_DIR',
  'STAGE_DIR',
  'STAGE_WORK_DIR',
  'WORK_DIR',
]);

/** A path of the build host that code in the chroot uses. Spans are in the program's text. */
export interface HostPath {
  readonly name: string;
  /** The expansion. */
  readonly span: Span;
  /** How to take the prefix off; undefined where no path follows it, or where that would do harm. */
  readonly drop: { readonly span: Span; readonly text: string } | undefined;
}

/** Expansions of pi-gen's host paths, used as paths in a program that runs in the chroot. */
export function findHostPaths(program: Script): readonly HostPath[] {
  if (program.place !== 'chroot') return [];
  const found: HostPath[] = [];
  visit(program, program.root, [], found);
  if (found.length === 0) return [];
  const own = namesSetIn(program);
  return found.filter(({ name, span }) => !own.has(name) && placeOf(program, span) === 'chroot');
}

function visit(program: Script, node: SyntaxNode, path: readonly SyntaxNode[], found: HostPath[]): void {
  if (node.type === 'comment' || node.type === 'heredoc_body') return;
  if (node.type === 'simple_expansion' || node.type === 'expansion') {
    const hostPath = readExpansion(program, node, path);
    if (hostPath !== undefined) found.push(hostPath);
  }
  if (node.children.length === 0) return;
  const inner = [node, ...path];
  for (const child of node.children) visit(program, child, inner, found);
}

function readExpansion(program: Script, node: SyntaxNode, path: readonly SyntaxNode[]): HostPath | undefined {
  const variable = node.children.find(({ type }) => type === 'variable_name');
  const name = variable && textOf(program, variable);
  if (variable === undefined || name === undefined || !hostPathNames.has(name)) return undefined;
  if (node.type === 'expansion' && !keepsPath(program, node, variable)) return undefined;
  if (path.some(({ type }) => type === 'expansion')) return undefined;

  const depth = path.findIndex(({ type }) => type !== 'string' && type !== 'concatenation');
  const word = depth > 0 ? (path[depth - 1] ?? node) : node;
  const before = program.text.slice(word.start, node.start).replaceAll('"', '');
  if (!/^(?:|-[A-Za-z]|.*[=:])$/.test(before) || /\s/.test(before)) return undefined;
  const rest = program.text.slice(node.end, word.end);
  const follows = rest.replaceAll('"', '');
  const use = useOf(program, path.slice(Math.max(depth, 0)), follows === '');
  if (use === 'text') return undefined;
  return { name, span: { start: node.start, end: node.end }, drop: dropOf(node, path, follows, use) };
}

/** Whether `${NAME…}` still is the path: `:-`, `:?`, `%/` leave it, since the name is set; `#`, `/`, `:+` make something else. */
function keepsPath(program: Script, node: SyntaxNode, variable: SyntaxNode): boolean {
  const before = program.text.slice(node.start, variable.start);
  const after = program.text.slice(variable.end, node.end);
  return before === '${' && (after === '}' || /^(?::?[-?=]|%%?\/?\})/.test(after));
}

type Use = 'path' | 'text' | 'remove';

const printers = new Set(['echo', 'log', 'logger', 'printf', 'unset']);

/** What the nearest command, test, redirect or assignment does with the word. */
function useOf(program: Script, path: readonly SyntaxNode[], bare: boolean): Use {
  for (const node of path) {
    switch (node.type) {
      case 'file_redirect':
      case 'variable_assignment':
      case 'for_statement':
        return 'path';
      case 'herestring_redirect':
        return 'text';
      case 'test_command':
        return bare ? 'text' : 'path';
      case 'command': {
        const name = commandName(program, node);
        if (printers.has(name)) return 'text';
        if ((name === '[' || name === 'test') && bare) return 'text';
        return name === 'rm' ? 'remove' : 'path';
      }
    }
  }
  return 'path';
}

function commandName(program: Script, command: SyntaxNode): string {
  const name = command.children.find(({ type }) => type === 'command_name');
  return name === undefined ? '' : textOf(program, name);
}

function dropOf(node: SyntaxNode, path: readonly SyntaxNode[], follows: string, use: Use): HostPath['drop'] {
  if (follows === '') return undefined;
  // `rm -rf "$ROOTFS_DIR"/*` without its prefix would empty the image.
  if (use === 'remove' && /^[/.*]*$/.test(follows)) return undefined;
  const text = follows.startsWith('/') || follows.startsWith('$') ? '' : '/';
  const [parent] = path;
  // `"${ROOTFS_DIR}"/x`: the quotes would stay around nothing.
  const alone = parent?.type === 'string' && parent.start === node.start - 1 && parent.end === node.end + 1;
  const span = alone ? parent : node;
  return { span: { start: span.start, end: span.end }, text };
}

/** Names that the program, or one around it, sets: they hold what the author put there. */
function namesSetIn(program: Script): ReadonlySet<string> {
  const names = new Set<string>();
  for (const script of enclosing(program)) {
    for (const node of walk(script.root)) {
      if (node.type !== 'variable_assignment' && node.type !== 'for_statement') continue;
      const name = node.children.find(({ type }) => type === 'variable_name');
      if (name !== undefined) names.add(textOf(script, name));
    }
    for (const command of script.commands) {
      if (nameOf(command) !== 'read') continue;
      for (const { literal } of command.arguments) if (literal !== undefined) names.add(literal);
    }
  }
  return names;
}
