import { LineStarts } from './line-starts';
import type { Span } from '../pigen/text';
import { OffsetMap } from '../shell/offset-map';
import type { HostExpansion, Script } from '../shell/script';

/** What ShellCheck gets to read of one program, with the way back. */
export interface ShellCheckView {
  readonly program: Script;
  /** Lines of ours, then the program's text. */
  readonly text: string;
  /** Where the build host puts something in first, in the program's text. */
  readonly hostExpansions: readonly HostExpansion[];
  /**
   * Span in the program's text for a stretch that ShellCheck names: lines and columns 1-based, columns in code points.
   * Undefined for what is about our own lines.
   */
  toProgramSpan(range: ShellCheckRange): Span | undefined;
}

/** As ShellCheck writes it: 1-based, the end exclusive. A column is a code point, a tab one of them. */
export interface ShellCheckRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** How ShellCheck is to read a program. */
export interface Reading {
  /** The first line to be put before a text that has no `#!` of its own that counts; undefined where it has one. */
  readonly shebang: string | undefined;
  /** Codes that comments outside of the program turn off for it. */
  readonly disabled: readonly string[];
}

/**
 * Makes the text for ShellCheck. Whatever changes keeps its length, so that positions stay: what the build host puts into
 * an unquoted heredoc becomes underscores, a `#!` that counts for nothing a plain comment. Left out are the carriage return
 * of a line ending and a byte order mark, of which line-endings speaks.
 */
export function shellCheckView(program: Script, { shebang, disabled }: Reading): ShellCheckView {
  const head = shebang === undefined ? '' : `${shebang}\n`;
  const directive = disabled.length === 0 ? '' : `# shellcheck disable=${disabled.join(',')}\n`;
  const source = masked(program.text, program.hostExpansions);
  const own = shebang === undefined ? source : source.replace(/^(\uFEFF?)#!/, '$1# ');
  // A shebang of the program's own stays the first line; what is turned off comes below it.
  const firstLine = shebang === undefined && directive !== '' ? own.indexOf('\n') + 1 : 0;
  const map = new OffsetMap();
  let text = head;
  const take = (start: number, end: number): void => {
    const stretch = own.slice(start, end);
    for (const { index, 0: kept } of stretch.matchAll(/(?:[^\r\uFEFF]|\r(?!\n)|(?<!^)\uFEFF)+/g)) {
      map.add(text.length, start + index);
      text += kept;
    }
  };
  take(0, firstLine);
  const ours = {
    start: text.length - (firstLine > 0 ? 0 : head.length),
    end: text.length + directive.length,
  };
  text += directive;
  take(firstLine, own.length);
  const starts = new LineStarts(text);
  return {
    program,
    text,
    hostExpansions: program.hostExpansions,
    toProgramSpan: ({ line, column, endLine, endColumn }) => {
      const start = starts.offset(line, column);
      const end = Math.max(start, starts.offset(endLine, endColumn));
      if (ours.start <= start && start < ours.end) return undefined;
      if (end > start) return map.toOuterSpan({ start, end });
      // An insertion behind the last word of a line goes before the carriage return that was left out.
      const isInLine = start > ours.end && text[start - 1] !== '\n';
      const at = isInLine ? map.toOuter(start - 1) + 1 : map.toOuter(start);
      return { start: at, end: at };
    },
  };
}

/** The underscore, as in actionlint: a word of a name's characters in any place where a value may stand. */
const mask = '_';

function masked(text: string, expansions: readonly HostExpansion[]): string {
  let result = '';
  let done = 0;
  for (const { span } of expansions) {
    result += text.slice(done, span.start);
    result += mask.repeat(span.end - span.start);
    done = span.end;
  }
  return result + text.slice(done);
}
