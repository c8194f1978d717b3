import * as vscode from 'vscode';
import { BuildProblemError } from '../../build/build-problem';
import { nothingKept } from '../../build/afterwards/kept-containers';
import { isBeingTried, triedTooEarly } from '../../build/rootfs/look-place';
import { wordsOf } from '../../build/rootfs/rootfs-reader';
import { workFolderOf } from '../../build/session/found-build';
import { stagesOfContainer } from '../../build/rootfs/rootfs-source';
import { nothingKeptOf } from '../../build/rootfs/stage-shell';
import { baseName, isWithin } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { pathOfArgument } from '../argument-path';
import type { CommandRegistry } from '../command-registry';
import { isTrusted } from '../trust';
import { withProgress } from '../with-progress';
import { containerText, keptText, lookAround, pickOne } from './look-around';
import type { LookAroundParts } from './look-around';
import type { RootfsFileSystem } from './late-file-system';
import { OpenRootfsList, rootfsUri } from './open-rootfs-list';
import type { OpenRootfs } from './open-rootfs-list';
import { RootfsProvider } from './rootfs-provider';
import { RootfsTree } from './rootfs-tree';
import type { RootfsItem } from './rootfs-tree';

export interface RootfsParts extends LookAroundParts {
  readonly commands: CommandRegistry;
  readonly memory: vscode.Memento;
  /** Of all workspaces. */
  readonly shared: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

type Choice = vscode.QuickPickItem & { readonly rootfs: Omit<OpenRootfs, 'key'> };

/**
 * `Pi-gen: Browse Rootfs`: root file systems that builds left, in a view of the Explorer. Not as folders of the workspace at once:
 * the second folder makes another workspace of a window, for which the editor restarts all extensions. Who wants that can have it.
 */
export class RootfsFeature implements vscode.Disposable {
  readonly #list: OpenRootfsList;
  readonly #provider: RootfsProvider;
  readonly #tree: RootfsTree;
  readonly #view: vscode.TreeView<RootfsItem>;
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(private readonly parts: RootfsParts) {
    const { commands, disk, scriptFolder, memory, shared } = parts;
    this.#list = new OpenRootfsList(memory, shared);
    this.#provider = new RootfsProvider({ disk, list: this.#list, scriptFolder });
    this.#tree = new RootfsTree(this.#list, this.#provider);
    this.#view = vscode.window.createTreeView('pi-gen.rootfs', {
      treeDataProvider: this.#tree,
      showCollapseAll: true,
    });
    this.#subscriptions = [
      this.#list,
      this.#provider,
      this.#tree,
      this.#view,
      commands.register('pi-gen.browseRootfs', (path) => this.#browse(pathOfArgument(path))),
      commands.register('pi-gen.refreshRootfs', () => this.#refresh()),
      commands.register('pi-gen.closeRootfs', (item) => this.#close(rootfsOf(item))),
      commands.register('pi-gen.addRootfsToWorkspace', (item) => this.#addToWorkspace(rootfsOf(item))),
    ];
    void this.#showView();
  }

  get fileSystem(): RootfsFileSystem {
    return this.#provider;
  }

  /** Resolves when the engine has nothing left of what was looked at. */
  async letGo(): Promise<void> {
    await Promise.all(this.#list.all.map(({ key }) => this.#provider.close(key)));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #showView(): Promise<void> {
    await vscode.commands.executeCommand('setContext', 'pi-gen.hasRootfs', this.#list.all.length > 0);
  }

  async #refresh(): Promise<void> {
    // What a try has so far is seen as it was when that was opened.
    const moving = this.#list.all.filter(({ source }) => source.kind === 'kept' && source.running === true);
    await Promise.all(moving.map(({ key }) => this.#provider.close(key)));
    this.#tree.refresh();
  }

  /** @param path of a stage, or of anything in it; undefined: all that can be looked into are offered */
  async #browse(path: string | undefined): Promise<vscode.Uri | undefined> {
    if (!isTrusted()) return undefined;
    try {
      const choices = await withProgress(
        vscode.l10n.t('Looking for root file systems'),
        (signal) => this.#choices(path, signal),
        vscode.ProgressLocation.Window,
      );
      const choice = await pickOne(choices ?? [], vscode.l10n.t('Root file system to browse'));
      if (choice === undefined) return undefined;
      const rootfs = await this.#list.add(choice.rootfs);
      await this.#showView();
      await this.#view.reveal({ kind: 'root', rootfs }, { select: true, focus: true, expand: true });
      return rootfsUri(rootfs.key);
    } catch (error) {
      if (!(error instanceof BuildProblemError)) this.parts.log.error('No rootfs could be opened', error);
      void vscode.window.showErrorMessage(wordsOf(error));
      return undefined;
    }
  }

  /** Rejects with a BuildProblemError, for one where there is nothing. */
  async #choices(path: string | undefined, signal: AbortSignal): Promise<readonly Choice[]> {
    const { scripts, places } = await lookAround(this.parts, path, signal);
    const wanted = stageAt(this.parts.trees(), path);
    const choices: Choice[] = [];
    for (const { engine, tree, running, ended, volume, stages, tried } of places) {
      const at = { root: tree.root, engine: engine.label };
      for (const build of [...running, ...ended]) {
        const container = { id: build.id, name: build.plan.container.name, work: workFolderOf(build.plan) };
        for (const stage of await stagesOfContainer(engine, container, scripts, signal)) {
          choices.push(
            choiceOf(at, containerText(build), {
              kind: 'container',
              container: container.id,
              name: container.name,
              work: container.work,
              stage,
            }),
          );
        }
      }
      if (volume === undefined) continue;
      for (const stage of tried) {
        const source = { kind: 'kept', ...volume, ...stage, failed: false, running: true } as const;
        const text = vscode.l10n.t('as a try that is under way has it at the moment of opening');
        choices.push(choiceOf(at, text, source));
      }
      for (const kept of stages) {
        const { record, stage, state } = kept;
        choices.push(
          choiceOf(at, keptText(kept), {
            kind: 'kept',
            ...volume,
            record,
            stage,
            failed: state === 'failed',
          }),
        );
      }
    }
    const fitting = choices.filter(({ rootfs }) => wanted === undefined || rootfs.source.stage === wanted);
    if (fitting.length > 0) return fitting;
    if (places.some(isBeingTried)) throw new BuildProblemError(triedTooEarly);
    throw wanted === undefined ? new BuildProblemError(nothingKept) : nothingKeptOf(wanted);
  }

  async #close(rootfs: OpenRootfs | undefined): Promise<void> {
    if (rootfs === undefined) return;
    await this.#list.remove(rootfs.key);
    await this.#showView();
    await this.#provider.close(rootfs.key);
  }

  async #addToWorkspace(rootfs: OpenRootfs | undefined): Promise<void> {
    if (rootfs === undefined) return;
    const folders = vscode.workspace.workspaceFolders ?? [];
    if (vscode.workspace.workspaceFile === undefined) {
      const add = vscode.l10n.t('Add Folder');
      const answer = await vscode.window.showWarningMessage(
        vscode.l10n.t('Add the root file system as a second folder of this window?'),
        {
          modal: true,
          detail: vscode.l10n.t(
            'The editor makes a workspace of several folders of it, and restarts all extensions for that. A build that runs goes on.',
          ),
        },
        add,
      );
      if (answer !== add) return;
    }
    await this.#list.share(rootfs);
    vscode.workspace.updateWorkspaceFolders(folders.length, 0, {
      uri: rootfsUri(rootfs.key),
      name: vscode.l10n.t('rootfs of {0}', rootfs.label),
    });
  }
}

function choiceOf(
  at: Pick<OpenRootfs, 'root' | 'engine'>,
  detail: string,
  source: OpenRootfs['source'],
): Choice {
  const label = source.stage;
  return { label, description: baseName(at.root), detail, rootfs: { ...at, source, label, detail } };
}

function stageAt(trees: readonly StageTree[], path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  return trees.flatMap(({ stages }) => stages).find((stage) => isWithin(stage.path, path))?.name;
}

function rootfsOf(item: unknown): OpenRootfs | undefined {
  if (typeof item !== 'object' || item === null || !('kind' in item) || item.kind !== 'root')
    return undefined;
  return (item as Extract<RootfsItem, { kind: 'root' }>).rootfs;
}
