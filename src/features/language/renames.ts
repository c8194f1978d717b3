import * as vscode from 'vscode';
import { mentionAt } from '../../language/mentions';
import { judgeNewName, renameEdits, whyNotRenamed } from '../../language/rename';
import { entriesOf } from '../../language/tree-entries';
import type { TreeEntry } from '../../language/tree-entries';
import type { FileSystem } from '../../pigen/files/file-system';
import { relativePath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import type { CommandRegistry } from '../command-registry';
import { pathOf } from '../paths';
import { prepareFix } from '../workspace-edit';
import type { EditedTrees } from './edited-trees';
import { offsetIn, rangeIn } from './ranges';

export interface RenameParts {
  readonly trees: EditedTrees;
  readonly fileSystem: FileSystem;
  readonly parser: () => Promise<BashParser>;
  /** The tree of a file as it was last checked. */
  readonly treeOf: (path: string) => StageTree | undefined;
  /** Resolves once the tree of a file is checked as it is now. */
  readonly settle: (path: string) => Promise<void>;
  readonly commands: CommandRegistry;
}

/**
 * Renames a stage, sub-stage or step with all that names it: by F2 on its name in a config, workflow or script, and by the command
 * `pi-gen.rename`, which takes its path (a string, a Uri, or an object with a `resourceUri`).
 */
export class Renames implements vscode.RenameProvider, vscode.Disposable {
  readonly #command: vscode.Disposable;

  constructor(private readonly parts: RenameParts) {
    this.#command = parts.commands.register('pi-gen.rename', (target: unknown) => this.#ask(target));
  }

  dispose(): void {
    this.#command.dispose();
  }

  /** Rejects where nothing can be renamed, so that the editor asks the next one who might know. */
  async prepareRename(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<{ readonly range: vscode.Range; readonly placeholder: string }> {
    await this.parts.settle(pathOf(document.uri));
    const file = await this.parts.trees.open(document, token);
    const mention = file && mentionAt(file, offsetIn(file, position));
    if (file === undefined || mention === undefined)
      throw new Error(vscode.l10n.t('This names no stage, sub-stage or step.'));
    const kept = whyNotRenamed(file.tree, mention.entry);
    if (kept !== undefined) throw new Error(kept);
    return { range: rangeIn(file, mention.span), placeholder: mention.entry.name };
  }

  async provideRenameEdits(
    document: vscode.TextDocument,
    position: vscode.Position,
    name: string,
    token: vscode.CancellationToken,
  ): Promise<vscode.WorkspaceEdit | undefined> {
    // What was typed last decides which words are names.
    await this.parts.settle(pathOf(document.uri));
    const file = await this.parts.trees.open(document, token);
    const mention = file && mentionAt(file, offsetIn(file, position));
    if (file === undefined || mention === undefined) return undefined;
    const wrong = judgeNewName(file.tree, mention.entry, name);
    if (wrong !== undefined) throw new Error(wrong);
    return this.#edit(file.tree, mention.entry, name, token);
  }

  async #edit(
    tree: StageTree,
    entry: TreeEntry,
    name: string,
    token?: vscode.CancellationToken,
  ): Promise<vscode.WorkspaceEdit | undefined> {
    const stop = new AbortController();
    const cancelled = token?.onCancellationRequested(() => {
      stop.abort();
    });
    try {
      const sources = { fs: this.parts.fileSystem, parser: await this.parts.parser(), signal: stop.signal };
      const edits = await renameEdits(tree, entry, name, sources);
      return prepareFix({ title: vscode.l10n.t('Rename to {0}', name), edits }).edit;
    } catch (error) {
      if (stop.signal.aborted) return undefined;
      throw error;
    } finally {
      cancelled?.dispose();
    }
  }

  async #ask(target: unknown): Promise<void> {
    const path = targetPath(target);
    if (path !== undefined) await this.parts.settle(path);
    const tree = path === undefined ? undefined : this.parts.treeOf(path);
    const entry =
      path === undefined || tree === undefined
        ? undefined
        : await pickEntry(tree, path, target === undefined);
    if (tree === undefined || entry === 'cancelled') return;
    const kept =
      entry === undefined
        ? vscode.l10n.t('This is no stage, sub-stage or step of pi-gen.')
        : whyNotRenamed(tree, entry);
    if (entry === undefined || kept !== undefined) {
      await vscode.window.showWarningMessage(kept ?? '');
      return;
    }
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t('Rename {0}', relativePath(tree.root, entry.path)),
      prompt: vscode.l10n.t(
        'New name. The stage lists, scripts and settings that name it are changed as well.',
      ),
      value: entry.name,
      valueSelection: [entry.kind === 'stage' ? 0 : selectionStart(entry.name), entry.name.length],
      ignoreFocusOut: true,
      validateInput: (value) => (value === entry.name ? undefined : judgeNewName(tree, entry, value)),
    });
    if (name === undefined || name === entry.name) return;
    const edit = await this.#edit(tree, entry, name);
    if (edit !== undefined && !(await vscode.workspace.applyEdit(edit, { isRefactoring: true }))) {
      await vscode.window.showErrorMessage(vscode.l10n.t('{0} could not be renamed.', entry.name));
    }
  }
}

/** Behind the digits and the hyphen, which give the order. */
function selectionStart(name: string): number {
  return /^\d\d-/.exec(name)?.[0].length ?? 0;
}

/** What a tree view, the Explorer or another extension hands over; without that, the file in front. */
function targetPath(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (target instanceof vscode.Uri) return pathOf(target);
  if (typeof target === 'object' && target !== null && 'resourceUri' in target)
    return targetPath(target.resourceUri);
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === 'file' ? pathOf(document.uri) : undefined;
}

/** The entry of a path; where only a file is in front, the user says whether it, its sub-stage or its stage is meant. */
async function pickEntry(
  tree: StageTree,
  path: string,
  asks: boolean,
): Promise<TreeEntry | 'cancelled' | undefined> {
  const entries = entriesOf(tree);
  if (!asks) return entries.get(path);
  const around = [...entries.values()].filter(
    (entry) => path === entry.path || path.startsWith(`${entry.path}/`),
  );
  const offered = around.filter((entry) => whyNotRenamed(tree, entry) === undefined).reverse();
  if (offered.length === 0) return around.at(-1);
  const picked = await vscode.window.showQuickPick(
    offered.map((entry) => ({ label: entry.name, description: kindName(entry), entry })),
    {
      title: vscode.l10n.t('Rename'),
      placeHolder: vscode.l10n.t('What is to be renamed?'),
      ignoreFocusOut: true,
    },
  );
  return picked?.entry ?? 'cancelled';
}

function kindName({ kind }: TreeEntry): string {
  switch (kind) {
    case 'stage':
      return vscode.l10n.t('stage');
    case 'sub-stage':
      return vscode.l10n.t('sub-stage');
    case 'step':
    case 'postrun':
      return vscode.l10n.t('step');
  }
}
