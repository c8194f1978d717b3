/** What bash makes of a value that stands between double quotes as it is: `NAME="VALUE"`. */
export interface QuotedValue {
  /**
   * `broken`: the quotes do not end where the line does, or part of the value is a command of its own. `unquoted`: quotes of the
   * value are lost. `expanded`: a variable, a command or a calculation is put in.
   */
  readonly effect: 'broken' | 'unquoted' | 'expanded';
  /** UTF-16 offset of the first character that does so. */
  readonly at: number;
  readonly character: '"' | '$' | '`' | '\\';
}

/** What `$` begins an expansion with; before anything else it stands for itself. */
const expansion = /^\$(?:[A-Za-z0-9_@*#?!$({[-])/;

/**
 * Judges a value that a tool writes between double quotes without escaping anything in it. Undefined where bash reads it as it
 * is, or where its author has escaped what is special: `pa\$word`.
 */
export function judgeQuoted(value: string): QuotedValue | undefined {
  let quoted = true;
  let lost: number | undefined;
  for (let at = 0; at < value.length; at++) {
    const unit = value.charAt(at);
    if (unit === '\\') {
      // It takes the closing quote with it: behind quotes that have ended, that quote becomes part of the value.
      if (at === value.length - 1) {
        if (lost === undefined) return { effect: 'broken', at, character: '\\' };
        return { effect: quoted ? 'broken' : 'unquoted', at: lost, character: '"' };
      }
      at++;
    } else if (unit === '"') {
      lost ??= at;
      quoted = !quoted;
    } else if (unit === '`' || (unit === '$' && expansion.test(value.slice(at)))) {
      // Quotes inside of it are its own: nothing is known of what follows.
      return { effect: 'expanded', at, character: unit };
    } else if (!quoted && lost !== undefined && /[\s;&|<>()']/.test(unit)) {
      return { effect: 'broken', at: lost, character: '"' };
    }
  }
  if (lost === undefined) return undefined;
  return { effect: quoted ? 'unquoted' : 'broken', at: lost, character: '"' };
}

/** The offsets of what needs a backslash before it for bash to read a value as it is written; what has one is left alone. */
export function offsetsToEscape(value: string): readonly number[] {
  const offsets: number[] = [];
  for (let at = 0; at < value.length; at++) {
    const unit = value.charAt(at);
    if (unit === '\\' && at < value.length - 1) at++;
    else if (/["`\\]/.test(unit) || (unit === '$' && expansion.test(value.slice(at)))) offsets.push(at);
  }
  return offsets;
}
