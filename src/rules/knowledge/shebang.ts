import type { Span } from '../../pigen/text';

/** The first line of a script, where it names an interpreter. Offsets are into the script's text. */
export interface Shebang {
  /** The line without its ending. */
  readonly span: Span;
  /** Base name of the program that runs the script: `bash`, `python3`; of env's operand where env is asked for it. */
  readonly interpreter: string;
  /** It is found by `/usr/bin/env`, which passes no options on unless told to with `-S`. */
  readonly viaEnv: boolean;
  /** Words that follow the interpreter, in one string as the kernel passes them. */
  readonly options: string;
  /** Where those words stand; empty at the end of the interpreter where there are none. */
  readonly optionsSpan: Span;
}

/** Reads `#!interpreter options`; undefined where the text does not begin with `#!`. A byte order mark hides it from the kernel. */
export function readShebang(text: string): Shebang | undefined {
  const found = /^#![ \t]*(\S+)([ \t]+\S[^\r\n]*?)?[ \t]*(?=\r?\n|\r|$)/.exec(text);
  if (found === null) return undefined;
  const line = found[0];
  const program = found[1] ?? '';
  const words = (found[2] ?? '').trim();
  const afterProgram = line.indexOf(program) + program.length;
  const span = { start: 0, end: line.length };
  if (baseOf(program) !== 'env') {
    const start = words === '' ? afterProgram : line.indexOf(words, afterProgram);
    const optionsSpan = { start, end: start + words.length };
    return { span, interpreter: baseOf(program), viaEnv: false, options: words, optionsSpan };
  }
  const parts = words.split(/[ \t]+/).filter((word) => word !== '-S' && !/^[A-Za-z_]\w*=/.test(word));
  const interpreter = parts[0] ?? '';
  const options = parts.slice(1).join(' ');
  const end = line.trimEnd().length;
  const optionsSpan = { start: end - options.length, end };
  return { span, interpreter: baseOf(interpreter), viaEnv: true, options, optionsSpan };
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A line that was to be the `#!` line and is none. */
export interface LostShebang {
  readonly kind: 'no-hash' | 'no-bang' | 'displaced';
  /** The line as it stands, without its ending. */
  readonly span: Span;
  /** What the first line is to be. */
  readonly line: string;
}

const interpreters = String.raw`(\/(?:usr\/)?bin\/(?:env[ \t]+)?(?:ba|da)?sh(?:[ \t]+-[^\r\n]*)?)`;

/** Finds `!/bin/bash`, `#/bin/bash`, `# !/bin/bash` in the first line, and `#!` behind blank lines, blanks and comments. */
export function findLostShebang(text: string): LostShebang | undefined {
  if (/^\uFEFF?#!/.test(text)) return undefined;
  const noHash = new RegExp(`^!${interpreters}[ \\t]*(?=\\r?\\n|$)`).exec(text);
  const noBang = new RegExp(`^(?:#|#[ \\t]+!)${interpreters}[ \\t]*(?=\\r?\\n|$)`).exec(text);
  const broken = noHash ?? noBang;
  if (broken !== null) {
    const kind = noHash === null ? 'no-bang' : 'no-hash';
    return { kind, span: { start: 0, end: broken[0].length }, line: `#!${(broken[1] ?? '').trimEnd()}` };
  }
  const before = /^(?:[ \t]*(?:#(?!!)[^\n]*)?\r?\n)*/.exec(text)?.[0].length ?? 0;
  const displaced = new RegExp(`^[ \\t]*#![ \\t]*${interpreters}[ \\t]*(?=\\r?\\n|$)`).exec(
    text.slice(before),
  );
  if (displaced === null) return undefined;
  const span = { start: before, end: before + displaced[0].length };
  return { kind: 'displaced', span, line: `#!${(displaced[1] ?? '').trimEnd()}` };
}
