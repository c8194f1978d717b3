import * as vscode from 'vscode';
import type { BuildResult } from '../../build/session/build-options';
import { Fingerprints } from '../../build/stage-loop/fingerprint';
import { StageWatch } from '../../build/stage-loop/stage-watch';
import { isWithin } from '../../pigen/files/path';
import type { Stage } from '../../pigen/tree/stage-tree';
import { pathOfArgument } from '../argument-path';
import type { BuildFeature, BuildJob } from './build-feature';
import type { BuildStageFeature } from './build-stage-feature';
import type { CommandRegistry } from '../command-registry';
import { pathOf, uriOf } from '../paths';
import { isTrusted } from '../trust';

export interface WatchStageParts {
  readonly builds: BuildFeature;
  readonly stages: BuildStageFeature;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

interface RunningWatch {
  readonly watch: StageWatch;
  readonly done: Promise<void>;
}

/** Build on save: `Pi-gen: Watch Stage` tries a stage whenever a file of it is saved, and shows pi-gen's verdict in the editor. */
export class WatchStageFeature implements vscode.Disposable {
  readonly #status = vscode.window.createStatusBarItem('pi-gen.watch', vscode.StatusBarAlignment.Left);
  readonly #subscriptions: vscode.Disposable[];
  #running: RunningWatch | undefined;

  constructor(private readonly parts: WatchStageParts) {
    this.#status.name = vscode.l10n.t('pi-gen Watch');
    this.#status.command = 'pi-gen.showBuildOutput';
    this.#subscriptions = [
      parts.commands.register('pi-gen.watchStage', (path) => this.#start(pathOfArgument(path))),
      parts.commands.register('pi-gen.stopWatching', () => this.stop()),
    ];
  }

  /** Ends the watch, and resolves when its run has cleaned up. */
  async stop(): Promise<void> {
    this.#running?.watch.stop();
    await this.#running?.done;
  }

  dispose(): void {
    this.#running?.watch.stop();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#status.dispose();
  }

  /** @param path of the stage, or of anything in it; undefined: the user picks one */
  async #start(path: string | undefined): Promise<void> {
    if (!isTrusted()) return;
    const chosen = await this.parts.stages.choose(path);
    const job = chosen && (await this.parts.stages.job(chosen, { kind: 'changed' }));
    if (chosen === undefined || job === undefined) return;
    await this.stop();
    const watch = this.#watchOf(chosen.stage, job);
    const listening = listenTo(chosen.stage, watch);
    const done = watch
      .watch()
      .catch((error: unknown) => {
        this.parts.log.error(`Watching ${chosen.stage.name} ended unexpectedly`, error);
        const reason = error instanceof Error ? error.message : String(error);
        void vscode.window.showErrorMessage(
          vscode.l10n.t('{0} is watched no more: {1}', chosen.stage.name, reason),
        );
      })
      .finally(() => {
        listening.dispose();
      });
    this.#running = { watch, done };
    await vscode.commands.executeCommand('setContext', 'pi-gen.watching', true);
    await done;
    this.#running = undefined;
    this.#status.hide();
    await vscode.commands.executeCommand('setContext', 'pi-gen.watching', false);
  }

  #watchOf(stage: Stage, job: BuildJob): StageWatch {
    const fingerprints = new Fingerprints();
    return new StageWatch({
      state: () => fingerprints.ofFolder(stage.path),
      run: async (signal) => {
        await this.parts.builds.idle();
        if (signal.aborted) return;
        this.#show('sync~spin', vscode.l10n.t('{0}: building', stage.name));
        const quiet = { ...job, quiet: true, signal, tellSuccess: () => undefined };
        this.#tell(stage, await this.parts.builds.build(quiet));
      },
    });
  }

  #tell(stage: Stage, result: BuildResult | undefined): void {
    switch (result?.outcome) {
      case 'succeeded':
        this.#show('check', vscode.l10n.t('{0}: passed', stage.name));
        break;
      case 'failed':
        this.#show('error', vscode.l10n.t('{0}: failed', stage.name));
        break;
      case 'cancelled':
      case 'detached':
      case undefined:
        this.#show('eye', vscode.l10n.t('{0}: watched', stage.name));
        break;
    }
  }

  #show(icon: string, text: string): void {
    this.#status.text = `$(${icon}) ${text}`;
    this.#status.tooltip = vscode.l10n.t('Built again whenever a file of it is saved. Click for the log.');
    this.#status.show();
  }
}

/** Saves in the editor, and whatever else changes files of the stage. */
function listenTo(stage: Stage, watch: StageWatch): vscode.Disposable {
  const files = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(uriOf(stage.path), '**/*'),
  );
  const look = (): void => {
    void watch.look();
  };
  return vscode.Disposable.from(
    files,
    files.onDidChange(look),
    files.onDidCreate(look),
    files.onDidDelete(look),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.scheme === 'file' && isWithin(stage.path, pathOf(uri))) look();
    }),
  );
}
