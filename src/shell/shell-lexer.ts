import type { Span } from '../pigen/text';
import { matchTerminator, readDelimiter } from './heredoc-words';
import type { OpenHeredoc } from './heredoc-words';
import type { Heredoc, HostExpansion } from './script';
import {
  isAssignmentPrefix,
  isBlank,
  isDigit,
  isMetacharacter,
  isNameStart,
  nameEnd,
} from './shell-characters';

/** A construct that changes what `)` or a word means, and that is no program of its own. */
interface Frame {
  readonly kind: 'subshell' | 'case';
  state: 'subject' | 'in' | 'pattern' | 'body';
}

export interface StatementLine {
  readonly offset: number;
  /** No block, `case` or parenthesis is open. */
  readonly outermost: boolean;
}

/** After these words bash still expects a command. */
const openers = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '{', '!', 'time', 'coproc']);

/** Words that begin a block, and those that end one, where bash expects a command. `case` is a frame. */
const blockOpeners = new Set(['if', 'for', 'while', 'until', 'select', '{']);
const blockClosers = new Set(['fi', 'done', '}']);
const blockParts = new Set(['then', 'elif', 'else', 'do']);

/** Deeper nesting than any script has; beyond it `$(` and `${` count as plain characters, so that no input exhausts the stack. */
const deepest = 200;

/** How many of those readings may be open at once: each may have to be read again. */
const deepestAttempt = 8;

/** How many characters may be read twice because `((` turned out to be two subshells. Keeps the whole linear. */
const rereadLimit = 65_536;

/**
 * Reads a stretch of bash text as bash's own reader does, as far as it takes to know where heredocs, comments and
 * expansions are. It does not check syntax.
 */
export class ShellLexer {
  readonly heredocs: Heredoc[] = [];
  readonly comments: Span[] = [];
  readonly quotedPatterns: Span[] = [];
  /** Starts of lines, heredoc bodies passed over, on which no command of the line before goes on. */
  readonly statementLines: StatementLine[] = [];
  #position: number;
  #end: number;
  #depth = 0;
  #reread = 0;
  /** Readings of `((` as arithmetic that have not come to their end. */
  #attempts = 0;
  /** Up to here no `]` follows in the line, so that each line is searched once. */
  #unbracketedTo = 0;
  /** Heredocs whose operator was read and whose body begins after the line. */
  #pending: OpenHeredoc[] = [];
  /** Something was opened and not closed, or closed and not opened. */
  #unbalanced = false;
  /** In heredoc bodies a single quote inside `${…}` is a plain character. */
  #inBody = false;

  constructor(
    private readonly text: string,
    start: number,
    end: number,
  ) {
    this.#position = start;
    this.#end = end;
  }

