import { readCommands } from './command-reader';
import type { ReadCommands } from './command-reader';
import type { ScannedText } from './heredoc-scanner';
import type { HostExpansion } from './script';
import type { SyntaxNode } from './syntax-node';

/** A text with what its characters alone tell, whatever program it is and wherever it stands. */
export class ReadText {
  #hostExpansions: readonly HostExpansion[] = [];
  #commands: ReadCommands | undefined;

  constructor(
    readonly text: string,
    readonly scanned: ScannedText,
    readonly root: SyntaxNode,
  ) {}

  /**
   * The commands, where these parts are replaced by the shell around. Remembers the last answer, so that the hundreds of
   * heredoc bodies that an edit did not touch are not walked again.
   */
  commands(hostExpansions: readonly HostExpansion[]): ReadCommands {
    if (this.#commands === undefined || !sameExpansions(hostExpansions, this.#hostExpansions)) {
      const { text, root } = this;
      this.#commands = readCommands({ text, root, heredocs: this.scanned.heredocs, hostExpansions });
      this.#hostExpansions = hostExpansions;
    }
    return this.#commands;
  }
}

function sameExpansions(some: readonly HostExpansion[], others: readonly HostExpansion[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ span, kind }, index) => {
      const other = others[index];
      return other?.kind === kind && other.span.start === span.start && other.span.end === span.end;
    })
  );
}
