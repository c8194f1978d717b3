import type { ConfigAssignment, ReadAssignments, ValuePart } from './config-assignment';
import type { FileError, FileSystem } from '../files/file-system';
import { readText } from '../files/read-text';
import type { StageListWord } from '../tree/stage-list';
import { LineIndex } from '../text';
import type { Span } from '../text';

/** A file that build.sh sources (`config`, or one given with `-c`), read without running any of it. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** In source order; the last of a name wins. */
  readonly assignments: readonly ConfigAssignment[];
}

/** A config is a few lines; what is larger is none. */
const configLimit = 1024 * 1024;

/** Reads a config. Answers a FileError where the file cannot be read; whatever bash it holds is no error. */
export async function readConfig(
  fs: FileSystem,
  path: string,
  readAssignments: ReadAssignments,
): Promise<ConfigFile | FileError> {
  const text = await readText(fs, path, configLimit);
  return typeof text === 'string' ? { path, text, assignments: await readAssignments(text) } : text;
}

/**
 * The value that a config gives to a variable: undefined where it gives none, or where only bash can tell it (an
 * expansion, a condition, `+=`). Later assignments win, as in bash.
 */
export function staticValue(config: ConfigFile, name: string): string | undefined {
  const all = config.assignments.filter((assignment) => assignment.name === name);
  const last = all.at(-1);
  return last === undefined || last.append || all.some((one) => one.conditional) ? undefined : last.literal;
}

/** STAGE_LIST as a config sets it. */
export interface ConfigStageList {
  readonly words: readonly StageListWord[];
  /** An assignment that takes part in it stands in an `if`, a loop or a function: another list may hold. */
  readonly conditional: boolean;
}

/**
 * STAGE_LIST, as build.sh's `for STAGE_DIR in $STAGE_LIST` splits it; globs are not yet expanded.
 * Undefined where the config sets no STAGE_LIST, or an empty one (build.sh then takes its default).
 *
 * @param variables what is known besides the config's own assignments: BASE_DIR, PWD
 */
export function stageListOf(
  config: ConfigFile,
  variables: ReadonlyMap<string, string>,
): ConfigStageList | undefined {
  const lines = new LineIndex(config.text);
  const known = new Map(variables);
  let words: readonly StageListWord[] = [];
  let conditional = false;
  for (const assignment of config.assignments) {
    if (assignment.name === 'STAGE_LIST') {
      const own = wordsOf(assignment, config.text, known, lines);
      words = assignment.append ? [...words, ...own] : own;
      // A plain assignment replaces whatever was set before, under whichever condition.
      conditional = assignment.conditional || (assignment.append && conditional);
    } else {
      const value = assignment.append || assignment.conditional ? undefined : expand(assignment.parts, known);
      if (value === undefined) known.delete(assignment.name);
      else known.set(assignment.name, value);
    }
  }
  return words.length === 0 ? undefined : { words, conditional };
}

function expand(
  parts: readonly ValuePart[] | undefined,
  known: ReadonlyMap<string, string>,
): string | undefined {
  let value = '';
  for (const part of parts ?? []) {
    const text = part.kind === 'text' ? part.text : known.get(part.name);
    if (text === undefined) return undefined;
    value += text;
  }
  return parts && value;
}

/** A word while it is being put together. */
interface OpenWord {
  value: string | undefined;
  start: number;
  end: number;
}

function wordsOf(
  assignment: ConfigAssignment,
  text: string,
  known: ReadonlyMap<string, string>,
  lines: LineIndex,
): StageListWord[] {
  const closed = (word: OpenWord): StageListWord => ({
    text: text.slice(word.start, word.end),
    value: word.value,
    range: lines.range(word),
  });
  if (assignment.parts === undefined) return [closed({ value: undefined, ...assignment.valueSpan })];
  const words: OpenWord[] = [];
  let open: OpenWord | undefined;
  const add = (value: string | undefined, span: Span): void => {
    if (open === undefined) {
      open = { value, ...span };
      words.push(open);
    } else {
      open.value = open.value === undefined || value === undefined ? undefined : open.value + value;
      open.end = span.end;
    }
  };
  for (const part of assignment.parts) {
    const value = part.kind === 'text' ? part.text : known.get(part.name);
    if (value === undefined) {
      add(undefined, part.span);
      continue;
    }
    // Escapes make the text shorter than what is written; then the whole part is the word's place.
    const exact = part.kind === 'text' && part.span.end - part.span.start === value.length;
    for (const piece of value.matchAll(/\s+|\S+/g)) {
      if (/^\s/.test(piece[0])) {
        open = undefined;
      } else {
        const start = part.span.start + piece.index;
        add(piece[0], exact ? { start, end: start + piece[0].length } : part.span);
      }
    }
  }
  return words.map(closed);
}
