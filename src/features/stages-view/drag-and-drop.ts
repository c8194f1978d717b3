import * as vscode from 'vscode';
import { baseName, folderOf, joinPath } from '../../pigen/files/path';
import { moveEntry } from '../../scaffold/move-entry';
import type { Rename } from '../../scaffold/move-entry';
import { uriOf } from '../paths';
import { pathOfNode } from './nodes';
import type { Node } from './nodes';
import type { StagesProvider } from './stages-provider';
import type { ViewHistory } from './view-history';

const type = 'application/vnd.code.tree.pi-gen.stages';

/** Sub-stages and steps are moved by dragging them: their numbers, which are their order, follow. */
export class DragAndDrop implements vscode.TreeDragAndDropController<Node> {
  readonly dragMimeTypes = [type];
  readonly dropMimeTypes = [type];

  constructor(
    private readonly provider: StagesProvider,
    private readonly history: ViewHistory,
  ) {}

  handleDrag(nodes: readonly Node[], transfer: vscode.DataTransfer): void {
    const paths = nodes.flatMap((node) => (isMovable(node) ? [pathOfNode(node)] : []));
    transfer.set(type, new vscode.DataTransferItem(paths));
  }

  async handleDrop(target: Node | undefined, transfer: vscode.DataTransfer): Promise<void> {
    const paths = transfer.get(type)?.value as readonly string[] | undefined;
    const [path] = paths ?? [];
    const moved = path === undefined ? undefined : this.provider.find(path);
    if (moved === undefined || target === undefined) return;
    await this.move(moved, target);
  }

  /** Moves a sub-stage or step before another of its kind, or behind all in what holds such. Gives its path then; undefined where it stays. */
  async move(moved: Node, target: Node): Promise<string | undefined> {
    const path = pathOfNode(moved);
    const place = this.#placeOf(moved, target);
    if (path === undefined || place === undefined || !isMovable(moved)) return undefined;
    const kind = moved.kind === 'step' ? 'step' : 'sub-stage';
    const move = moveEntry(place.names, baseName(path), place.before, kind);
    if (!move.ok) {
      void vscode.window.showWarningMessage(move.message);
      return undefined;
    }
    const own = move.renames.find(({ from }) => from === baseName(path));
    const others = move.renames.filter((one) => one !== own);
    const destination = joinPath(place.folder, own?.to ?? baseName(path));
    const isNewcomer = folderOf(path) !== place.folder;
    const renames = [
      ...(isNewcomer ? others : move.renames).map(({ from, to }) => ({
        from: joinPath(place.folder, from),
        to: joinPath(place.folder, to),
      })),
      ...(isNewcomer ? [{ from: path, to: destination }] : []),
    ];
    if (renames.length === 0 || !(await renameAll(renames))) return undefined;
    const back = renames.toReversed().map(({ from, to }) => ({ from: to, to: from }));
    this.history.add(vscode.l10n.t('Move {0}', baseName(path)), () => renameAll(back));
    return destination;
  }

  #placeOf(moved: Node, target: Node): DropPlace | undefined {
    if (moved.kind === 'sub-stage') {
      const stage = target.kind === 'sub-stage' || target.kind === 'stage' ? target.stage : undefined;
      if (stage === undefined) return undefined;
      const numbered = stage.subStages.filter(({ name }) => /^\d\d-/.test(name));
      const before = target.kind === 'sub-stage' ? target.subStage.name : undefined;
      return { folder: stage.path, names: namesOf(numbered), before };
    }
    const owner = target.kind === 'step' ? this.provider.getParent(target) : target;
    if (owner?.kind !== 'sub-stage') return undefined;
    const before = target.kind === 'step' && isNumbered(target) ? target.item.name : undefined;
    return { folder: owner.subStage.path, names: namesOf(owner.subStage.steps), before };
  }
}

/** One by one: the editor refuses a rename to a name that is free only once another one is done. */
async function renameAll(renames: readonly Rename[]): Promise<boolean> {
  for (const { from, to } of renames) if (!(await rename(from, to))) return false;
  return true;
}

/** @returns whether it was done; where not, the user is told */
async function rename(from: string, to: string): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  edit.renameFile(uriOf(from), uriOf(to));
  const done = await vscode.workspace.applyEdit(edit);
  if (!done) {
    await vscode.window.showErrorMessage(
      vscode.l10n.t('{0} could not be renamed to {1}.', baseName(from), baseName(to)),
    );
  }
  return done;
}

/** Sub-stages, and steps of them: all else has its place by its name. */
export function isMovable(node: Node): boolean {
  return node.kind === 'sub-stage' || (node.kind === 'step' && isNumbered(node));
}

function isNumbered(node: Node): boolean {
  return node.kind === 'step' && !['entry', 'prerun', 'postrun', 'upstream-stage'].includes(node.item.kind);
}

interface DropPlace {
  readonly folder: string;
  readonly names: readonly string[];
  readonly before: string | undefined;
}

function namesOf(entries: readonly { readonly name: string }[]): readonly string[] {
  return entries.map(({ name }) => name);
}
