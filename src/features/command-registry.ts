import * as vscode from 'vscode';

type Command = (...words: readonly unknown[]) => unknown;

/** What the commands do, by their names: VS Code gets to know them before the features behind them are loaded. */
export class CommandRegistry {
  readonly #commands = new Map<string, Command>();

  register(name: string, command: Command): vscode.Disposable {
    this.#commands.set(name, command);
    return new vscode.Disposable(() => this.#commands.delete(name));
  }

  /** Whether a feature has registered a command. */
  has(name: string): boolean {
    return this.#commands.has(name);
  }

  /** Throws for a command that no feature has registered. */
  run(name: string, words: readonly unknown[]): unknown {
    const command = this.#commands.get(name);
    if (command === undefined) throw new Error(`No feature offers the command ${name}.`);
    return command(...words);
  }
}
