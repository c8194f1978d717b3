import type { Span } from '../pigen/text';
import type { Assignment, Command, Heredoc, HostExpansion, Redirect, Word } from './script';
import type { SyntaxNode } from './syntax-node';
import { assignedLiteral, literalOf } from './word-value';

export interface ReadCommands {
  readonly commands: readonly Command[];
  readonly functions: ReadonlySet<string>;
}

export interface CommandSource {
  readonly text: string;
  readonly root: SyntaxNode;
  readonly heredocs: readonly Heredoc[];
  /** Words that overlap one have no literal value. Commands inside one that is a command run elsewhere and are left out. */
  readonly hostExpansions: readonly HostExpansion[];
}

/** Reads the simple commands and the functions of a program from its syntax, in source order. */
export function readCommands(source: CommandSource): ReadCommands {
  const reader = new CommandReader(source);
  reader.visit(source.root, undefined);
  return {
    commands: reader.commands.sort((a, b) => a.span.start - b.span.start),
    functions: reader.functions,
  };
}

/** Enclosing nodes as a chain, so that they need no array for each node. */
interface Ancestors {
  readonly node: SyntaxNode;
  readonly next: Ancestors | undefined;
}

class SimpleCommand implements Command {
  readonly span: Span;
  readonly node: SyntaxNode;
  readonly name: Word | undefined;
  readonly arguments: readonly Word[];
  readonly assignments: readonly Assignment[];
  readonly redirects: readonly Redirect[];
  readonly pipedFrom: Command | undefined;
  readonly #around: Ancestors | undefined;
  #ancestors: readonly SyntaxNode[] | undefined;

  constructor(facts: Omit<Command, 'ancestors'>, around: Ancestors | undefined) {
    this.span = facts.span;
    this.node = facts.node;
    this.name = facts.name;
    this.arguments = facts.arguments;
    this.assignments = facts.assignments;
    this.redirects = facts.redirects;
    this.pipedFrom = facts.pipedFrom;
    this.#around = around;
  }

  /** Made when asked for: few commands are. */
  get ancestors(): readonly SyntaxNode[] {
    this.#ancestors ??= listOf(this.#around);
    return this.#ancestors;
  }
}

const commandTypes = new Set(['command', 'declaration_command', 'unset_command']);

/** Deeper nesting than any script has. */
const deepest = 1000;

class CommandReader {
  readonly commands: Command[] = [];
  readonly functions = new Set<string>();
  readonly #heredocs: ReadonlyMap<number, Heredoc>;
  readonly #byNode = new Map<SyntaxNode, Command>();
  /** Redirects that stand around a command, by the command's node. */
  readonly #redirects = new Map<SyntaxNode, SyntaxNode[]>();
  readonly #pipedFrom = new Map<SyntaxNode, SyntaxNode>();

  constructor(private readonly source: CommandSource) {
    this.#heredocs = new Map(source.heredocs.map((heredoc) => [heredoc.operator.start, heredoc]));
  }

  visit(node: SyntaxNode, ancestors: Ancestors | undefined, depth = 0): void {
    if (node.children.length === 0 || depth > deepest) return;
    switch (node.type) {
      case 'command':
      case 'declaration_command':
      case 'unset_command':
        this.#addCommand(node, ancestors);
        break;
      case 'variable_assignments':
        this.#addAssignments(node, node.children, ancestors);
        break;
      case 'variable_assignment':
        if (!assignmentParents.has(ancestors?.node.type ?? '')) this.#addAssignments(node, [node], ancestors);
        break;
      case 'redirected_statement':
        this.#passRedirects(node, ancestors);
        break;
      case 'pipeline':
        this.#passPipe(node);
        break;
      case 'function_definition':
        this.#addFunction(node);
        break;
    }
    const chain = { node, next: ancestors };
    for (const child of node.children) this.visit(child, chain, depth + 1);
  }

  #addFunction(node: SyntaxNode): void {
    const name = node.children.find(({ field }) => field === 'name');
    if (name !== undefined) this.functions.add(this.#slice(name));
  }

