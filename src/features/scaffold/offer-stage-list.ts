import * as vscode from 'vscode';
import { baseName, folderOf, isWithin, relativePath } from '../../pigen/files/path';
import { readText } from '../../pigen/files/read-text';
import { addToConfig, addToWorkflow } from '../../scaffold/add-to-stage-list';
import type { StageListChange } from '../../scaffold/add-to-stage-list';
import { readAssignments } from '../../shell/config-assignments';
import { uriOf } from '../paths';
import type { ScaffoldParts } from './scaffold-parts';

/** Offers to name a new stage in the stage lists of its tree: without, pi-gen passes it over. */
export async function offerStageList(stage: string, parts: ScaffoldParts): Promise<void> {
  const tree = parts.trees().find(({ root }) => isWithin(root, stage));
  const files = [
    ...new Set((tree?.stageLists ?? []).flatMap(({ file }) => (file === undefined ? [] : [file]))),
  ];
  for (const file of files) {
    const change = await changeOf(file, stage, parts);
    if (change === undefined || change.kind === 'unchanged') continue;
    const add = vscode.l10n.t('Add to {0}', baseName(file));
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        '{0} lists the stages to build. Without {1} in it, pi-gen passes the new stage over.',
        baseName(file),
        baseName(stage),
      ),
      add,
    );
    if (answer !== add) continue;
    const document = await vscode.workspace.openTextDocument(uriOf(file));
    const edit = new vscode.WorkspaceEdit();
    for (const { span, text } of change.edits) {
      edit.replace(
        document.uri,
        new vscode.Range(document.positionAt(span.start), document.positionAt(span.end)),
        text,
      );
    }
    await vscode.workspace.applyEdit(edit);
    await document.save();
  }
}

async function changeOf(
  file: string,
  stage: string,
  parts: ScaffoldParts,
): Promise<StageListChange | undefined> {
  const text = await readText(parts.fileSystem, file);
  if (typeof text !== 'string') return undefined;
  if (/\.ya?ml$/.test(file)) {
    const repository = folderOf(folderOf(folderOf(file)));
    return addToWorkflow(text, `./${relativePath(repository, stage)}`);
  }
  const inside = folderOf(stage) === folderOf(file);
  return addToConfig(text, readAssignments(text, await parts.parser()), inside ? baseName(stage) : stage);
}
