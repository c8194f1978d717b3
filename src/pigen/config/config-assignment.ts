import type { Span } from '../text';

/** A stretch of an assigned value: text as bash would see it, quotes removed, or the name of a parameter to look up. */
export type ValuePart =
  | { readonly kind: 'text'; readonly text: string; readonly span: Span }
  /** `$NAME` or `${NAME}`, nothing else inside the braces. */
  | { readonly kind: 'parameter'; readonly name: string; readonly span: Span };

/**
 * An assignment of a bash file that pi-gen sources (`config`, the `-c` file), in source order. Plain data, so that
 * src/pigen/ can judge a configuration without knowing how bash is parsed. The last one of a name wins.
 */
export interface ConfigAssignment {
  readonly name: string;
  /** `NAME+=value`. */
  readonly append: boolean;
  /** By `export NAME=…`, `declare -x`, or an `export NAME` at top level anywhere in the file. */
  readonly exported: boolean;
  /** The value where no expansion takes part in it, quotes removed; undefined where bash alone could tell it. */
  readonly literal: string | undefined;
  /** The value in pieces where it holds only text and simple parameters; undefined where it holds more (`$(…)`, `${X:-y}`, an array). */
  readonly parts: readonly ValuePart[] | undefined;
  /**
   * Set where `parts` is not: stretches of plain text that may become part of the value, such as the default of `${X:-text}` or
   * what a `$(…)` echoes.
   */
  readonly texts?: readonly string[];
  /** From the name to the end of the value. UTF-16 offsets into the file's text. */
  readonly span: Span;
  /** The value as written, quotes included; empty where there is none. */
  readonly valueSpan: Span;
  /** Inside an `if`, loop, `case`, function, subshell, or behind `&&` and `||`: it may not be carried out. */
  readonly conditional: boolean;
}

/**
 * Reads the assignments of a sourced bash text. What cannot be read is left out; a promise, where the parser has still to be
 * loaded, rejects where it cannot be.
 */
export type ReadAssignments = (
  text: string,
) => readonly ConfigAssignment[] | Promise<readonly ConfigAssignment[]>;
