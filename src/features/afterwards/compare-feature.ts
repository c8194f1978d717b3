import * as vscode from 'vscode';
import { compareStage } from '../../build/afterwards/compare-stage';
import { comparisonText } from '../../build/afterwards/comparison-text';
import { BuildProblemError } from '../../build/build-problem';
import type { FileSystem } from '../../pigen/file-system';
import { joinPath } from '../../pigen/path';
import type { StageTree } from '../../pigen/stage-tree';
import { pathOfArgument } from '../argument-path';
import type { BuildStageFeature } from '../build/build-stage-feature';
import type { CommandRegistry } from '../command-registry';
import { chooseKept } from './kept-choice';

const scheme = 'pi-gen-comparison';

export interface CompareParts {
  readonly disk: FileSystem;
  readonly trees: () => readonly StageTree[];
  readonly stages: BuildStageFeature;
  readonly commands: CommandRegistry;
  /** Where the bundle keeps the scripts for containers. */
  readonly scriptFolder: string;
  readonly log: vscode.LogOutputChannel;
}

/** `Pi-gen: Compare Stage With Previous`: what a stage of a kept build added, removed and changed, as a document. */
export class CompareFeature implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(private readonly parts: CompareParts) {
    this.#subscriptions = [
      parts.commands.register('pi-gen.compareStage', (path) => this.#compare(pathOfArgument(path))),
      vscode.workspace.registerTextDocumentContentProvider(scheme, {
        onDidChange: this.#changed.event,
        provideTextDocumentContent: (uri) => this.#textOf(uri),
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
    ];
  }

  #textOf(uri: vscode.Uri): string {
    return (
      this.#texts.get(uri.toString()) ??
      vscode.l10n.t(
        'This comparison was of an earlier window. Run "Pi-gen: Compare Stage With Previous" again.',
      )
    );
  }

  dispose(): void {
    this.#changed.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** @param path of the stage, or of anything in it; undefined: the user picks one */
  async #compare(path: string | undefined): Promise<void> {
    const { disk, trees, stages, scriptFolder, log } = this.parts;
    try {
      const chosen = await chooseKept(disk, trees());
      const stage =
        chosen && (await stages.choose(path, vscode.l10n.t('Stage to compare with the one before it')));
      if (chosen === undefined || stage === undefined) return;
      const { name } = stage.stage;
      const script = new TextDecoder().decode(
        await disk.readFile(joinPath(scriptFolder, 'compare-stage.sh')),
      );
      const text = await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t('Comparing {0} with the stage before it', name),
          cancellable: true,
        },
        async (_progress, token) => {
          const stop = new AbortController();
          token.onCancellationRequested(() => {
            stop.abort();
          });
          try {
            return comparisonText(await compareStage(chosen.engine, chosen.kept, name, script, stop.signal));
          } catch (error) {
            if (stop.signal.aborted) return undefined;
            throw error;
          }
        },
      );
      if (text !== undefined) await this.#show(name, text);
    } catch (error) {
      const problem = error instanceof BuildProblemError ? error.problem : undefined;
      if (problem === undefined) log.error('A stage could not be compared', error);
      void vscode.window.showErrorMessage(
        problem === undefined
          ? vscode.l10n.t('The stage could not be compared: {0}', String(error))
          : `${problem.message} ${problem.wayOut}`,
      );
    }
  }

  async #show(stage: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${stage}.txt` });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }
}
