import type { HostExpansion } from './script';
import { isMetacharacter, isNameStart, nameEnd } from './shell-characters';
import { ProblemFound, Unsure } from './syntax-problem';

/** Which shell is to read the text: bash, or one that knows POSIX's syntax for sure and little else. */
export type ShellDialect = 'bash' | 'posix';

export interface ReadWord {
  readonly start: number;
  readonly end: number;
  /** No quote, no expansion. */
  readonly plain: boolean;
  /** `name=…`, `name+=…` or `name[…]=…`. */
  readonly assignment: boolean;
}

/** Deeper nesting than any script has. */
const deepest = 100;

/** How many readings of `((` as arithmetic may be open at once: each may have to be read again. */
const deepestAttempt = 3;

/**
 * Reads words of a shell text, quotes and expansions included, and knows where bash would refuse them. Throws ProblemFound
 * there, and Unsure at what it does not know.
 */
export abstract class WordReader {
  protected at = 0;
  #depth = 0;
  #attempts = 0;
  readonly #replaced: ReadonlyMap<number, HostExpansion>;

  constructor(
    protected readonly text: string,
    protected readonly dialect: ShellDialect,
    /** Parts that another shell replaces first: what stands there cannot be read. */
    replaced: readonly HostExpansion[],
  ) {
    this.#replaced = new Map(replaced.map((expansion) => [expansion.span.start, expansion]));
  }

  /** Reads the commands of `$(…)` or `<(…)` from behind the opening to behind the `)`. */
  protected abstract substitution(start: number): void;

  protected peek(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  protected get ended(): boolean {
    return this.at >= this.text.length;
  }

  protected starts(string: string): boolean {
    return this.text.startsWith(string, this.at);
  }

  protected unsure(): never {
    throw new Unsure();
  }

  protected bashOnly(): void {
    if (this.dialect === 'posix') this.unsure();
  }

  protected unclosed(start: number, opening: string, closing: string): never {
    const span = { start, end: Math.min(start + opening.length, this.text.length) };
    throw new ProblemFound({ kind: 'unclosed', span, opening, closing });
  }

  /** Runs a reading one level deeper. */
  protected nested(read: () => void): void {
    if (this.#depth >= deepest) this.unsure();
    this.#depth++;
    read();
    this.#depth--;
  }

  /** What another shell puts in here, if anything. */
  protected replacedHere(): HostExpansion | undefined {
    return this.#replaced.get(this.at);
  }

  /** Steps over what another shell replaces. */
  #skipReplaced(): boolean {
    const replaced = this.replacedHere();
    if (replaced === undefined || replaced.span.end <= this.at) return false;
    this.at = replaced.span.end;
    return true;
  }

  /**
   * Reads a word; an empty one where a metacharacter or the end stands.
   *
   * @param assignable whether bash takes `name=(` for the beginning of an array here
   * @param begins whether a command begins here, so that bash reads on from `name[` to its `]`, over lines and all
   */
  protected word(assignable: boolean, begins = false): ReadWord {
    const start = this.at;
    let plain = true;
    let assignment = false;
    while (!this.ended) {
      if (this.#skipReplaced()) {
        plain = false;
        continue;
      }
      const character = this.peek();
      if (isMetacharacter(character)) {
        if ((character === '<' || character === '>') && this.peek(1) === '(') {
          this.bashOnly();
          const opening = this.at;
          this.at += 2;
          this.nested(() => {
            this.substitution(opening);
          });
        } else if (character !== '(' || this.at === start) break;
        else if ('?*+@!'.includes(this.peek(-1))) this.unsure();
        else if (assignable && assignment && this.peek(-1) === '=') this.#array();
        else break;
        plain = false;
        continue;
      }
      if (character === '=' && !assignment) assignment = plain && this.#isAssigned(start);
      if (character === '[' && assignable && plain && this.#isName(start)) {
        this.#subscript(begins);
        if (this.starts('=') || this.starts('+=')) {
          this.at += this.starts('=') ? 1 : 2;
          assignment = true;
        } else this.unsure();
        continue;
      }
      if ('\\\'"$`'.includes(character)) {
        plain = false;
        this.#quotedOrExpanded(character);
      } else this.at++;
    }
    return { start, end: this.at, plain, assignment };
  }

  #isName(start: number): boolean {
    return this.at > start && isNameStart(this.text.charAt(start)) && nameEnd(this.text, start) === this.at;
  }

