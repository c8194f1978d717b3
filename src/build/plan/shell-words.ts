export type ShellWords =
  { readonly ok: true; readonly words: readonly string[] } | { readonly ok: false; readonly message: string };

/**
 * Splits a text into words by bash's quoting rules: white space separates, `'…'`, `"…"` and backslashes quote.
 * Nothing is expanded: a `$` outside single quotes stays as it is.
 */
export function shellWords(text: string): ShellWords {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    const unit = text.charAt(at++);
    if (/\s/.test(unit)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (unit === "'") {
      const end = text.indexOf("'", at);
      if (end < 0) return { ok: false, message: "a single quote (') is not closed" };
      word = (word ?? '') + text.slice(at, end);
      at = end + 1;
    } else if (unit === '"') {
      const quoted = doubleQuoted(text, at);
      if (quoted === undefined) return { ok: false, message: 'a double quote (") is not closed' };
      word = (word ?? '') + quoted.value;
      at = quoted.end;
    } else if (unit === '\\') {
      const next = text.charAt(at++);
      if (next !== '\n') word = (word ?? '') + next;
    } else {
      word = (word ?? '') + unit;
    }
  }
  if (word !== undefined) words.push(word);
  return { ok: true, words };
}

/** From behind the opening quote. In double quotes a backslash quotes only `$`, `` ` ``, `"`, `\` and the line end. */
function doubleQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let value = '';
  for (let at = start; at < text.length; at++) {
    const unit = text.charAt(at);
    if (unit === '"') return { value, end: at + 1 };
    const next = text.charAt(at + 1);
    if (unit === '\\' && next !== '' && '$`"\\\n'.includes(next)) {
      if (next !== '\n') value += next;
      at++;
    } else {
      value += unit;
    }
  }
  return undefined;
}

/** A text as one word of a shell, whatever is in it. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** As singleQuoted, for people: what means itself to every shell stays as it is. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : singleQuoted(text);
}
