import type { Span } from '../pigen/text';
import { matchTerminator, readDelimiter } from './heredoc-words';
import type { OpenHeredoc } from './heredoc-words';
import type { HostExpansion } from './script';
import { isBlank, isMetacharacter } from './shell-characters';
import { ProblemFound, Unsure } from './syntax-problem';
import type { OpenBlock, SyntaxProblem } from './syntax-problem';
import { WordReader } from './word-reader';
import type { ReadWord, ShellDialect } from './word-reader';

/**
 * The first thing in a program that bash refuses to read, as `bash -n` would; undefined where there is none, and where it
 * cannot be told: extended patterns, aliases, coprocesses. Reading ends behind an `exit` at the outermost level, as bash's
 * does. Takes time proportional to the text's length, and never throws.
 *
 * @param replaced parts that another shell replaces first, in source order
 */
export function findSyntaxProblem(
  text: string,
  dialect: ShellDialect = 'bash',
  replaced: readonly HostExpansion[] = [],
): SyntaxProblem | undefined {
  if (text.includes('expand_aliases')) return undefined;
  try {
    new SyntaxReader(text, dialect, replaced).program();
    return undefined;
  } catch (error) {
    if (error instanceof ProblemFound) return error.problem;
    // Nesting that exhausts the stack is nothing that anyone writes.
    if (error instanceof Unsure || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Words that cannot begin a command, where they are not quoted. */
const closers = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}', 'in', ']]']);

/** Words with a meaning of their own where a command can begin. */
const reserved = new Set([
  ...closers,
  ...['!', '[[', '{', 'case', 'coproc', 'for', 'function', 'if', 'select', 'time', 'until', 'while'],
]);

/** Their arguments may assign arrays. */
const declarations = new Set(['declare', 'typeset', 'local', 'export', 'readonly', 'eval', 'let', 'alias']);

const redirects = ['<<<', '<<-', '<<', '<&', '<>', '<', '>>', '>&', '>|', '&>>', '&>', '>'];

class SyntaxReader extends WordReader {
  readonly #blocks: OpenBlock[] = [];
  /** Heredocs whose operator was read and whose body begins behind the line. */
  #pending: OpenHeredoc[] = [];
  /** Heredocs that wait for the end of a line around the substitution that is being read. */
  #waitingAround = 0;
  #substitutions = 0;
  /** An operator that the text ended behind. */
  #operator: Span | undefined;
  /** A command at the outermost level was `exit`: what follows its line is not read. */
  #exits = false;

  program(): void {
    for (;;) {
      this.#newlines();
      if (this.ended) return;
      this.#line();
      if (this.#exits) return;
    }
  }

  /** Commands up to the end of a line: what bash reads before it runs any of it. */
  #line(): void {
    for (;;) {
      this.#chain(true);
      this.#blanks();
      if (this.peek() === ';' && !this.#atCaseEnd()) this.at++;
      else if (this.peek() === '&' && this.peek(1) !== '&') this.at++;
      else if (this.ended || this.peek() === '\n') return;
      else this.unexpected();
      this.#blanks();
      if (this.ended || this.peek() === '\n') return;
    }
  }

  /** Commands within a block; whether there are any. Stops where no command can begin. */
  #list(): boolean {
    this.#newlines();
    let any = false;
    while (this.#beginsCommand()) {
      this.#chain(false);
      any = true;
      this.#blanks();
      if (this.peek() === ';' && !this.#atCaseEnd()) this.at++;
      else if (this.peek() === '&' && this.peek(1) !== '&') this.at++;
      else if (this.peek() !== '\n') break;
      this.#newlines();
    }
    return any;
  }

  #someList(): void {
    if (!this.#list()) this.unexpected();
  }

  #atCaseEnd(): boolean {
    return this.starts(';;') || this.starts(';&');
  }

