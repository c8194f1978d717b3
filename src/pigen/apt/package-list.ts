import type { Span } from '../text';

/** A word of a NN-packages or NN-packages-nr file, as apt-get gets it. */
export interface PackageWord {
  /** With what apt reads in it: `name`, `name=version`, `name/suite`, `name:arch`, `name-`. */
  readonly text: string;
  /** UTF-16 offsets into the file's text. */
  readonly span: Span;
}

export interface PackageList {
  readonly words: readonly PackageWord[];
  /** Comments, from `#` to the end of the line. */
  readonly comments: readonly Span[];
  /**
   * The file is one line, which remove-comments.sed leaves alone: GNU sed's `N` prints and ends at the end of input. A
   * carriage return then stays part of the last name, and a comment is one only to the shell that runs apt-get.
   */
  readonly untouched: boolean;
}

/**
 * Reads a package list as run_sub_stage does: `sed -f remove-comments.sed`, then the words on apt-get's command line. In
 * a file of two lines and more, `#` starts a comment anywhere and all white space, CR included, separates.
 */
export function readPackageList(text: string): PackageList {
  const untouched = !/\n[^]/.test(text);
  const comments: Span[] = [];
  const words: PackageWord[] = [];
  // In an untouched line the shell splits: it takes CR for part of a word, and `#` for a comment only where a word starts.
  const token = untouched ? /(#[^\n]*)|[^ \t\n]+/g : /(#[^\n]*)|[^ \t\n\v\f\r#]+/g;
  for (const found of text.matchAll(token)) {
    const span = { start: found.index, end: found.index + found[0].length };
    if (found[1] !== undefined) comments.push(span);
    else words.push({ text: found[0], span });
  }
  return { words, comments, untouched };
}