  /** Gives the redirects around a statement to the command that they are for. */
  #passRedirects(node: SyntaxNode, ancestors: Ancestors | undefined): void {
    const redirects = node.children.filter(isRedirect);
    const body = node.children.find(({ field }) => field === 'body');
    const around = this.#redirects.get(node) ?? [];
    if (body === undefined) {
      const command = this.#command(node, undefined, [], [], [...redirects, ...around], ancestors);
      this.#push(node, command);
      return;
    }
    const target = lastCommand(body);
    if (target === undefined) return;
    // An enclosing statement may have passed its own ones on already.
    this.#redirects.set(target, [...redirects, ...around, ...(this.#redirects.get(target) ?? [])]);
  }

  #passPipe(node: SyntaxNode): void {
    let before: SyntaxNode | undefined;
    for (const child of node.children) {
      if (!child.named) continue;
      const first = simpleCommand(child);
      if (before !== undefined && first !== undefined) this.#pipedFrom.set(first, before);
      before = lastCommand(child);
    }
  }

  #addAssignments(node: SyntaxNode, nodes: readonly SyntaxNode[], ancestors: Ancestors | undefined): void {
    const assignments = nodes.filter(({ type }) => type === 'variable_assignment');
    this.#push(node, this.#command(node, undefined, [], assignments, [], ancestors));
  }

  #addCommand(node: SyntaxNode, ancestors: Ancestors | undefined): void {
    const words: SyntaxNode[] = [];
    const assignments: SyntaxNode[] = [];
    const redirects: SyntaxNode[] = [];
    let name: SyntaxNode | undefined;
    for (const child of node.children) {
      if (child.type === 'variable_assignment') assignments.push(child);
      else if (isRedirect(child)) redirects.push(child);
      else if (child.type === 'comment' || child.type === 'ERROR') continue;
      else if (name === undefined)
        name = child.type === 'command_name' ? (child.children[0] ?? child) : child;
      else if (child.type !== 'subshell') words.push(child);
    }
    redirects.push(...(this.#redirects.get(node) ?? []));
    this.#push(node, this.#command(node, name, words, assignments, redirects, ancestors));
  }

  #push(node: SyntaxNode, command: Command): void {
    if (this.#inCommandExpansion(command.span)) return;
    this.commands.push(command);
    this.#byNode.set(node, command);
  }

  #command(
    node: SyntaxNode,
    name: SyntaxNode | undefined,
    words: readonly SyntaxNode[],
    assignments: readonly SyntaxNode[],
    redirectNodes: readonly SyntaxNode[],
    ancestors: Ancestors | undefined,
  ): Command {
    const redirects: Redirect[] = [];
    const extra: SyntaxNode[] = [];
    for (const redirect of redirectNodes) redirects.push(this.#redirect(redirect, extra));
    const end = [...redirects.map(({ span }) => span), ...extra].reduce(
      (last, span) => Math.max(last, span.end),
      node.end,
    );
    const pipe = this.#pipedFrom.get(node);
    const facts = {
      span: { start: node.start, end },
      node,
      name: name === undefined ? undefined : this.#word(name),
      arguments: [...words, ...extra].map((word) => this.#word(word)),
      assignments: assignments.map((assignment) => this.#assignment(assignment)),
      redirects: redirects.sort((a, b) => a.span.start - b.span.start),
      pipedFrom: pipe === undefined ? undefined : this.#byNode.get(pipe),
    };
    return new SimpleCommand(facts, ancestors);
  }

  /**
   * The grammar takes every word behind a redirect for a destination (`cat << EOF -n`); bash takes the first one, and the
   * others as arguments.
   */
  #redirect(node: SyntaxNode, extra: SyntaxNode[]): Redirect {
    const descriptor = node.children.find(({ type }) => type === 'file_descriptor');
    const operator = node.children.find(({ named }) => !named);
    const [target, ...others] = node.children.filter(
      (child) => child.named && child !== descriptor && child.type !== 'comment' && child.type !== 'ERROR',
    );
    extra.push(...others);
    const number = descriptor === undefined ? undefined : Number.parseInt(this.#slice(descriptor), 10);
    const heredoc = operator === undefined ? undefined : this.#heredocs.get(operator.start);
    const end = target?.end ?? operator?.end ?? node.end;
    return {
      operator: heredoc === undefined ? (operator?.type ?? '') : heredoc.stripsTabs ? '<<-' : '<<',
      descriptor: number === undefined || Number.isNaN(number) ? undefined : number,
      target: target === undefined || heredoc !== undefined ? undefined : this.#word(target),
      heredoc,
      span: { start: node.start, end },
    };
  }

  #assignment(node: SyntaxNode): Assignment {
    const name = node.children.find(({ field }) => field === 'name') ?? node;
    const field = node.children.find((child) => child.field === 'value');
    const value =
      field === undefined ? { start: node.end, end: node.end } : { start: field.start, end: field.end };
    return {
      name: this.#slice(name),
      span: { start: node.start, end: node.end },
      value,
      literal: this.#overlapsExpansion(value) ? undefined : assignedLiteral(this.source.text, value),
    };
  }

  #word(node: SyntaxNode): Word {
    const span = { start: node.start, end: node.end };
    return {
      span,
      text: this.#slice(node),
      literal: this.#overlapsExpansion(span) ? undefined : literalOf(this.source.text, span),
      node,
    };
  }

  #slice({ start, end }: Span): string {
    return this.source.text.slice(start, end);
  }

  #overlapsExpansion({ start, end }: Span): boolean {
    const { hostExpansions } = this.source;
    const expansion = hostExpansions[firstEndingAfter(hostExpansions, start)];
    return expansion !== undefined && expansion.span.start < end;
  }

  #inCommandExpansion({ start, end }: Span): boolean {
    const { hostExpansions } = this.source;
    const expansion = hostExpansions[firstEndingAfter(hostExpansions, start)];
    if (expansion === undefined || expansion.span.start > start || end > expansion.span.end) return false;
    // What stands at the very start of an expansion is the expansion itself, as the name of a command.
    return expansion.span.start < start;
  }
}

