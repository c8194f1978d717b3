export interface StageWatchParts {
  /** What the stage's files are now: any text that is another where they are others. */
  readonly state: () => Promise<string>;
  /** One try. It is stopped by `signal` where a file was saved meanwhile; what it rejects with ends the watch. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Runs a stage at once, and again whenever its files are others; a run that is overtaken is stopped first. */
export class StageWatch {
  readonly #stop = new AbortController();
  #run: AbortController | undefined;
  /** Of the files as the last run, or the one under way, found them. */
  #seen: string | undefined;
  #wake: () => void = () => undefined;
  #due = true;

  constructor(private readonly parts: StageWatchParts) {}

  /** Watches until `stop` is called. Rejects with what a run or a look at the files rejects with. */
  async watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (!this.#due) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#due = false;
      this.#seen = await this.parts.state();
      const run = new AbortController();
      this.#run = run;
      await this.parts.run(AbortSignal.any([run.signal, signal]));
      this.#run = undefined;
    }
  }

  /** To be called when something of the stage may have been saved. A state that cannot be read is no news. */
  async look(): Promise<void> {
    const state = await this.parts.state().catch(() => this.#seen);
    if (state === this.#seen || this.#seen === undefined) return;
    this.#seen = state;
    this.#due = true;
    this.#run?.abort();
    this.#wake();
  }

  /** Ends the watch, and the run that is under way. */
  stop(): void {
    this.#stop.abort();
    this.#wake();
  }
}