  /** Reads the stretch as a program. */
  program(): void {
    while (this.#position < this.#end) this.#list(undefined);
    this.#closePending();
  }

  /** Whether all quotes, brackets, expansions and blocks that were read have both their ends. */
  get balanced(): boolean {
    return !this.#unbalanced;
  }

  /** The expansion with which the stretch begins. */
  expansion(): HostExpansion | undefined {
    this.#inBody = true;
    return this.#bodyExpansion();
  }

  /** Offset of the quote that closes the double quotes with which the stretch begins; the stretch's end where none does. */
  closingQuote(): number {
    this.#doubleQuotes();
    const closed = this.text[this.#position - 1] === '"' && this.#position - 1 > 0;
    return closed ? this.#position - 1 : this.#end;
  }

  /** Reads the stretch as a heredoc body or as the inside of double quotes. */
  expansions(): HostExpansion[] {
    this.#inBody = true;
    const found: HostExpansion[] = [];
    while (this.#position < this.#end) {
      const expansion = this.#bodyExpansion();
      if (expansion !== undefined) found.push(expansion);
    }
    return found;
  }

  /** Reads one character, or one expansion. */
  #bodyExpansion(): HostExpansion | undefined {
    const start = this.#position;
    switch (this.#peek()) {
      case '\\':
        this.#move(2);
        return undefined;
      case '`':
        this.#backticks();
        return { span: { start, end: this.#position }, kind: 'command', name: undefined };
      case '$':
        return this.#bodyDollar();
      default:
        this.#position++;
        return undefined;
    }
  }

  #bodyDollar(): HostExpansion | undefined {
    const start = this.#position;
    const next = this.#peek(1);
    const kind = next === '(' ? (this.#dollar() ?? 'command') : this.#simpleDollar(next);
    if (kind === undefined) return undefined;
    const span = { start, end: this.#position };
    return {
      span,
      kind,
      name: kind === 'parameter' ? simpleName(this.text.slice(start, span.end)) : undefined,
    };
  }

  #simpleDollar(next: string): HostExpansion['kind'] | undefined {
    if (next === '{') {
      this.#dollar();
      return 'parameter';
    }
    if (next === '[') {
      this.#dollar();
      return 'arithmetic';
    }
    if (isNameStart(next)) this.#position = Math.min(nameEnd(this.text, this.#position + 1), this.#end);
    else if (isDigit(next) || (next !== '' && '@*#?-$!'.includes(next))) this.#position += 2;
    else {
      this.#position++;
      return undefined;
    }
    return 'parameter';
  }

  #peek(ahead = 0): string {
    const at = this.#position + ahead;
    return at < this.#end ? this.text.charAt(at) : '';
  }

  #starts(string: string): boolean {
    return this.#position + string.length <= this.#end && this.text.startsWith(string, this.#position);
  }

  #move(count: number): void {
    this.#position = Math.min(this.#position + count, this.#end);
  }

