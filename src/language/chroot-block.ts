import type { Span } from '../pigen/text';
import type { Command, Script } from '../shell/script';

/** A command that hands a program to a shell in the chroot, and that program. */
export interface ChrootBlock {
  readonly command: Command;
  readonly inner: Script;
  /** From the command to the end of the terminating line. In the file's text. */
  readonly span: Span;
  /** How the chroot gets it. */
  readonly form: 'expanded' | 'literal' | 'other';
}

/** The blocks of a program whose code runs in the chroot while the program itself runs on the host, in source order. */
export function chrootBlocks(program: Script): readonly ChrootBlock[] {
  if (program.place !== 'host') return [];
  return program.embedded.flatMap((inner) => {
    const command = inner.runBy;
    if (inner.place !== 'chroot' || command === undefined) return [];
    const { heredoc } = inner;
    const end = Math.max(command.span.end, heredoc?.terminator?.end ?? heredoc?.body.end ?? 0);
    const form = heredoc === undefined ? 'other' : heredoc.quoted ? 'literal' : 'expanded';
    return [{ command, inner, span: program.toFileSpan({ start: command.span.start, end }), form }];
  });
}