  /** Pipelines joined by `&&` and `||`. */
  #chain(outermost: boolean): void {
    let exits = this.#pipeline();
    this.#blanks();
    while (this.starts('&&') || this.starts('||')) {
      exits = false;
      this.#join(2);
      this.#pipeline();
      this.#blanks();
    }
    if (exits && outermost && !this.starts('&')) this.#exits = true;
  }

  /** Steps over an operator and to the command that it needs. */
  #join(length: number): void {
    const operator = { start: this.at, end: this.at + length };
    this.at += length;
    this.#newlines();
    this.#operator = operator;
    if (!this.#beginsCommand()) this.unexpected();
    this.#operator = undefined;
  }

  /** Whether it is a single command that ends the shell. */
  #pipeline(): boolean {
    for (let prefixed = false; ; prefixed = true) {
      this.#blanks();
      const word = this.#plainWord();
      if (word !== '!' && word !== 'time') {
        if (prefixed && !this.#beginsCommand()) {
          if (this.ended || this.peek() === '\n' || (this.peek() === ';' && !this.#atCaseEnd())) return false;
          this.unsure();
        }
        break;
      }
      this.at += word.length;
      if (word === 'time') {
        this.bashOnly();
        this.#blanks();
        if (this.peek() === '-') this.unsure();
      }
    }
    let exits = this.#command();
    this.#blanks();
    while (this.peek() === '|' && this.peek(1) !== '|') {
      exits = false;
      if (this.peek(1) === '&') this.bashOnly();
      this.#join(this.peek(1) === '&' ? 2 : 1);
      if (['!', 'time'].includes(this.#plainWord())) this.unsure();
      this.#command();
      this.#blanks();
    }
    return exits;
  }

  #beginsCommand(): boolean {
    this.#blanks();
    if (this.ended) return false;
    if (this.starts('&>')) return true;
    if ('\n;&|)'.includes(this.peek())) return false;
    this.#refuseReplaced();
    return !closers.has(this.#plainWord());
  }

  /** A whole command, or commands, may come from what another shell puts in. */
  #refuseReplaced(): void {
    const replaced = this.replacedHere();
    if (replaced === undefined) return;
    const after = this.text.charAt(replaced.span.end);
    if (replaced.kind === 'command' || after === '' || after === '\n' || after === ';') this.unsure();
  }

  #command(): boolean {
    this.#blanks();
    if (!this.#beginsCommand()) this.unexpected();
    if (!this.#compound()) return this.#simple();
    this.#redirects();
    return false;
  }

  /** A command that holds others; false, and nothing read, where none begins here. */
  #compound(): boolean {
    if (this.peek() === '(') {
      if (this.peek(1) === '(') {
        this.bashOnly();
        if (this.arithmetic()) return true;
      }
      this.#block('(', ')', () => {
        this.at++;
        this.#someList();
        if (this.peek() !== ')') this.unexpected();
        this.at++;
      });
      return true;
    }
    const word = this.#plainWord();
    switch (word) {
      case '{':
        this.#block('{', '}', () => {
          this.#group();
        });
        return true;
      case 'if':
        this.#block('if', 'fi', () => {
          this.#if();
        });
        return true;
      case 'while':
      case 'until':
        this.#block(word, 'done', () => {
          this.at += word.length;
          this.#condition('do');
          this.#someList();
          this.#expect('done');
        });
        return true;
      case 'for':
        this.#block('for', 'done', () => {
          this.#for();
        });
        return true;
      case 'case':
        this.#block('case', 'esac', () => {
          this.#case();
        });
        return true;
      case 'function':
        this.bashOnly();
        this.#function();
        return true;
      case '[[':
        this.bashOnly();
        this.#test();
        return true;
      case 'select':
      case 'coproc':
        return this.unsure();
      default:
        return false;
    }
  }

  #block(opening: string, closing: string, read: () => void): void {
    const span = { start: this.at, end: this.at + opening.length };
    this.#blocks.push({ opening, closing, span });
    this.nested(read);
    this.#blocks.pop();
  }

  #group(): void {
    this.at++;
    this.#someList();
    this.#expect('}');
  }

  #if(): void {
    this.at += 2;
    this.#condition('then');
    this.#someList();
    while (this.#plainWord() === 'elif') {
      this.at += 4;
      this.#condition('then');
      this.#someList();
    }
    if (this.#plainWord() === 'else') {
      this.at += 4;
      this.#someList();
    }
    this.#expect('fi');
  }

  /** Behind `for` alone bash takes braces, too. */
  #doGroup(): void {
    if (this.#plainWord() === '{') {
      this.bashOnly();
      this.#block('{', '}', () => {
        this.#group();
      });
      return;
    }
    this.#waitingFor('do', () => {
      this.#expect('do');
    });
    this.#someList();
    this.#expect('done');
  }

  /** What is asked, and the word behind it. */
  #condition(word: string): void {
    this.#waitingFor(word, () => {
      this.#someList();
      this.#expect(word);
    });
  }

  /** Of the innermost block, this word is what is missing first. */
  #waitingFor(word: string, read: () => void): void {
    const block = this.#blocks.pop();
    // Each caller reads a block of its own.
    if (block === undefined) this.unsure();
    this.#blocks.push({ ...block, closing: word });
    read();
    this.#blocks.pop();
    this.#blocks.push(block);
  }

  #for(): void {
    this.at += 3;
    this.#blanks();
    if (this.starts('((')) {
      this.bashOnly();
      const start = this.at;
      if (!this.arithmetic()) this.unsure();
      this.#threeParts(start);
      this.#blanks();
      if (this.peek() === ';' && !this.#atCaseEnd()) this.at++;
      this.#newlines();
    } else {
      this.#someWord();
      this.#forWords();
    }
    this.#doGroup();
  }

  /** `((…;…;…))`, which has been read: bash counts the semicolons that are in no quotes and no expansion. */
  #threeParts(start: number): void {
    const parts = this.text.slice(start + 2, this.at - 2);
    const semicolons = [...parts.matchAll(/;/g)].map(({ index }) => start + 2 + index);
    if (semicolons.length === 2) return;
    if (/["'`$\\()]/.test(parts)) this.unsure();
    this.at = semicolons[2] ?? this.at - 2;
    const token = semicolons.length > 2 ? ';' : '))';
    const span = { start: this.at, end: this.at + token.length };
    throw new ProblemFound({ kind: 'unexpected', span, token, block: undefined });
  }

  #forWords(): void {
    this.#blanks();
    if (this.peek() === ';' && !this.#atCaseEnd()) {
      this.at++;
      this.#newlines();
      return;
    }
    this.#newlines();
    if (this.#plainWord() !== 'in') return;
    this.at += 2;
    for (;;) {
      this.#blanks();
      if (this.ended || this.peek() === '\n') break;
      if (this.peek() === ';' && !this.#atCaseEnd()) {
        this.at++;
        break;
      }
      this.#someWord();
    }
    this.#newlines();
  }

  #case(): void {
    this.at += 4;
    this.#blanks();
    this.#someWord();
    this.#newlines();
    this.#waitingFor('in', () => {
      this.#expect('in');
    });
    for (;;) {
      this.#newlines();
      if (this.#plainWord() === 'esac') break;
      if (this.peek() === '(') this.at++;
      this.#blanks();
      if (this.#plainWord() === 'esac') this.unsure();
      this.#someWord();
      this.#blanks();
      while (this.peek() === '|' && this.peek(1) !== '|') {
        this.at++;
        this.#blanks();
        this.#someWord();
        this.#blanks();
      }
      if (this.peek() !== ')') this.unexpected();
      this.at++;
      this.#list();
      if (this.starts(';;') || this.starts(';&')) {
        if (!this.starts(';;') || this.starts(';;&')) this.bashOnly();
        this.at += this.starts(';;&') ? 3 : 2;
      } else break;
    }
    this.#expect('esac');
  }

  #function(): void {
    this.at += 'function'.length;
    this.#blanks();
    this.#someWord();
    this.#blanks();
    if (this.peek() === '(') {
      this.at++;
      this.#blanks();
      // `function f (list)`: a body that is a subshell.
      if (this.peek() !== ')') this.unsure();
      this.at++;
    }
    this.#functionBody();
  }

  #functionBody(): void {
    this.#newlines();
    // dash takes any command.
    const begins = this.peek() === '(' || this.#beginsBody();
    if (!begins) {
      this.bashOnly();
      this.unexpected();
    }
    this.#compound();
  }

  #beginsBody(): boolean {
    return ['{', 'if', 'while', 'until', 'for', 'case', '[[', 'select', 'coproc'].includes(this.#plainWord());
  }

  /** `[[ … ]]`, by the grammar of parse_cond in bash's parse.y. */
  #test(): void {
    const start = this.at;
    this.at += 2;
    this.#blocks.push({ opening: '[[', closing: ']]', span: { start, end: this.at } });
    this.nested(() => {
      this.#testTerms(start);
    });
    if (this.#testToken() !== ']]') this.#refuseTest(start);
    this.#blocks.pop();
    this.at += 2;
  }

  /** Terms joined by `&&` and `||`. */
  #testTerms(start: number): void {
    this.#testTerm(start);
    while (this.#testToken() === '&&' || this.#testToken() === '||') {
      this.at += 2;
      this.#testTerm(start);
    }
  }

  #testTerm(start: number): void {
    this.#newlines();
    const token = this.#testToken();
    if (token === '(') {
      this.at++;
      this.nested(() => {
        this.#testTerms(start);
      });
      if (this.#testToken() !== ')') this.#refuseTest(start);
      this.at++;
      this.#newlines();
      return;
    }
    // bash gives up on it without a word, or takes it: versions differ.
    if (token === ']]') this.unsure();
    if (token !== 'word') this.#refuseTest(start);
    const first = this.#testWord();
    if (first === '!') {
      this.nested(() => {
        this.#testTerm(start);
      });
      return;
    }
    if (!/^-[abcdefghknoprstuvwxzGLORSN]$/.test(first)) {
      if (!this.#testOperator(start)) return;
    } else {
      if (this.#testToken() !== 'word') this.#refuseTest(start);
      this.#testWord();
    }
    this.#newlines();
  }

  /** What stands between two words, and the second; false where the first stands alone. */
  #testOperator(start: number): boolean {
    const token = this.#testToken();
    if (token === '<' || token === '>') this.at++;
    else if (token === 'word') {
      const from = this.at;
      const operator = this.#testWord();
      if (/^(?:=~|==?|!=)$/.test(operator)) {
        if (!['word', '('].includes(this.#testToken())) this.#refuseTest(start);
        this.#pattern(operator === '=~');
        return true;
      }
      if (!/^-(?:nt|ot|ef|eq|ne|lt|le|gt|ge)$/.test(operator)) {
        this.at = from;
        this.#refuseTest(start);
      }
    } else if (token === '' || token === '\n') this.#refuseTest(start);
    else return false;
    if (this.#testToken() !== 'word') this.#refuseTest(start);
    this.#testWord();
    return true;
  }

  /** What comes next: `word`, an operator, the end of the line, or nothing at the end of the text. */
  #testToken(): string {
    this.#blanks();
    if (this.ended) return '';
    const character = this.peek();
    if (this.starts('&&') || this.starts('||')) return this.text.slice(this.at, this.at + 2);
    if ('\n;&|()'.includes(character) || (/[<>]/.test(character) && this.peek(1) !== '(')) return character;
    // A part of the test may come from what another shell puts in.
    if (this.replacedHere() !== undefined) this.unsure();
    return this.#plainWord() === ']]' ? ']]' : 'word';
  }

  #testWord(): string {
    const word = this.word(false);
    if (word.end === word.start) this.unsure();
    return this.#textOf(word);
  }

  #refuseTest(start: number): never {
    const token = this.#testToken();
    if (token === '' || '\n;&|'.includes(token)) this.unclosed(start, '[[', ']]');
    this.unexpected();
  }

  /** What stands behind `==` and `=~`: in an expression, `(` and `|` need no quotes. */
  #pattern(isExpression: boolean): void {
    let open = 0;
    while (!this.ended) {
      const character = this.peek();
      if (open === 0 && (isBlank(character) || character === '\n')) return;
      if (character === ')' && open-- === 0) return;
      if (open <= 0 && ';&<>'.includes(character)) this.unsure();
      if (!isExpression && open === 0 && character === '|') {
        if (this.starts('||')) return;
        this.unsure();
      }
      if (!isExpression && character === '(' && !'?*+@!'.includes(this.peek(-1))) this.unsure();
      if (character === '(') open++;
      if ('|()\n \t;&<>'.includes(character)) this.at++;
      else this.#patternPiece();
    }
  }

  /** A word, or the part of one before an extended pattern. */
  #patternPiece(): void {
    if (/[?*+@!]/.test(this.peek()) && this.peek(1) === '(') this.at++;
    else this.piece();
  }

  /** A simple command, or the definition of a function. Whether the command ends the shell. */
  #simple(): boolean {
    const words: ReadWord[] = [];
    let assigned = 0;
    let redirected = false;
    for (;;) {
      this.#blanks();
      if (this.#redirect()) {
        redirected = true;
        continue;
      }
      const character = this.peek();
      if (this.ended || (character !== '(' && isMetacharacter(character) && !/^[<>]\(/.test(this.#two())))
        break;
      if (character === '(') {
        const [name] = words;
        if (words.length === 1 && assigned === 0 && !redirected && name !== undefined) {
          if (!name.plain) this.unsure();
          this.#definition();
          return false;
        }
        const first = words[0] === undefined ? '' : this.#textOf(words[0]);
        if (first === 'command' || first === 'builtin') this.unsure();
        this.unexpected();
      }
      const first = words[0];
      const begins = first === undefined;
      const word = this.word(begins || declarations.has(this.#textOf(first)), begins && !redirected);
      if (word.end === word.start) this.unsure();
      if (first === undefined && word.assignment) assigned++;
      else words.push(word);
    }
    const name = words[0] === undefined ? '' : this.#textOf(words[0]);
    return name === 'exit' || (name === 'exec' && words.length > 1);
  }

  #two(): string {
    return this.text.slice(this.at, this.at + 2);
  }

  #textOf({ start, end }: ReadWord): string {
    return this.text.slice(start, end);
  }

  /** Behind the name of a function, at the `(`. */
  #definition(): void {
    const open = this.at;
    this.at++;
    this.#blanks();
    if (this.peek() !== ')') {
      this.at = open;
      this.unexpected();
    }
    this.at++;
    this.#functionBody();
    this.#redirects();
  }

  #redirects(): void {
    let any = false;
    for (;;) {
      this.#blanks();
      if (!this.#redirect()) break;
      any = true;
    }
    // Versions differ in whether a block may end here without a separator.
    if (any && closers.has(this.#plainWord())) this.unsure();
  }

  /** A redirect with what stands before and behind its operator; false, and nothing read, where none begins here. */
  #redirect(): boolean {
    const prefix = /^(?:\d+|\{\w+\})(?=[<>])/.exec(this.text.slice(this.at, this.at + 40))?.[0] ?? '';
    const from = this.at + prefix.length;
    if (/^[<>]\(/.test(this.text.slice(from, from + 2))) return false;
    const operator = redirects.find((one) => this.text.startsWith(one, from));
    if (operator === undefined || (prefix !== '' && operator.startsWith('&'))) return false;
    if (operator === '<<<' || operator.startsWith('&') || prefix.startsWith('{')) this.bashOnly();
    this.at = from + operator.length;
    this.#blanks();
    const word = this.#someWord();
    if (operator === '<<' || operator === '<<-') {
      this.#pending.push({
        operator: { start: from, end: word.end },
        word,
        stripsTabs: operator === '<<-',
        ...readDelimiter(this.#textOf(word)),
      });
    }
    return true;
  }

  #someWord(): ReadWord {
    const word = this.word(false);
    if (word.end === word.start) this.unexpected();
    return word;
  }

  protected substitution(start: number): void {
    const [pending, waiting] = [this.#pending, this.#waitingAround];
    this.#pending = [];
    this.#waitingAround += pending.length;
    this.#substitutions++;
    const opening = this.text.slice(start, start + 2);
    this.#blocks.push({ opening, closing: ')', span: { start, end: start + 2 } });
    this.#list();
    if (this.ended) this.unclosed(start, opening, ')');
    if (this.peek() !== ')') this.unexpected();
    this.#blocks.pop();
    this.at++;
    // A heredoc whose body follows behind the substitution: versions differ.
    if (this.#pending.length > 0) this.unsure();
    this.#substitutions--;
    [this.#pending, this.#waitingAround] = [pending, waiting];
  }

  /** Blanks, comments and escaped line ends. */
  #blanks(): void {
    for (;;) {
      if (isBlank(this.peek())) this.at++;
      else if (this.starts('\\\n')) this.at += 2;
      else if (this.peek() === '#') this.comment();
      else return;
    }
  }

  /** Blanks and ends of lines, and the heredoc bodies behind them. */
  #newlines(): void {
    for (;;) {
      this.#blanks();
      if (this.peek() !== '\n') return;
      if (this.#waitingAround > 0) this.unsure();
      this.at++;
      const pending = this.#pending;
      this.#pending = [];
      for (const heredoc of pending) {
        const end = this.text.length;
        this.at = matchTerminator(this.text, this.at, end, heredoc, this.#substitutions > 0).next;
      }
    }
  }

  /** The word that stands here, up to a metacharacter, as written: one with a quote is equal to no reserved word. */
  #plainWord(): string {
    let end = this.at;
    while (end < this.text.length && end - this.at < 12 && !isMetacharacter(this.text.charAt(end))) end++;
    const word = this.text.slice(this.at, end);
    // An escaped line end may stand behind a reserved word, or in it.
    if (word.endsWith('\\') && this.text[end] === '\n' && reserved.has(word.slice(0, -1))) this.unsure();
    return word;
  }

  #expect(word: string): void {
    this.#blanks();
    if (this.#plainWord() !== word) this.unexpected();
    this.at += word.length;
  }

  protected unexpected(): never {
    this.#blanks();
    const block = this.#blocks.at(-1);
    if (this.ended) this.#unfinished(block);
    const operator = /^(?:\n|;;&|;;|;&|;|&&|&>>|&>|&|\|\||\|&|\||\(|\)|<<<|<<-|<<|<&|<>|<|>>|>&|>\||>)/.exec(
      this.text.slice(this.at, this.at + 3),
    )?.[0];
    const start = this.at;
    const token = operator ?? this.text.slice(start, start + this.#plainWord().length);
    const shown = token === '\n' ? 'newline' : token;
    throw new ProblemFound({
      kind: 'unexpected',
      span: { start, end: start + Math.max(token.length, 1) },
      token: shown,
      block,
    });
  }

  #unfinished(block: OpenBlock | undefined): never {
    const operator = this.#operator;
    if (operator !== undefined) {
      const opening = this.text.slice(operator.start, operator.end);
      throw new ProblemFound({ kind: 'unfinished', span: operator, opening, closing: undefined });
    }
    if (block === undefined) this.unsure();
    const { opening, closing, span } = block;
    throw new ProblemFound({ kind: 'unfinished', span, opening, closing });
  }
}
