import type * as vscode from 'vscode';
import type { CommandRegistry } from '../command-registry';
import { isMovable } from './drag-and-drop';
import type { DragAndDrop } from './drag-and-drop';
import { childrenOf, idOf, isNode } from './nodes';
import type { Node } from './nodes';
import type { StagesProvider } from './stages-provider';

export interface MoveParts {
  readonly commands: CommandRegistry;
  readonly provider: StagesProvider;
  readonly moves: DragAndDrop;
  /** The line that a key press is about: unlike a menu, it hands over none. */
  readonly focused: () => Promise<Node | undefined>;
  /** Puts the focus on the line of a path, once there is one. */
  readonly focusOn: (path: string) => void;
}

/** What dragging does, for those who use keys: a sub-stage or step goes before or behind its neighbour. */
export function registerMoveCommands(parts: MoveParts): readonly vscode.Disposable[] {
  const register = (name: string, by: -1 | 1): vscode.Disposable =>
    parts.commands.register(name, async (given: unknown) => {
      const node = isNode(given) ? given : await parts.focused();
      const target = node === undefined ? undefined : targetOf(node, by, parts.provider);
      const path =
        node === undefined || target === undefined ? undefined : await parts.moves.move(node, target);
      if (path !== undefined) parts.focusOn(path);
    });
  return [register('pi-gen.moveUp', -1), register('pi-gen.moveDown', 1)];
}

/** What a line is to be dropped on, to change places with the one beside it; undefined at either end. */
function targetOf(node: Node, by: -1 | 1, provider: StagesProvider): Node | undefined {
  const parent = provider.getParent(node);
  if (parent === undefined || !isMovable(node)) return undefined;
  const siblings = childrenOf(parent).filter((one) => one.kind === node.kind && isMovable(one));
  const index = siblings.findIndex((one) => idOf(one) === idOf(node));
  if (siblings[index + by] === undefined) return undefined;
  return by < 0 ? siblings[index - 1] : (siblings[index + 2] ?? parent);
}