const assignmentParents = new Set([
  'command',
  'declaration_command',
  'variable_assignments',
  'c_style_for_statement',
]);

function isRedirect({ type }: SyntaxNode): boolean {
  return type === 'file_redirect' || type === 'herestring_redirect' || type === 'heredoc_redirect';
}

/** The command that a statement is, its redirects and its `!` put aside. */
function simpleCommand(node: SyntaxNode): SyntaxNode | undefined {
  if (commandTypes.has(node.type)) return node;
  if (node.type !== 'redirected_statement' && node.type !== 'negated_command') return undefined;
  const inner = node.children.find((child) => child.field === 'body' || (child.named && !isRedirect(child)));
  return inner === undefined ? undefined : simpleCommand(inner);
}

/** The command at the end of a statement: what a redirect behind it, or a pipe, is for. */
function lastCommand(node: SyntaxNode): SyntaxNode | undefined {
  if (node.type !== 'list' && node.type !== 'pipeline') return simpleCommand(node) ?? nestedLast(node);
  const last = node.children.findLast(({ named }) => named);
  return last === undefined ? undefined : lastCommand(last);
}

function nestedLast(node: SyntaxNode): SyntaxNode | undefined {
  if (node.type !== 'redirected_statement' && node.type !== 'negated_command') return undefined;
  const inner = node.children.find((child) => child.named && !isRedirect(child));
  return inner === undefined ? undefined : lastCommand(inner);
}

function listOf(ancestors: Ancestors | undefined): readonly SyntaxNode[] {
  const list: SyntaxNode[] = [];
  for (let current = ancestors; current !== undefined; current = current.next) list.push(current.node);
  return list;
}

/** Index of the first expansion that ends behind `offset`; they are in order and do not overlap. */
function firstEndingAfter(expansions: readonly HostExpansion[], offset: number): number {
  let low = 0;
  let high = expansions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((expansions[middle]?.span.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
