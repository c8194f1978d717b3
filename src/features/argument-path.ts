import * as vscode from 'vscode';
import { pathOf } from './paths';
import { isNode, pathOfNode } from './stages-view/nodes';

/**
 * The path that a command is called with: from the Explorer as a Uri, from the Stages view as one of its lines, from
 * elsewhere as an absolute path. Undefined where it is called without, as from the palette.
 */
export function pathOfArgument(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  if (given instanceof vscode.Uri) return pathOf(given);
  return isNode(given) ? pathOfNode(given) : undefined;
}
