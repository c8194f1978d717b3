import * as vscode from 'vscode';
import { compareKeptStage, compareStage } from '../../build/afterwards/compare-stage';
import type { StageComparison } from '../../build/afterwards/comparison';
import { comparisonText } from '../../build/afterwards/comparison-text';
import { BuildProblemError } from '../../build/build-problem';
import { nothingKeptOf } from '../../build/rootfs/stage-shell';
import type { Stage } from '../../pigen/tree/stage-tree';
import { pathOfArgument } from '../argument-path';
import type { BuildStageFeature } from '../build/build-stage-feature';
import type { CommandRegistry } from '../command-registry';
import { containerText, keptText, lookAround, pickOne } from '../rootfs/look-around';
import type { LookAroundParts } from '../rootfs/look-around';
import { isTrusted } from '../trust';
import { withProgress } from '../with-progress';

const scheme = 'pi-gen-comparison';

export interface CompareParts extends LookAroundParts {
  readonly stages: BuildStageFeature;
  readonly commands: CommandRegistry;
  readonly log: vscode.LogOutputChannel;
}

/** A build, or what the stage loop keeps, that may hold a stage and the one before it. */
interface Comparable extends vscode.QuickPickItem {
  readonly compare: (signal: AbortSignal) => Promise<StageComparison>;
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
    if (!isTrusted()) return;
    try {
      const chosen = await this.parts.stages.choose(
        path,
        vscode.l10n.t('Stage to compare with the one before it'),
      );
      if (chosen === undefined) return;
      const { name } = chosen.stage;
      const kept = await withProgress(
        vscode.l10n.t('Looking for root file systems'),
        (signal) => this.#kept(chosen.stage, signal),
        vscode.ProgressLocation.Window,
      );
      const one = await pickOne(kept ?? [], vscode.l10n.t('Which build to look into'));
      if (one === undefined) return;
      const title = vscode.l10n.t('Comparing {0} with the stage before it', name);
      const compared = await withProgress(title, one.compare);
      if (compared !== undefined) await this.#show(name, comparisonText(compared));
    } catch (error) {
      const problem = error instanceof BuildProblemError ? error.problem : undefined;
      if (problem === undefined) this.parts.log.error('A stage could not be compared', error);
      void vscode.window.showErrorMessage(
        problem === undefined
          ? vscode.l10n.t('The stage could not be compared: {0}', String(error))
          : `${problem.message} ${problem.wayOut}`,
      );
    }
  }

  /** Where a stage may have been kept. Rejects with a BuildProblemError, for one where nothing is. */
  async #kept({ path, name }: Stage, signal: AbortSignal): Promise<readonly Comparable[]> {
    const { scripts, places } = await lookAround(this.parts, path, signal);
    const found = places.flatMap(({ engine, ended, volume, stages }) => {
      const tried = stages.find(({ stage, state }) => stage === name && state !== 'failed');
      return [
        ...(volume === undefined || tried === undefined
          ? []
          : [
              {
                label: name,
                description: keptText(tried),
                compare: (stop: AbortSignal) =>
                  compareKeptStage(engine, { ...volume, ...tried }, scripts, stop),
              },
            ]),
        ...ended.map((build) => ({
          label: build.plan.container.name,
          description: containerText(build),
          compare: (stop: AbortSignal) => compareStage(engine, build, name, scripts.compare, stop),
        })),
      ];
    });
    if (found.length === 0) throw nothingKeptOf(name);
    return found;
  }

  async #show(stage: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${stage}.txt` });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }
}
