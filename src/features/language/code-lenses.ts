import * as vscode from 'vscode';
import { stepOrder } from '../../language/describe-entry';
import type { StepOrder } from '../../language/describe-entry';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { CommandRegistry } from '../command-registry';
import { lastDurationText } from '../stages-view/state-words';
import type { StepStates } from '../stages-view/step-states';
import { pathOf } from '../paths';
import type { EditedTrees } from './edited-trees';

const buildCommand = 'pi-gen.buildStage';

/** Above a step: its place in the order, where it runs, and building its stage. */
export class CodeLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: readonly { dispose(): unknown }[];
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(
    private readonly trees: EditedTrees,
    private readonly states: StepStates,
    private readonly commands: CommandRegistry,
    onDidCheck: vscode.Event<unknown>,
  ) {
    const refresh = (): void => {
      this.#changed.fire();
    };
    this.#subscriptions = [
      this.#changed,
      onDidCheck(refresh),
      states.onDidChange((paths) => {
        const changed = new Set(paths);
        const isShown = ({ document }: vscode.TextEditor): boolean => changed.has(pathOf(document.uri));
        if (vscode.window.visibleTextEditors.some(isShown)) refresh();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(refresh),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('pi-gen.codeLens')) refresh();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const tree = this.trees.tree(document);
    if (tree === undefined || !isEnabled(document)) return [];
    const path = pathOf(document.uri);
    const order = stepOrder(tree, path);
    if (order === undefined) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const lenses = [
      new vscode.CodeLens(top, { title: titleOf(order, this.states.lastDuration(path)), command: '' }),
    ];
    const stage = stageOf(tree, path);
    if (stage !== undefined && vscode.workspace.isTrusted && this.commands.has(buildCommand)) {
      lenses.push(
        new vscode.CodeLens(top, {
          title: vscode.l10n.t('$(play) Build stage'),
          tooltip: vscode.l10n.t('Build the stages up to this one, reusing what is there'),
          command: buildCommand,
          arguments: [stage],
        }),
      );
    }
    return lenses;
  }
}

function isEnabled({ uri }: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration('pi-gen', uri).get<boolean>('codeLens.enabled', true);
}

/** @param last milliseconds that it took the last time */
function titleOf({ position, count, place, stage, reason }: StepOrder, last: number | undefined): string {
  const where = place === 'chroot' ? vscode.l10n.t('inside the chroot') : vscode.l10n.t('on the build host');
  if (position === undefined)
    return vscode.l10n.t('$(circle-slash) pi-gen passes over this: {0}', reason ?? '');
  const order =
    stage === undefined
      ? vscode.l10n.t('Runs last, when all images are made · {0}', where)
      : vscode.l10n.t('Step {0} of {1} of {2} · {3}', position, count, stage, where);
  const duration = lastDurationText(last);
  return duration === '' ? order : `${order} · ${duration}`;
}

function stageOf(tree: StageTree, path: string): string | undefined {
  return tree.stages.find((stage) => stage.role === 'stage' && path.startsWith(`${stage.path}/`))?.path;
}
