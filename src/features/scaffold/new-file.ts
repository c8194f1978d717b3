import * as vscode from 'vscode';
import { baseName, relativePath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { FileTemplate } from '../../scaffold/templates/template';
import { pickRootFolder } from './pick-place';
import type { ScaffoldParts } from './scaffold-parts';
import { TemplateAnswers } from './template-steps';
import { runWizard } from './wizard';
import { writeFiles } from './write-files';

/** `Pi-gen: New Config…` and `Pi-gen: New Workflow…`. @param given the folder to write it into */
export async function makeFile(
  template: FileTemplate,
  given: string | undefined,
  parts: ScaffoldParts,
): Promise<void> {
  const { title } = template;
  const folder =
    given ?? (await pickRootFolder(parts.trees(), vscode.l10n.t('Folder to write the {0} into', title)));
  if (folder === undefined) return;
  const tree = parts.trees().find(({ root }) => root === folder);
  const stages = stageListOf(tree, template.id === 'workflow');
  const answers = new TemplateAnswers(template, stages === undefined ? {} : { stages });
  const answered = await runWizard(vscode.l10n.t('New {0}', title), () => [
    ...answers.steps,
    parts.preview.step(baseName(folder), () => answers.files),
  ]);
  if (answered) await writeFiles(folder, answers.files);
}

/** pi-gen's first three stages, which make the smallest system, and all of one's own. */
function stageListOf(tree: StageTree | undefined, asPaths: boolean): string | undefined {
  if (tree === undefined) return undefined;
  const own = tree.stages.filter(({ name, role }) => role === 'stage' && !/^stage[0-5]$/.test(name));
  const names = own.map(({ name, path }) => (asPaths ? `./${relativePath(tree.root, path)}` : name));
  return ['stage0', 'stage1', 'stage2', ...names].join(' ');
}
