/** What a command of the CLI may touch of the process around it. */
export interface Terminal {
  /** Absolute, with `/`. */
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether standard output shows colours. */
  readonly colour: boolean;
  /** Ends the work of a running command: Ctrl-C, or the reader of our output went away. */
  readonly signal: AbortSignal;
  readonly input: AsyncIterable<Uint8Array>;
  /** Where somebody types; undefined where input or output is a pipe or a file. */
  readonly window: TerminalWindow | undefined;
  /** Resolves when the stream can take more. */
  write(text: string): Promise<void>;
  /** To standard error: messages that are not results. */
  complain(text: string): void;
}

/** The window of a terminal, for a command that hands it on. */
export interface TerminalWindow {
  size(): { readonly columns: number; readonly rows: number };
  /** Gives what ends the watch. */
  onResize(listener: () => void): () => void;
  /** Every key goes to the command: nothing is echoed, and Ctrl-C is one of them. */
  setRaw(raw: boolean): void;
}

/** 0: fine; 1: a finding at or above the limit, or a failed build; 2: bad usage, or no engine; 3: no failure in the log. */
export type ExitCode = 0 | 1 | 2 | 3;

/** A call that cannot be carried out as written; its message is shown with a pointer to `--help`. */
export class UsageError extends Error {}
