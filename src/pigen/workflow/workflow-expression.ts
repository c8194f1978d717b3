/** What the contexts of a `${{ … }}` expression hold: `matrix.board`, `secrets.PASSWORD`. Undefined: nobody here can know it. */
export type ExpressionContext = (path: string) => ExpressionValue | undefined;

export type ExpressionValue = string | number | boolean | null;

export type EvaluatedText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly unknown: string };

/**
 * Replaces the expressions of a text as GitHub does: literals, contexts, `==`, `!=`, `!`, `&&`, `||` and parentheses. `unknown` is
 * what could not be told: the path of a context, or a whole expression that calls a function.
 */
export function evaluateText(text: string, context: ExpressionContext): EvaluatedText {
  let whole = '';
  let at = 0;
  for (const found of text.matchAll(/\$\{\{(.*?)\}\}/gs)) {
    const source = (found[1] ?? '').trim();
    const known = context(source);
    const value = known === undefined ? new Evaluator(source, context).evaluate() : known;
    if (value instanceof Unknown) return { ok: false, unknown: value.what };
    whole += text.slice(at, found.index) + (value === null ? '' : String(value));
    at = found.index + found[0].length;
  }
  return { ok: true, text: whole + text.slice(at) };
}

class Unknown {
  constructor(readonly what: string) {}
}

type Result = ExpressionValue | Unknown;

const token =
  /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\['[^']*'\])*)|(&&|\|\||==|!=|[!()]))/y;

class Evaluator {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(
    private readonly source: string,
    private readonly context: ExpressionContext,
  ) {
    const tokens: string[] = [];
    let at = 0;
    while (at < source.trimEnd().length) {
      token.lastIndex = at;
      const found = token.exec(source);
      if (found === null) {
        tokens.length = 0;
        break;
      }
      tokens.push(found[0].trim());
      at = token.lastIndex;
    }
    this.#tokens = tokens;
  }

  evaluate(): Result {
    const value = this.#or();
    return this.#at === this.#tokens.length && this.#at > 0 ? value : new Unknown(this.source);
  }

  #or(): Result {
    let left = this.#and();
    while (this.#take('||')) {
      const right = this.#and();
      if (!(left instanceof Unknown)) left = isTrue(left) ? left : right;
    }
    return left;
  }

  #and(): Result {
    let left = this.#equality();
    while (this.#take('&&')) {
      const right = this.#equality();
      if (!(left instanceof Unknown)) left = isTrue(left) ? right : left;
    }
    return left;
  }

  #equality(): Result {
    let left = this.#primary();
    for (;;) {
      const negated = this.#take('!=');
      if (!negated && !this.#take('==')) return left;
      const right = this.#primary();
      if (left instanceof Unknown) continue;
      left = right instanceof Unknown ? right : isSame(left, right) !== negated;
    }
  }

  #primary(): Result {
    if (this.#take('!')) {
      const value = this.#primary();
      return value instanceof Unknown ? value : !isTrue(value);
    }
    if (this.#take('(')) {
      const value = this.#or();
      return this.#take(')') ? value : new Unknown(this.source);
    }
    const word = this.#tokens[this.#at];
    if (word === undefined) return new Unknown(this.source);
    this.#at++;
    if (word.startsWith("'")) return word.slice(1, -1).replaceAll("''", "'");
    if (/^-?\d/.test(word)) return Number(word);
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    const path = word.replaceAll(/\['([^']*)'\]/g, '.$1');
    const value = this.context(path);
    return value === undefined ? new Unknown(path) : value;
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at] !== word) return false;
    this.#at++;
    return true;
  }
}

/** Empty strings, 0, false and null are false. */
function isTrue(value: ExpressionValue): boolean {
  return value !== null && value !== '' && value !== 0 && value !== false;
}

/** GitHub compares strings without regard to case. */
function isSame(left: ExpressionValue, right: ExpressionValue): boolean {
  return typeof left === 'string' && typeof right === 'string'
    ? left.toLowerCase() === right.toLowerCase()
    : left === right;
}
