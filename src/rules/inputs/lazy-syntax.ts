import type { BashParser } from '../../shell/bash-parser';

/** A rule asks for the syntax of a script before the parser is there. */
export class ParserNotLoaded extends Error {}

/** The parser, loaded when it is first needed: a check of nothing but files of pi-gen's own may do without. */
export class LazySyntax {
  #loading: Promise<BashParser> | undefined;
  #parser: BashParser | undefined;
  #failed = false;

  constructor(private readonly loadParser: () => Promise<BashParser>) {}

  /** To be called before a check: what failed in the last one is tried again. */
  begin(): void {
    if (this.#failed) this.#loading = undefined;
    this.#failed = false;
  }

  /** Loads the parser, if that has not begun in this check or before. Rejects where it cannot be. */
  load(): Promise<BashParser> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Throws a ParserNotLoaded before it is there. */
  readonly parser = (): BashParser => {
    if (this.#parser === undefined) throw new ParserNotLoaded();
    return this.#parser;
  };

  async #load(): Promise<BashParser> {
    try {
      this.#parser = await this.loadParser();
      return this.#parser;
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}
