import { execPath } from 'node:process';
import * as vscode from 'vscode';
import { findShellCheck } from '../../shellcheck/find-shellcheck';
import type { ShellCheckBinary } from '../../shellcheck/find-shellcheck';
import { installShellCheck, installedPath } from '../../shellcheck/install-shellcheck';
import type { CommandRegistry } from '../command-registry';
import { shellCheckPath } from './shellcheck-settings';

export interface ShellCheckProgramParts {
  /** Folder of ours where it is put once the user has agreed. */
  readonly folder: string;
  /** The bundled downloader. */
  readonly downloader: string;
  /** Remembers across windows that the user does not want to be asked. */
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

const doNotAsk = 'shellcheck.doNotAsk';

/** Finds the program ShellCheck; where there is none, says so once, and installs it when asked to. */
export class ShellCheckProgram implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #stop = new AbortController();
  #found: Promise<ShellCheckBinary | undefined> | undefined;
  #told = false;

  /** Another one may be found now. */
  readonly onDidChange = this.#changed.event;

  constructor(private readonly parts: ShellCheckProgramParts) {
    this.#subscriptions = [
      parts.commands.register('pi-gen.installShellCheck', () => this.#install()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('pi-gen.shellcheck.path')) this.#lookAgain();
      }),
    ];
  }

  /** The one to be run; undefined where there is none, which the user is told once. */
  find(): Promise<ShellCheckBinary | undefined> {
    this.#found ??= this.#find();
    return this.#found;
  }

  /** What was found does not run any more. */
  forget(): void {
    this.#found = undefined;
  }

  dispose(): void {
    this.#stop.abort();
    this.#changed.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #lookAgain(): void {
    this.#found = undefined;
    this.#told = false;
    this.#changed.fire();
  }

  async #find(): Promise<ShellCheckBinary | undefined> {
    const { folder, log } = this.parts;
    const found = await findShellCheck({
      asked: shellCheckPath(),
      environment: process.env,
      installed: installedPath(folder),
    });
    switch (found.kind) {
      case 'found':
        log.info(`ShellCheck ${found.binary.version}: ${found.binary.path}`);
        return found.binary;
      case 'unusable':
        log.warn(`ShellCheck: ${found.path}: ${found.reason}`);
        this.#tell(() => {
          void vscode.window.showWarningMessage(
            vscode.l10n.t(
              'The setting pi-gen.shellcheck.path names {0}, but {1}. Scripts are not checked by ShellCheck.',
              found.path,
              found.reason,
            ),
          );
        });
        return undefined;
      case 'absent':
        log.info('ShellCheck is not installed: scripts are checked by the other rules alone.');
        if (this.parts.memory.get<boolean>(doNotAsk) !== true) this.#tell(() => void this.#offer());
        return undefined;
    }
  }

  #tell(message: () => void): void {
    if (this.#told) return;
    this.#told = true;
    message();
  }

  async #offer(): Promise<void> {
    const install = vscode.l10n.t('Install…');
    const never = vscode.l10n.t('Don’t Ask Again');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        'ShellCheck is not installed. With it, pi-gen Stages also checks scripts and heredocs for bash’s own traps.',
      ),
      install,
      never,
    );
    if (answer === install) await this.#install();
    if (answer === never) await this.parts.memory.update(doNotAsk, true);
  }

  async #install(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          'ShellCheck is a program that runs on your scripts, so it can be installed in a trusted folder only.',
        ),
      );
      return;
    }
    const download = vscode.l10n.t('Download');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('Download ShellCheck from github.com/koalaman/shellcheck?'),
      {
        modal: true,
        detail: vscode.l10n.t(
          'It is kept in this extension’s own folder, {0}. Or install it yourself, for example with “apt install shellcheck” or “brew install shellcheck”.',
          this.parts.folder,
        ),
      },
      download,
    );
    if (answer !== download) return;
    const title = vscode.l10n.t('Downloading ShellCheck');
    const result = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (_, token) => this.#download(token),
    );
    if (result === undefined) return;
    if (typeof result !== 'string') {
      this.#lookAgain();
      void vscode.window.showInformationMessage(
        vscode.l10n.t('ShellCheck {0} is installed.', result.version),
      );
      return;
    }
    this.parts.log.error(`ShellCheck could not be installed: ${result}`);
    void vscode.window.showErrorMessage(
      vscode.l10n.t(
        'ShellCheck could not be installed: {0}. Install it yourself, and name it in the setting pi-gen.shellcheck.path if it is not on the PATH.',
        result,
      ),
    );
  }

  async #download(token: vscode.CancellationToken): Promise<ShellCheckBinary | string | undefined> {
    const cancel = new AbortController();
    const subscription = token.onCancellationRequested(() => {
      cancel.abort();
    });
    try {
      return await installShellCheck({
        node: execPath,
        downloader: this.parts.downloader,
        folder: this.parts.folder,
        environment: process.env,
        proxy: vscode.workspace.getConfiguration('http').get<string>('proxy'),
        signal: AbortSignal.any([cancel.signal, this.#stop.signal]),
      });
    } finally {
      subscription.dispose();
    }
  }
}
