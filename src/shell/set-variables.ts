import { walk } from './queries';
import type { Command, Script, Word } from './script';
import type { SyntaxNode } from './syntax-node';

/** The variables that a program sets. */
export interface SetVariables {
  readonly names: ReadonlySet<string>;
  /** It may set others too: it uses `eval`, or computes a name. */
  readonly more: boolean;
  /** The words of the files that it sources, which may set others too. */
  readonly sourced: readonly string[];
}

/** The program that a script sources by a word as written; undefined where it is not known. */
export type FindSourced = (word: string) => Script | undefined;

/**
 * The variables that a program sets anywhere in it: by assignment, `for`, `select`, `read`, `mapfile`, `getopts`,
 * `printf -v`, `declare` and its kin, `${X:=value}` and arithmetic. Those of programs inside it are their own.
 */
export function setVariables(script: Pick<Script, 'text' | 'root' | 'commands'>): SetVariables {
  const collector = new Collector(script);
  for (const node of walk(script.root)) collector.visitNode(node);
  for (const command of script.commands) collector.visitCommand(command);
  return collector;
}

/** What is set where a program stands. */
export interface KnownVariables {
  readonly names: ReadonlySet<string>;
  /** Others may be set too: nothing can be said of a name that is not among them. */
  readonly more: boolean;
}

/**
 * The variables that a program, the programs around it, and the files that they source set: what an unquoted heredoc in it
 * may use. Nothing is known of a sourced file that is not found.
 */
export function setVariablesAround(
  script: Script,
  findSourced: FindSourced = () => undefined,
): KnownVariables {
  const names = new Set<string>();
  const seen = new Set<Script>();
  let more = false;
  const add = (program: Script): void => {
    if (seen.has(program)) return;
    seen.add(program);
    for (const name of program.variables.names) names.add(name);
    more ||= program.variables.more;
    for (const word of program.variables.sourced) {
      const found = program.place === 'host' ? findSourced(word) : undefined;
      if (found === undefined) more = true;
      else add(found);
    }
  };
  for (let current: Script | undefined = script; current !== undefined; current = current.parent)
    add(current);
  return { names, more };
}

const declarations = new Set(['declare', 'typeset', 'local', 'readonly', 'export']);

/** Letters of options that take a word of their own. */
const readOptions = 'dinNptu';
const mapfileOptions = 'dnOsuCc';

class Collector implements SetVariables {
  readonly names = new Set<string>();
  readonly sourced: string[] = [];
  more = false;

  constructor(private readonly script: Pick<Script, 'text'>) {}

  visitNode(node: SyntaxNode): void {
    switch (node.type) {
      case 'variable_assignment':
        this.#addNode(node.children.find(({ field }) => field === 'name'));
        break;
      case 'for_statement':
      case 'select_statement':
        this.#addNode(node.children.find(({ field }) => field === 'variable'));
        break;
      case 'expansion':
        if (node.children.some(({ type }) => type === ':=' || type === '=')) this.#addNode(node.children[1]);
        break;
      case 'binary_expression':
        if (node.children.some(({ named, type }) => !named && /^(?:[-+*/%&|^]|<<|>>)?=$/.test(type)))
          this.#addNode(node.children[0]);
        break;
      case 'postfix_expression':
      case 'unary_expression':
        this.#addNode(node.children.find(({ named }) => named));
    }
  }

  visitCommand({ name, arguments: words }: Command): void {
    switch (name?.literal) {
      case undefined:
        break;
      case '.':
      case 'source':
        if (words[0] === undefined) this.more = true;
        else this.sourced.push(words[0].text);
        break;
      case 'eval':
        this.more = true;
        break;
      case 'read':
        this.#addWords(operandsOf(words, readOptions));
        this.names.add('REPLY');
        break;
      case 'mapfile':
      case 'readarray':
        this.#addWords(operandsOf(words, mapfileOptions));
        this.names.add('MAPFILE');
        break;
      case 'getopts':
        this.#addWords(words.slice(1, 2));
        for (const own of ['OPTARG', 'OPTIND']) this.names.add(own);
        break;
      case 'printf':
        if (words[0]?.literal === '-v') this.#addWords(words.slice(1, 2));
        break;
      case 'let':
        for (const { text } of words) this.#addText(/^["']?(\w+)/.exec(text)?.[1] ?? text);
        break;
      default:
        if (declarations.has(name?.literal ?? '')) {
          this.#addWords(words.filter(({ text }) => !text.startsWith('-')));
        }
    }
  }

  #addNode(node: SyntaxNode | undefined): void {
    if (node === undefined) return;
    const name = node.type === 'subscript' ? node.children[0] : node;
    if (name !== undefined) this.#addText(this.script.text.slice(name.start, name.end));
  }

  #addWords(words: readonly Word[]): void {
    for (const { literal } of words) {
      if (literal === undefined) this.more = true;
      else this.#addText(literal);
    }
  }

  #addText(text: string): void {
    const name = /^[A-Za-z_]\w*/.exec(text)?.[0];
    if (name !== undefined) this.names.add(name);
  }
}

/** The words that are no options and no values of the options named by `withValue`. */
function operandsOf(words: readonly Word[], withValue: string): readonly Word[] {
  const operands: Word[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    if (/^-[A-Za-z]/.test(word.text)) {
      if (withValue.includes(word.text.slice(-1))) i++;
    } else operands.push(word);
  }
  return operands;
}
