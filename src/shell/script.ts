import type { Place } from '../pigen/tree/stage-tree';
import type { Span } from '../pigen/text';
import type { SetVariables } from './set-variables';
import type { SyntaxNode } from './syntax-node';

/** A heredoc as bash reads it. Offsets are UTF-16 units into the text of the script that holds it. */
export interface Heredoc {
  /** From `<<` to the end of the delimiter word. */
  readonly operator: Span;
  /** With quotes removed: what the terminating line must equal. */
  readonly delimiter: string;
  /** The delimiter word as written, quotes included. */
  readonly word: Span;
  /** Any part of the word is quoted: the body is taken literally. */
  readonly quoted: boolean;
  /** `<<-`: leading tabs of the body and of the terminator are dropped. */
  readonly stripsTabs: boolean;
  /** From the first character of the first body line to the start of the terminating line. */
  readonly body: Span;
  /** The terminating line without its line ending; undefined where the file ends first. */
  readonly terminator: Span | undefined;
}

/** A part of an unquoted heredoc body (or double-quoted argument) that the host's shell replaces before the chroot sees it. */
export interface HostExpansion {
  readonly span: Span;
  readonly kind: 'parameter' | 'command' | 'arithmetic';
  /** Name of a simple parameter (`X`, `1`, `?`, `@`), where it is one. */
  readonly name: string | undefined;
}

/** A word of a command. */
export interface Word {
  /** In the owning script's text. */
  readonly span: Span;
  /** As written. */
  readonly text: string;
  /** Its value where no expansion takes part in it, quotes removed; else undefined. */
  readonly literal: string | undefined;
  readonly node: SyntaxNode;
}

export interface Assignment {
  readonly name: string;
  readonly span: Span;
  /** The value's span, empty where there is none. */
  readonly value: Span;
  /** The value where it is static, quotes removed. */
  readonly literal: string | undefined;
}

export interface Redirect {
  /** `>`, `>>`, `<`, `<<<`, `&>`, `>|`, `<>`, `>&`, `<&`, or `<<` and `<<-` for a heredoc. */
  readonly operator: string;
  readonly descriptor: number | undefined;
  /** The target; undefined for a heredoc. */
  readonly target: Word | undefined;
  readonly heredoc: Heredoc | undefined;
  readonly span: Span;
}

/** A simple command: `A=1 name argument… redirect…`, or a declaration: `export A=1`. */
export interface Command {
  readonly span: Span;
  readonly node: SyntaxNode;
  /** Undefined where it only assigns or redirects. */
  readonly name: Word | undefined;
  readonly arguments: readonly Word[];
  readonly assignments: readonly Assignment[];
  readonly redirects: readonly Redirect[];
  /** Enclosing nodes, innermost first. */
  readonly ancestors: readonly SyntaxNode[];
  /** What comes in through a pipe: the command before it in the pipeline. */
  readonly pipedFrom: Command | undefined;
}

/**
 * One program as one bash reads it: a script file, or code inside it that another bash gets (the body of an on_chroot
 * heredoc, `on_chroot -c "…"`, `bash << EOF`). `text` is what that bash sees: for an unquoted heredoc with `\$`, `\\`,
 * `` \` `` and escaped line ends undone, for `<<-` without leading tabs.
 */
export interface Script {
  readonly text: string;
  readonly place: Place;
  /**
   * How it comes to its bash. `substitution`: a `$(…)` in an unquoted heredoc, which the shell around runs while it reads
   * the heredoc; everywhere else the commands of a substitution are among those of their script.
   */
  readonly source: 'file' | 'heredoc' | 'here-string' | 'argument' | 'pipe' | 'substitution';
  /** The command of the enclosing script that runs it, or that has the heredoc of a substitution; undefined for a file. */
  readonly runBy: Command | undefined;
  readonly parent: Script | undefined;
  /** Set where the text is a heredoc's body, also of one that comes through `cat` and a pipe, and for a substitution. */
  readonly heredoc: Heredoc | undefined;
  /** Parts that the enclosing shell replaces first, in this script's text. Empty for a quoted heredoc or a file. */
  readonly hostExpansions: readonly HostExpansion[];
  readonly root: SyntaxNode;
  /**
   * Every simple command in source order, `export`, `local` and `unset` among them: in functions, conditions, substitutions
   * too. Not those of embedded scripts, and not those that the enclosing shell runs (in a `$(…)` of an unquoted heredoc).
   */
  readonly commands: readonly Command[];
  /** Names of functions defined here. */
  readonly functions: ReadonlySet<string>;
  readonly heredocs: readonly Heredoc[];
  /** Comments, shebang line included, in source order. */
  readonly comments: readonly Span[];
  /** The variables that it sets, worked out when first asked for. Those of programs inside it are their own. */
  readonly variables: SetVariables;
  /** The programs inside this one. */
  readonly embedded: readonly Script[];
  /** Offset in the file for an offset in `text`. */
  toFile(offset: number): number;
  /** Span in the file for a span in `text`. */
  toFileSpan(span: Span): Span;
}
