import * as vscode from 'vscode';
import type { FileSystem } from '../../pigen/files/file-system';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { CheckResult } from '../../rules/checker';
import type { BashParser } from '../../shell/bash-parser';
import type { CommandRegistry } from '../command-registry';
import { pathOf } from '../paths';
import { DragAndDrop } from './drag-and-drop';
import { focusedLine } from './focused-line';
import { imageNames } from './image-names';
import type { Node } from './nodes';
import { registerStageCommands } from './stage-commands';
import { StagesProvider } from './stages-provider';
import { SpokenProblems } from './spoken-problems';
import type { StepStates } from './step-states';

export interface StagesViewParts {
  readonly fileSystem: FileSystem;
  readonly parser: () => Promise<BashParser>;
  readonly results: () => readonly CheckResult[];
  readonly onDidCheck: vscode.Event<CheckResult>;
  readonly onDidLeave: vscode.Event<string>;
  readonly states: StepStates;
  readonly commands: CommandRegistry;
}

/** Typing changes no line of the view: many checks in a row are shown once. Milliseconds. */
const settleTime = 100;

/** The Stages view of the Explorer: what pi-gen would run, in its order, and what a build makes of it. */
export class StagesView implements vscode.Disposable {
  readonly #names = new Map<string, ReadonlyMap<string, string>>();
  readonly #problems = new SpokenProblems();
  readonly #provider: StagesProvider;
  readonly #view: vscode.TreeView<Node>;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #timer: NodeJS.Timeout | undefined;
  #shown: readonly StageTree[] = [];

  constructor(private readonly parts: StagesViewParts) {
    const { states } = parts;
    this.#provider = new StagesProvider({
      stateOf: (path) => states.get(path),
      lastDuration: (path) => states.lastDuration(path),
      imageNameOf: (path) => {
        for (const names of this.#names.values()) {
          const name = names.get(path);
          if (name !== undefined) return name;
        }
        return undefined;
      },
      problemsOf: (path) => this.#problems.textOf(path),
    });
    const view = vscode.window.createTreeView('pi-gen.stages', {
      treeDataProvider: this.#provider,
      dragAndDropController: new DragAndDrop(this.#provider),
      showCollapseAll: true,
    });
    this.#view = view;
    this.#subscriptions = [
      view,
      this.#provider,
      ...registerStageCommands(parts.commands, () => focusedLine(view)),
      parts.onDidCheck(() => {
        this.#showSoon();
      }),
      parts.onDidLeave((root) => {
        this.#names.delete(root);
        this.#showSoon();
      }),
      states.onDidChange((paths) => {
        this.#provider.redraw(paths);
      }),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        this.#problems.forget();
        if (view.visible) this.#provider.redraw(this.#problems.changedIn(uris));
      }),
      view.onDidChangeVisibility(() => {
        this.#showSoon();
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor === undefined || !view.visible || editor.document.uri.scheme !== 'file') return;
        const node = this.#provider.find(pathOf(editor.document.uri));
        if (node !== undefined) void view.reveal(node, { select: true, focus: false });
      }),
    ];
    this.#showSoon();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #showSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#show();
    }, settleTime);
  }

  async #show(): Promise<void> {
    const results = this.parts.results();
    const errors = results.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'error'));
    this.#view.badge =
      errors.length === 0
        ? undefined
        : {
            value: errors.length,
            tooltip:
              errors.length === 1
                ? vscode.l10n.t('1 error in stages')
                : vscode.l10n.t('{0} errors in stages', errors.length),
          };
    const trees = results.map(({ tree }) => tree);
    // A check after key presses in a script keeps the tree that it had.
    const isShown = trees.length === this.#shown.length && trees.every((tree, i) => tree === this.#shown[i]);
    if (!this.#view.visible || isShown) return;
    this.#shown = trees;
    for (const tree of trees)
      this.#names.set(tree.root, await imageNames(tree, this.parts.fileSystem, this.parts.parser));
    this.#provider.show(trees);
  }
}
