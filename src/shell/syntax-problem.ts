import type { Span } from '../pigen/text';

/** The first thing in a program that bash refuses to read. Spans are in the program's text. */
export type SyntaxProblem =
  | {
      /** A quotation, an expansion or a subshell whose end never comes. The span is its opening. */
      readonly kind: 'unclosed';
      readonly span: Span;
      readonly opening: string;
      readonly closing: string;
    }
  | {
      /** A word or an operator where none can stand. */
      readonly kind: 'unexpected';
      readonly span: Span;
      /** As written; `newline` for the end of a line. */
      readonly token: string;
      /** The innermost block that is open there. */
      readonly block: OpenBlock | undefined;
    }
  | {
      /** The text ends within a block, or behind an operator that needs a command. The span is what waits for more. */
      readonly kind: 'unfinished';
      readonly span: Span;
      /** `if`, `{`, `&&`. */
      readonly opening: string;
      /** `fi`, `}`; undefined for an operator, which needs a command. */
      readonly closing: string | undefined;
    };

/** A block that waits for its end. */
export interface OpenBlock {
  readonly opening: string;
  readonly closing: string;
  readonly span: Span;
}

/** Ends the reading of a program at the first problem. */
export class ProblemFound extends Error {
  constructor(readonly problem: SyntaxProblem) {
    super(problem.kind);
  }
}

/** Ends the reading of a program where it cannot be told what bash makes of it. */
export class Unsure extends Error {}