  #isAssigned(start: number): boolean {
    const end = this.peek(-1) === '+' ? this.at - 1 : this.at;
    return end > start && isNameStart(this.text.charAt(start)) && nameEnd(this.text, start) === end;
  }

  #quotedOrExpanded(character: string): void {
    if (character === '\\') this.#escaped();
    else if (character === "'") this.#singleQuotes();
    else if (character === '"') this.#doubleQuotes(this.at);
    else if (character === '`') this.#backticks();
    else this.#dollar(false);
  }

  #escaped(): void {
    this.at = Math.min(this.at + 2, this.text.length);
  }

  #singleQuotes(): void {
    const start = this.at++;
    while (!this.ended) {
      if (this.#skipReplaced()) continue;
      if (this.text[this.at++] === "'") return;
    }
    this.unclosed(start, "'", "'");
  }

  /** `$'…'`, where a backslash protects a quote. */
  #ansiQuotes(): void {
    this.bashOnly();
    const start = this.at;
    this.at += 2;
    while (!this.ended) {
      if (this.#skipReplaced()) continue;
      const character = this.peek();
      if (character === '\\') this.#escaped();
      else this.at++;
      if (character === "'") return;
    }
    this.unclosed(start, "$'", "'");
  }

  #doubleQuotes(start: number): void {
    this.at++;
    while (!this.ended) {
      if (this.#skipReplaced()) continue;
      const character = this.peek();
      if (character === '"') {
        this.at++;
        return;
      }
      if (character === '\\') this.#escaped();
      else if (character === '`') this.#backticks();
      else if (character === '$') this.#dollar(true);
      else this.at++;
    }
    this.unclosed(start, '"', '"');
  }

  /** bash reads what is inside only when it runs the command. */
  #backticks(): void {
    const start = this.at++;
    while (!this.ended) {
      if (this.#skipReplaced()) continue;
      const character = this.peek();
      if (character === '\\') this.#escaped();
      else this.at++;
      if (character === '`') return;
    }
    this.unclosed(start, '`', '`');
  }

  #dollar(quoted: boolean): void {
    const start = this.at;
    switch (this.peek(1)) {
      case '(':
        this.at += 2;
        if (this.peek() === '(') {
          this.#dollarParentheses(start);
          return;
        }
        this.nested(() => {
          this.substitution(start);
        });
        return;
      case '{':
        this.at += 2;
        this.nested(() => {
          this.#braces(start, quoted);
        });
        return;
      case '[':
        this.bashOnly();
        this.at += 2;
        this.#oldArithmetic(start);
        return;
      case "'":
        if (quoted) this.at++;
        else this.#ansiQuotes();
        return;
      case '"':
        if (!quoted) this.bashOnly();
        this.at++;
        if (!quoted) this.#doubleQuotes(this.at);
        return;
      // The `$$` of a process id begins no expansion.
      case '$':
        this.at += 2;
        return;
      default:
        this.at++;
    }
  }

  /** `${…}`: the first `}` ends it that is not quoted and in no expansion. */
  #braces(start: number, quoted: boolean): void {
    // `${ command; }` of bash 5.3.
    if (/[\s|(]/.test(this.peek())) this.unsure();
    while (!this.ended) {
      if (this.#skipReplaced()) continue;
      const character = this.peek();
      if (character === '}') {
        this.at++;
        return;
      }
      // Whether it quotes here depends on the operator, on the version and on the mode of the shell.
      if (character === "'" && quoted) this.unsure();
      if (character === '\n' || '"`'.includes(character)) this.bashOnly();
      if (character === '$') this.#dollar(quoted);
      else if ('\\\'"`'.includes(character)) this.#quotedOrExpanded(character);
      else this.at++;
    }
    this.unclosed(start, '${', '}');
  }

  /** `$((…))`, or `$(` before a subshell: bash looks for the `)` alone and reads the rest when it comes to run it. */
  #dollarParentheses(start: number): void {
    let open = 1;
    while (open > 0) {
      if (this.ended) this.unclosed(start, '$((', '))');
      const character = this.piece();
      if (character === '(') open++;
      if (character === ')') open--;
    }
  }

  /** `$[…]`, which bash still knows. */
  #oldArithmetic(start: number): void {
    let open = 1;
    while (open > 0) {
      if (this.ended) this.unclosed(start, '$[', ']');
      const character = this.piece();
      if (character === '[') open++;
      if (character === ']') open--;
    }
  }

  /** Steps over a character, or over a quotation, in which alone bash looks for expansions; answers the character. */
  protected piece(): string | undefined {
    if (this.#skipReplaced()) return undefined;
    const character = this.peek();
    const isAnsiQuote = character === '$' && this.peek(1) === "'";
    if (!isAnsiQuote && !'\\\'"`'.includes(character)) {
      this.at += this.starts('$$') ? 2 : 1;
      return character;
    }
    this.nested(() => {
      this.#quotedOrExpanded(character);
    });
    return undefined;
  }

  /**
   * `((…))`; false, and nothing read, where it does not close with `))`: then the parentheses are those of subshells.
   */
  protected arithmetic(): boolean {
    if (this.#attempts >= deepestAttempt) this.unsure();
    const start = this.at;
    this.at += 2;
    this.#attempts++;
    let open = 0;
    let closed: boolean | undefined;
    while (!this.ended && closed === undefined) {
      const character = this.piece();
      if (character === '(') open++;
      if (character === ')' && open-- === 0) closed = this.peek() === ')';
    }
    this.#attempts--;
    if (closed === undefined) this.unclosed(start, '((', '))');
    if (closed) this.at++;
    else this.at = start;
    return closed;
  }

  /** The `[…]` behind a name. One of several lines is nothing that anybody means. */
  #subscript(mustEnd: boolean): void {
    const start = this.at++;
    let isOfOneLine = true;
    for (let open = 0; ;) {
      if (this.ended && mustEnd) this.unclosed(start, '[', ']');
      if (this.peek() === '\n') isOfOneLine = false;
      if (this.ended || (!isOfOneLine && !mustEnd)) this.unsure();
      const character = this.peek();
      if (this.#skipReplaced()) continue;
      if ('\\\'"$`'.includes(character)) this.#quotedOrExpanded(character);
      else {
        this.at++;
        if (character === '[') open++;
        if (character === ']' && open-- === 0) {
          if (!isOfOneLine) this.unsure();
          return;
        }
      }
    }
  }

  /** `name=(…)`. */
  #array(): void {
    this.bashOnly();
    const start = this.at++;
    for (;;) {
      if (this.ended) this.unclosed(start, '(', ')');
      const character = this.peek();
      if (character === ')') {
        this.at++;
        return;
      }
      if (character === ' ' || character === '\t' || character === '\n') this.at++;
      else if (character === '#') this.comment();
      else if (this.starts('\\\n')) this.at += 2;
      else if (character === '[') {
        this.#subscript(false);
        this.word(false);
      } else {
        const before = this.at;
        this.nested(() => {
          this.word(false);
        });
        if (this.at === before) this.unexpected();
      }
    }
  }

  protected abstract unexpected(): never;

  protected comment(): void {
    const newline = this.text.indexOf('\n', this.at);
    this.at = newline < 0 ? this.text.length : newline;
  }
}
