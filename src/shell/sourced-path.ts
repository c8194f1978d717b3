/** Where the words of a `source` are looked for. */
export interface SourceFolders {
  /** Folder of the script itself: `$(dirname "$0")`. */
  readonly script: string;
  /** What known variables hold: STAGE_DIR, BASE_DIR. */
  readonly variables: ReadonlyMap<string, string>;
}

/** `source FILE` and `. FILE` at the start of a command, by their characters: a superset of what the syntax says. */
const sourcing = /(?:^|[\s;&|({])(?:source|\.)[ \t]+((?:"(?:[^"\n]|"\$[^"\n]*")*"|'[^'\n]*'|[^\s;&|)"'])+)/gm;

/** The words that a text may source, as written. */
export function sourcedWords(text: string): readonly string[] {
  if (!/(?:source|\.)[ \t]/.test(text)) return [];
  return Array.from(text.matchAll(sourcing), (match) => match[1] ?? '');
}

const ownFolder =
  /^\$\(\s*dirname (?:--\s+)?"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})"?\s*\)|^\$\{(?:0|BASH_SOURCE(?:\[0\])?)%\/\*\}/;

/**
 * The path that a sourced word names, absolute or relative to the working directory: `"${STAGE_DIR}/files/x"`,
 * `"$(dirname "$0")/x"`, `./x`. Undefined where it cannot be known.
 */
export function sourcedPath(word: string, { script, variables }: SourceFolders): string | undefined {
  const isQuoted = /^(["']).*\1$/.test(word);
  if (word.startsWith("'")) return isQuoted ? plain(word.slice(1, -1)) : undefined;
  const inside = isQuoted ? word.slice(1, -1) : word;
  const own = ownFolder.exec(inside)?.[0];
  if (own !== undefined) return plain(script + inside.slice(own.length));
  const [start, name, braced] = /^\$(?:(\w+)|\{(\w+)\})(?="?\/)/.exec(inside.replace(/^"/, '')) ?? [];
  if (start === undefined) return plain(inside);
  const value = variables.get(name ?? braced ?? '');
  return value === undefined
    ? undefined
    : plain(value + inside.replace(/^"/, '').slice(start.length).replace(/^"/, ''));
}

/** A path in which nothing is left for the shell to do. */
function plain(path: string): string | undefined {
  return /^[\w./@+:,=-]+$/.test(path) ? path : undefined;
}
