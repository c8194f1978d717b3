import { StringDecoder } from 'node:string_decoder';
import * as vscode from 'vscode';
import { openFailingShell } from '../../build/afterwards/failing-shell';
import { BuildProblemError } from '../../build/build-problem';
import type { Helper } from '../../build/engine/engine';
import type { FileSystem } from '../../pigen/file-system';
import { joinPath } from '../../pigen/path';
import type { StageTree } from '../../pigen/stage-tree';
import type { CommandRegistry } from '../command-registry';
import { chooseKept } from './kept-choice';
import type { ChosenContainer } from './kept-choice';

export interface ShellParts {
  readonly disk: FileSystem;
  readonly trees: () => readonly StageTree[];
  readonly commands: CommandRegistry;
  /** Where the bundle keeps the scripts for containers. */
  readonly scriptFolder: string;
  readonly log: vscode.LogOutputChannel;
}

/** `Pi-gen: Open Shell at Failing Step`: a terminal in the chroot of the stage that failed. */
export class ShellFeature implements vscode.Disposable {
  readonly #command: vscode.Disposable;

  constructor(private readonly parts: ShellParts) {
    this.#command = parts.commands.register('pi-gen.openShell', () => this.#open());
  }

  dispose(): void {
    this.#command.dispose();
  }

  async #open(): Promise<void> {
    const { disk, trees, scriptFolder, log } = this.parts;
    try {
      const chosen = await chooseKept(disk, trees());
      if (chosen === undefined) return;
      const hook = new TextDecoder().decode(await disk.readFile(joinPath(scriptFolder, 'failing-shell.sh')));
      vscode.window
        .createTerminal({
          name: vscode.l10n.t('pi-gen: {0}', chosen.kept.plan.container.name),
          iconPath: new vscode.ThemeIcon('terminal'),
          pty: new ShellTerminal(chosen, hook),
        })
        .show();
    } catch (error) {
      if (!(error instanceof BuildProblemError)) {
        log.error('The shell could not be opened', error);
        void vscode.window.showErrorMessage(
          vscode.l10n.t('The shell could not be opened: {0}', String(error)),
        );
        return;
      }
      const { message, wayOut } = error.problem;
      void vscode.window.showErrorMessage(`${message} ${wayOut}`);
    }
  }
}

/** A terminal of this window before a helper on the engine. Closing it ends the helper. */
class ShellTerminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number | undefined>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;
  readonly #stop = new AbortController();
  #helper: Helper | undefined;
  #size: vscode.TerminalDimensions | undefined;

  constructor(
    private readonly chosen: ChosenContainer,
    private readonly hook: string,
  ) {}

  open(size: vscode.TerminalDimensions | undefined): void {
    this.#size = size;
    this.#run().catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      const problem = error instanceof BuildProblemError ? error.problem : undefined;
      this.#say(problem === undefined ? String(error) : `${problem.message}\n${problem.wayOut}`);
      this.#say(vscode.l10n.t('Press a key to close this terminal.'));
    });
  }

  close(): void {
    this.#stop.abort();
    void this.#helper?.close().catch(() => undefined);
    this.#helper = undefined;
  }

  handleInput(data: string): void {
    if (this.#helper === undefined) {
      // Nothing runs any more, or not yet: then there is nothing to type to.
      if (this.#ended) this.#closed.fire(undefined);
      return;
    }
    this.#helper.stream.write(data);
  }

  setDimensions(size: vscode.TerminalDimensions): void {
    this.#size = size;
    void this.#resize();
  }

  #ended = false;

  async #run(): Promise<void> {
    const { engine, kept } = this.chosen;
    try {
      this.#say(vscode.l10n.t('Opening a shell beside the container {0}…', kept.plan.container.name));
      const helper = await openFailingShell(engine, kept, this.hook, this.#stop.signal);
      if (this.#stop.signal.aborted) {
        await helper.close();
        return;
      }
      this.#helper = helper;
      await this.#resize();
      const text = new StringDecoder('utf8');
      for await (const chunk of helper.stream as AsyncIterable<Buffer>) this.#written.fire(text.write(chunk));
      await helper.close();
      this.#closed.fire(undefined);
    } finally {
      this.#helper = undefined;
      this.#ended = true;
    }
  }

  /** A shell that has just ended has no size. */
  async #resize(): Promise<void> {
    if (this.#size === undefined) return;
    await this.#helper?.resize(this.#size.columns, this.#size.rows).catch(() => undefined);
  }

  #say(text: string): void {
    this.#written.fire(`${text.replaceAll('\n', '\r\n')}\r\n`);
  }
}
