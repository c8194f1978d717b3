import type { Span } from '../pigen/text';
import type { Word } from './script';

/** A word, or the end of one, that names a path: what it begins with decides where it leads. */
export interface PathWord {
  readonly word: Word;
  /** The path in the text of the program: the word as a whole, or what follows `of=` or `--directory=`. */
  readonly span: Span;
  /** The variable that it begins with, alone in its part of the path: `$X/etc`, `"${X}"/etc`. */
  readonly variable: string | undefined;
  /** What follows the variable, quotes removed; the whole path where it begins with text. Later expansions are as written. */
  readonly rest: string;
  /** How the path begins. */
  readonly quote: '"' | "'" | undefined;
}

/** Reads a word as a path, from `from` (an offset into the word) on. */
export function pathWord(word: Word, from = 0): PathWord {
  const source = word.text.slice(from);
  const first = source.charAt(0);
  const quote = first === '"' || first === "'" ? first : undefined;
  const plain = source.replaceAll(/["']/g, '');
  const found = quote === "'" ? null : /^\$(?:(\w+)|\{(\w+)\})(?=\/|$)/.exec(plain);
  return {
    word,
    span: { start: word.span.start + from, end: word.span.end },
    variable: found?.[1] ?? found?.[2],
    rest: plain.slice(found?.[0].length ?? 0),
    quote,
  };
}

/** The first `{a,b}` of a text that bash expands; undefined where it holds none, or one inside another. */
export function bracesIn(
  text: string,
): { readonly span: Span; readonly parts: readonly string[] } | undefined {
  const found = /(?<!\$)\{([^{}\s"'$]*,[^{}\s"'$]*)\}/.exec(text);
  if (found === null) return undefined;
  const span = { start: found.index, end: found.index + found[0].length };
  return { span, parts: (found[1] ?? '').split(',') };
}

/** The paths that bash makes of one with a `{a,b}` in it; the path itself where there is none. At most `expansionLimit`. */
export function expandBraces(path: string): readonly string[] {
  let paths = [path];
  while (paths.length < expansionLimit) {
    const next = paths.flatMap((one) => {
      const braces = bracesIn(one);
      if (braces === undefined) return [one];
      const { span, parts } = braces;
      return parts.map((part) => one.slice(0, span.start) + part + one.slice(span.end));
    });
    if (next.length === paths.length && next.every((one, index) => one === paths[index])) break;
    paths = next;
  }
  return paths;
}

/** More than any path needs. */
const expansionLimit = 64;
