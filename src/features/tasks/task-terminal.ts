import * as vscode from 'vscode';

/** What runs in the terminal of a task: it writes text, and resolves with the task's exit code. */
export type TaskRun = (write: (text: string) => void, signal: AbortSignal) => Promise<number>;

/** The terminal of a task that this extension runs itself. Closing it, or `Terminate Task`, cancels what runs. */
export class TaskTerminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly #stop = new AbortController();

  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;

  constructor(private readonly run: TaskRun) {}

  open(): void {
    void this.#start();
  }

  close(): void {
    this.#stop.abort();
  }

  /** Ctrl+C, as in any terminal. */
  handleInput(data: string): void {
    if (data.includes('\u0003')) this.#stop.abort();
  }

  async #start(): Promise<void> {
    const write = (text: string): void => {
      this.#written.fire(text.replaceAll(/\r?\n/g, '\r\n'));
    };
    try {
      this.#closed.fire(await this.run(write, this.#stop.signal));
    } catch (error) {
      write(`${error instanceof Error ? error.message : String(error)}\n`);
      this.#closed.fire(1);
    }
  }
}
