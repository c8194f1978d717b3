import * as vscode from 'vscode';
import { joinPath } from '../../pigen/files/path';
import type { NewFile } from '../../scaffold/stage-template';
import { NodeStageWriter, writeStage } from '../../scaffold/write-stage';
import { uriOf } from '../paths';

/**
 * Writes files below a folder and opens the one to begin with. Tells the user where that cannot be done.
 * @returns whether they are written
 */
export async function writeFiles(folder: string, files: readonly NewFile[]): Promise<boolean> {
  try {
    const result = await writeStage(new NodeStageWriter(), folder, files);
    if (result.kind === 'exists') {
      await vscode.window.showErrorMessage(
        vscode.l10n.t('{0} exists already; nothing was written.', result.path),
      );
      return false;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await vscode.window.showErrorMessage(vscode.l10n.t('The files could not be written: {0}', reason));
    return false;
  }
  const isScript = ({ path }: NewFile): boolean => path.endsWith('.sh') && !path.endsWith('prerun.sh');
  const first = files.find(isScript) ?? files[0];
  if (first !== undefined) await vscode.window.showTextDocument(uriOf(joinPath(folder, first.path)));
  return true;
}
