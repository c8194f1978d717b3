import * as vscode from 'vscode';
import { uriOf } from '../paths';
import type { ViewHistory } from './view-history';

/** A marker as it shall be: with this text, or, where that is undefined, not there. */
export interface Marker {
  readonly path: string;
  readonly text: string | undefined;
}

/** Writes and removes the small files by which build.sh is told what to do with a stage or sub-stage. */
export class Markers {
  constructor(private readonly history: ViewHistory) {}

  /** All of it is one act, which can be undone. @param title for people: `Skip stage-x` */
  async change(title: string, wanted: readonly Marker[]): Promise<void> {
    const before: Marker[] = [];
    for (const { path } of wanted) before.push({ path, text: await textOf(path) });
    if (await write(wanted)) this.history.add(title, () => takeBack(wanted, before));
    else await vscode.window.showErrorMessage(vscode.l10n.t('This could not be done: {0}.', title));
  }
}

/** Only where the markers are still as they were left. */
async function takeBack(left: readonly Marker[], before: readonly Marker[]): Promise<boolean> {
  for (const { path, text } of left) if ((await textOf(path)) !== text) return false;
  return write(before);
}

async function write(markers: readonly Marker[]): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  for (const { path, text } of markers) {
    if (text === undefined) edit.deleteFile(uriOf(path), { ignoreIfNotExists: true });
    else edit.createFile(uriOf(path), { contents: new TextEncoder().encode(text), ignoreIfExists: true });
  }
  return vscode.workspace.applyEdit(edit);
}

/** Undefined where there is no such file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uriOf(path)));
  } catch {
    return undefined;
  }
}