  /** Commands up to the `)` that closes a substitution, or to the end of the stretch. */
  #list(closer: ')' | undefined): void {
    const frames: Frame[] = [];
    const inSubstitution = closer !== undefined;
    const isProgram = !inSubstitution && this.#depth === 0;
    let blocks = 0;
    let continues = false;
    let expectsCommand = true;
    let target = false;
    let functionName = false;
    let loopHead = false;
    while (this.#position < this.#end) {
      const frame = frames.at(-1);
      switch (this.#peek()) {
        case ' ':
        case '\t':
          this.#position++;
          continue;
        case '\n':
          this.#position++;
          this.#readBodies(inSubstitution);
          if (isProgram && !continues && this.#peek() !== '\n') {
            this.statementLines.push({
              offset: this.#position,
              outermost: blocks === 0 && frames.length === 0,
            });
          }
          expectsCommand = true;
          if (target) this.#unbalanced = true;
          target = loopHead = false;
          continue;
        case '#':
          this.#comment();
          continue;
        case ';':
        case '&':
        case '|':
          if (this.#starts('&>')) {
            this.#move(this.#starts('&>>') ? 3 : 2);
            target = true;
            continue;
          }
          if (frame?.kind !== 'case' && this.#beginsLine()) this.#unbalanced = true;
          continues = this.#starts('&&') || this.#peek() === '|';
          if (this.#separator() && frame?.kind === 'case' && frame.state === 'body') frame.state = 'pattern';
          expectsCommand = true;
          target = loopHead = false;
          continue;
        case '<':
        case '>':
          if (this.#peek(1) === '(') break;
          continues = false;
          target = this.#redirect();
          continue;
        case '(':
          continues = false;
          if (frame?.kind === 'case' && frame.state === 'pattern') {
            this.#position++;
            continue;
          }
          if ((expectsCommand || loopHead) && this.#peek(1) === '(' && this.#arithmetic(2)) {
            expectsCommand = loopHead;
            loopHead = false;
            continue;
          }
          this.#position++;
          frames.push({ kind: 'subshell', state: 'body' });
          expectsCommand = true;
          continue;
        case ')':
          this.#position++;
          expectsCommand = false;
          if (frame?.kind === 'case' && frame.state === 'pattern') {
            frame.state = 'body';
            expectsCommand = true;
          } else if (frames.some(({ kind }) => kind === 'subshell')) {
            while (frames.pop()?.kind !== 'subshell');
            // After the `()` of a function its body comes, which is a command.
            expectsCommand = continues = this.text[this.#position - 2] === '(';
          } else if (closer !== undefined) {
            this.#expectNothingOpen(frames, blocks);
            return;
          } else this.#unbalanced = true;
          continue;
      }
      if (this.#starts('\\\n')) {
        this.#move(2);
        continue;
      }

      const start = this.#position;
      const { plain, assignment } = this.#word(expectsCommand, inSubstitution);
      if (this.#position === start) this.#position++;
      continues = false;
      if (target) {
        target = false;
        continue;
      }
      const word = plain && this.#position - start <= 8 ? this.text.slice(start, this.#position) : '';
      if (frame?.kind === 'case' && frame.state !== 'body') {
        if (frame.state === 'subject') frame.state = 'in';
        else if (frame.state === 'in') frame.state = 'pattern';
        else if (word === 'esac') {
          frames.pop();
          expectsCommand = false;
        }
        continue;
      }
      if (functionName) {
        functionName = false;
        expectsCommand = continues = true;
        continue;
      }
      if (!expectsCommand) {
        loopHead = false;
        continue;
      }
      if (word === 'case') frames.push({ kind: 'case', state: 'subject' });
      else if (word === 'esac' && frame?.kind === 'case') frames.pop();
      else if (word === '[[') this.#test();
      if (blockOpeners.has(word)) blocks++;
      else if (blockClosers.has(word) && blocks-- === 0) {
        blocks = 0;
        this.#unbalanced = true;
      } else if (blocks === 0 && blockParts.has(word)) this.#unbalanced = true;
      functionName = word === 'function';
      loopHead = word === 'for';
      expectsCommand = openers.has(word) || assignment;
    }
    this.#expectNothingOpen(frames, blocks);
    if (closer !== undefined) this.#unbalanced = true;
  }

  #expectNothingOpen(frames: readonly Frame[], blocks: number): void {
    if (frames.length > 0 || blocks > 0) this.#unbalanced = true;
  }

  /** Whether nothing stands before here on the line, and the line is not the rest of the one before. */
  #beginsLine(): boolean {
    let at = this.#position;
    while (at > 0 && isBlank(this.text.charAt(at - 1))) at--;
    return at === 0 || (this.text[at - 1] === '\n' && this.text[at - 2] !== '\\');
  }

  #comment(): void {
    const start = this.#position;
    const newline = this.text.indexOf('\n', start);
    this.#position = newline < 0 || newline > this.#end ? this.#end : newline;
    const carriageReturn = this.text[this.#position - 1] === '\r' ? 1 : 0;
    this.comments.push({ start, end: this.#position - carriageReturn });
  }

  /** Whether it ends an item of a `case`. */
  #separator(): boolean {
    for (const operator of [';;&', ';;', ';&']) {
      if (!this.#starts(operator)) continue;
      this.#move(operator.length);
      return true;
    }
    this.#move(this.#starts('&&') || this.#starts('||') || this.#starts('|&') ? 2 : 1);
    return false;
  }

  /** Whether a word follows that is no argument. */
  #redirect(): boolean {
    if (this.#starts('<<<')) {
      this.#move(3);
      return true;
    }
    if (this.#starts('<<')) {
      this.#heredocOperator();
      return false;
    }
    const pair = ['>>', '>&', '>|', '<&', '<>'].some((operator) => this.#starts(operator));
    this.#move(pair ? 2 : 1);
    return true;
  }

  #heredocOperator(): void {
    const start = this.#position;
    const stripsTabs = this.#starts('<<-');
    this.#move(stripsTabs ? 3 : 2);
    while (isBlank(this.#peek()) || this.#starts('\\\n')) this.#move(isBlank(this.#peek()) ? 1 : 2);
    const wordStart = this.#position;
    const mark = this.#mark();
    this.#word(false, false);
    this.#forget(mark);
    if (this.#position === wordStart) {
      this.#unbalanced = true;
      return;
    }
    const word = { start: wordStart, end: this.#position };
    this.#pending.push({
      operator: { start, end: word.end },
      word,
      stripsTabs,
      ...readDelimiter(this.text.slice(word.start, word.end)),
    });
  }

  #readBodies(inSubstitution: boolean): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    for (const heredoc of pending) {
      const bodyStart = this.#position;
      const found = matchTerminator(this.text, bodyStart, this.#end, heredoc, inSubstitution);
      this.#position = found.next;
      this.#add(heredoc, { start: bodyStart, end: found.bodyEnd }, found.terminator);
    }
  }

  #add(
    { operator, word, delimiter, quoted, stripsTabs }: OpenHeredoc,
    body: Span,
    terminator: Span | undefined,
  ): void {
    this.heredocs.push({ operator, delimiter, word, quoted, stripsTabs, body, terminator });
  }

  /** The text ends on the line of their operators. */
  #closePending(): void {
    const nothing = { start: this.#end, end: this.#end };
    for (const heredoc of this.#pending) this.#add(heredoc, nothing, undefined);
    this.#pending = [];
  }

  /** A word, quotes and expansions in it included. Empty where a metacharacter stands. */
  #word(
    commandPosition: boolean,
    inSubstitution: boolean,
  ): { readonly plain: boolean; readonly assignment: boolean } {
    const start = this.#position;
    let plain = true;
    let equals = -1;
    for (;;) {
      const character = this.#peek();
      if (character === '' || character === '\n') break;
      if (character === '=' && equals < 0) {
        equals = isAssignmentPrefix(this.text, start, this.#position)
          ? this.#position
          : Number.MAX_SAFE_INTEGER;
      }
      if (isMetacharacter(character)) {
        const before = this.#position > start ? this.text.charAt(this.#position - 1) : '';
        const substitution =
          (character === '<' || character === '>') && this.#peek(1) === '(' && this.#depth < deepest;
        if (substitution) {
          this.#move(2);
          this.#substitution();
        } else if (character === '(' && before === '=' && equals === this.#position - 1) {
          this.#array(inSubstitution);
        } else if (character === '(' && before !== '' && '?*+@!'.includes(before)) this.#parentheses();
        else break;
        plain = false;
        continue;
      }
      if (
        character === '[' &&
        commandPosition &&
        this.#position > start &&
        plain &&
        isName(this.text, start, this.#position)
      ) {
        this.#subscript();
        continue;
      }
      if (
        character === '\\' ||
        character === "'" ||
        character === '"' ||
        character === '$' ||
        character === '`'
      ) {
        plain = false;
        this.#quotedOrExpanded(character);
      } else this.#position++;
    }
    return { plain, assignment: equals >= 0 && equals < this.#position };
  }

  #quotedOrExpanded(character: string): void {
    if (character === '\\') this.#move(2);
    else if (character === "'") this.#singleQuotes();
    else if (character === '"') this.#doubleQuotes();
    else if (character === '`') this.#backticks();
    else if (this.#peek(1) === "'") this.#ansiQuotes();
    else if (this.#dollar() === undefined) this.#position++;
  }

  #singleQuotes(): void {
    const close = this.text.indexOf("'", this.#position + 1);
    const open = close < 0 || close >= this.#end;
    this.#position = open ? this.#end : close + 1;
    if (open) this.#unbalanced = true;
  }

  /** `$'…'`, where a backslash protects a quote. */
  #ansiQuotes(): void {
    this.#move(2);
    while (this.#position < this.#end) {
      const character = this.#peek();
      this.#move(character === '\\' ? 2 : 1);
      if (character === "'") return;
    }
    this.#unbalanced = true;
  }

  #doubleQuotes(): void {
    this.#position++;
    while (this.#position < this.#end) {
      const character = this.#peek();
      if (character === '"') {
        this.#position++;
        return;
      }
      if (character === '\\') this.#move(2);
      else if (character === '`') this.#backticks();
      else if (character !== '$' || this.#dollar() === undefined) this.#position++;
    }
    this.#unbalanced = true;
  }

  /** `$(…)`, `$((…))`, `$[…]` or `${…}`; undefined, and nothing read, where the `$` begins none of them. */
  #dollar(): HostExpansion['kind'] | undefined {
    if (this.#depth >= deepest) return undefined;
    switch (this.#peek(1)) {
      case '(':
        if (this.#peek(2) === '(' && this.#arithmetic(3)) return 'arithmetic';
        this.#move(2);
        this.#substitution();
        return 'command';
      case '{':
        this.#move(2);
        this.#group('}');
        return 'parameter';
      case '[':
        this.#move(2);
        this.#group(']');
        return 'arithmetic';
      default:
        return undefined;
    }
  }

  /** The commands of `$(…)` and `<(…)`; stands behind the `(`. Heredocs that wait at the `)` go on to the line around it. */
  #substitution(): void {
    const outer = this.#pending;
    const wasInBody = this.#inBody;
    this.#pending = [];
    this.#inBody = false;
    this.#depth++;
    this.#list(')');
    this.#depth--;
    this.#inBody = wasInBody;
    outer.push(...this.#pending);
    this.#pending = outer;
  }

  /** `` `…` ``: a text of its own, whose heredocs end with it. */
  #backticks(): void {
    const start = this.#position + 1;
    let close = start;
    while (close < this.#end && this.text[close] !== '`') close += this.text[close] === '\\' ? 2 : 1;
    if (close >= this.#end) this.#unbalanced = true;
    close = Math.min(close, this.#end);
    const { outer, end } = { outer: this.#pending, end: this.#end };
    if (this.#depth < deepest) {
      const wasInBody = this.#inBody;
      this.#pending = [];
      this.#inBody = false;
      this.#position = start;
      this.#end = close;
      this.#depth++;
      this.program();
      this.#depth--;
      this.#inBody = wasInBody;
    }
    this.#pending = outer;
    this.#end = end;
    this.#position = close;
    this.#move(1);
  }

  /** Up to the bracket that closes `${` or `$[`; stands behind the opening. */
  #group(closer: '}' | ']' | ')'): void {
    this.#depth++;
    let nested = 0;
    while (this.#position < this.#end) {
      const character = this.#peek();
      if (character === closer) {
        this.#position++;
        if (nested-- === 0) {
          this.#depth--;
          return;
        }
      } else if (closer === ')' && character === '(') {
        nested++;
        this.#position++;
      } else if (character === "'" && this.#inBody) this.#position++;
      else if ('\\\'"$`'.includes(character)) this.#quotedOrExpanded(character);
      else this.#position++;
    }
    this.#depth--;
    this.#unbalanced = true;
  }

  /** An extended pattern such as `@(a|b)`. */
  #parentheses(): void {
    this.#position++;
    if (this.#depth < deepest) this.#group(')');
  }

  #subscript(): void {
    let close = Math.max(this.#position, this.#unbracketedTo);
    while (close < this.#end && this.text[close] !== ']' && this.text[close] !== '\n') close++;
    const within = this.text[close] === ']' && close < this.#end;
    if (!within) {
      this.#unbracketedTo = close;
      this.#unbalanced = true;
    }
    this.#position++;
    if (within && this.#depth < deepest) this.#group(']');
  }

  /** `name=(…)`. Newlines in it are tokens, so bodies may begin behind them. */
  #array(inSubstitution: boolean): void {
    this.#position++;
    this.#depth++;
    while (this.#position < this.#end) {
      const character = this.#peek();
      if (character === ')') {
        this.#position++;
        this.#depth--;
        return;
      }
      if (character === '#') this.#comment();
      else if (character === '\n') {
        this.#position++;
        this.#readBodies(inSubstitution);
      } else if (isMetacharacter(character) && this.#peek(1) !== '(') this.#position++;
      else {
        const start = this.#position;
        if (this.#depth < deepest) this.#word(false, inSubstitution);
        if (this.#position === start) this.#position++;
      }
    }
    this.#depth--;
    this.#unbalanced = true;
  }

  /** `((…))` behind an opening of so many characters; false, and nothing read, where it does not close with `))`. */
  #arithmetic(opening: number): boolean {
    if (this.#depth >= deepest || this.#attempts >= deepestAttempt || this.#reread > rereadLimit)
      return false;
    const start = this.#position;
    const mark = this.#mark();
    const wasUnbalanced = this.#unbalanced;
    this.#move(opening);
    let nested = 0;
    this.#depth++;
    this.#attempts++;
    // bash does not try again where the text ends first.
    let closed = true;
    while (this.#position < this.#end) {
      const character = this.#peek();
      if (character === '(') nested++;
      if (character === ')' && nested-- === 0) {
        closed = this.#peek(1) === ')';
        break;
      }
      if ('\\\'"$`'.includes(character)) this.#quotedOrExpanded(character);
      else this.#position++;
    }
    this.#depth--;
    this.#attempts--;
    if (closed) {
      if (this.#position >= this.#end) this.#unbalanced = true;
      this.#move(2);
      return true;
    }
    this.#unbalanced = wasUnbalanced;
    this.#reread += this.#position - start;
    this.#position = start;
    this.#forget(mark);
    return false;
  }

  /** The inside of `[[ … ]]`, in which `<` and `(` are no redirects and no subshells; stands behind the `[[`. */
  #test(): void {
    let previous = '[[';
    while (this.#position < this.#end) {
      const character = this.#peek();
      if (isBlank(character)) {
        this.#position++;
        continue;
      }
      if (character === '\n') {
        // A condition goes on in the next line only where bash may skip a newline; else it was never closed.
        if (!['[[', '&&', '||', '(', '!'].includes(previous) && !this.#nextLineGoesOn()) return;
        this.#position++;
        this.#readBodies(false);
        continue;
      }
      if (this.#starts('\\\n')) {
        this.#move(2);
        continue;
      }
      const start = this.#position;
      this.#testWord(previous);
      const token = this.text.slice(start, Math.min(this.#position, start + 3));
      if (token === ']]') return;
      if (token === ';') {
        this.#position = start;
        return;
      }
      if (['=', '==', '!='].includes(previous)) this.#quotedPattern({ start, end: this.#position });
      previous = token;
    }
  }

  #testWord(previous: string): void {
    const isPattern = previous === '=~' || previous === '=' || previous === '==' || previous === '!=';
    const start = this.#position;
    for (const operator of ['&&', '||']) {
      if (!isPattern && this.#starts(operator)) {
        this.#move(2);
        return;
      }
    }
    if (!isPattern && '()<>;&|'.includes(this.#peek())) {
      this.#position++;
      return;
    }
    let nested = 0;
    while (this.#position < this.#end) {
      const character = this.#peek();
      if (character === '(') nested++;
      if (character === ')' && nested-- === 0) break;
      if (character === '\n' || (isBlank(character) && nested === 0)) break;
      if (!isPattern && ';&|<>'.includes(character)) break;
      if ('\\\'"$`'.includes(character)) this.#quotedOrExpanded(character);
      else this.#position++;
    }
    if (this.#position === start) this.#position++;
  }

  #quotedPattern(span: Span): void {
    const pattern = this.text.slice(span.start, span.end);
    const quoted = pattern.includes('"') || pattern.includes("'");
    if (quoted && !/^["']/.test(pattern) && !/[$`\\\n]/.test(pattern)) this.quotedPatterns.push(span);
  }

  #nextLineGoesOn(): boolean {
    let at = this.#position + 1;
    while (at < this.#end && (isBlank(this.text.charAt(at)) || this.text[at] === '\n')) at++;
    return [']]', '&&', '||', ')'].some((token) => this.text.startsWith(token, at));
  }

  #mark(): readonly [number, number, number, number] {
    return [this.heredocs.length, this.comments.length, this.quotedPatterns.length, this.#pending.length];
  }

  #forget([heredocs, comments, patterns, pending]: readonly [number, number, number, number]): void {
    this.heredocs.length = heredocs;
    this.comments.length = comments;
    this.quotedPatterns.length = patterns;
    this.#pending.length = Math.min(this.#pending.length, pending);
  }
}

function isName(text: string, start: number, end: number): boolean {
  return isNameStart(text.charAt(start)) && nameEnd(text, start) >= end;
}

/** `X` of `$X` and `${X}`; undefined for anything more. */
function simpleName(expansion: string): string | undefined {
  if (!expansion.startsWith('${')) return expansion.slice(1);
  const inside = expansion.slice(2, -1);
  return /^(?:[A-Za-z_]\w*|\d+|[@*#?$!-])$/.test(inside) ? inside : undefined;
}
