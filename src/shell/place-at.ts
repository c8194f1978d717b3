import type { Place } from '../pigen/tree/stage-tree';
import type { Span } from '../pigen/text';
import type { Script } from './script';

export interface PlaceAt {
  readonly place: Place;
  /** The shell that reads the heredoc replaces this before the program in it runs. */
  readonly hostExpanded: boolean;
  /** The innermost program that holds the position. */
  readonly script: Script;
}

/** Where the code at an offset of a script's file runs. `script` is the one of the file; offsets outside belong to it. */
export function placeAt(script: Script, offset: number): PlaceAt {
  let current = script;
  let hostExpanded = false;
  for (;;) {
    const found = programAt(current, offset);
    if (found === undefined) return { place: current.place, hostExpanded, script: current };
    current = found;
    hostExpanded ||= current.source === 'substitution' || expandedAt(current, offset);
  }
}

/**
 * Where the code at a span of a program runs. A `$(…)` in an unquoted heredoc runs where the shell runs that reads the
 * heredoc, not where the body goes.
 */
export function placeOf(program: Script, span: Span): Place {
  const { start, end } = program.toFileSpan(span);
  let runner = program;
  while (runner.parent !== undefined) {
    const expanded = runner.hostExpansions.some((expansion) => {
      if (expansion.kind !== 'command') return false;
      const inFile = runner.toFileSpan(expansion.span);
      return inFile.start <= start && end <= inFile.end;
    });
    if (!expanded) break;
    runner = runner.parent;
  }
  return runner.place;
}

/** A substitution lies inside its heredoc's body, and runs before it. */
function programAt(script: Script, offset: number): Script | undefined {
  const holding = script.embedded.filter((program) => holds(fileSpan(program), offset));
  return holding.find(({ source }) => source === 'substitution') ?? holding[0];
}

function expandedAt(script: Script, offset: number): boolean {
  return script.hostExpansions.some(({ span }) => holds(script.toFileSpan(span), offset));
}

function fileSpan(script: Script): Span {
  return script.toFileSpan({ start: 0, end: script.text.length });
}

function holds({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset < end;
}
