import * as vscode from 'vscode';
import { baseName } from '../../pigen/files/path';
import { freeNumber } from '../../scaffold/free-number';
import { newSubStage, subStageFolder } from '../../scaffold/stage-template';
import type { NewFile } from '../../scaffold/stage-template';
import { askNumber } from './ask-number';
import { pickStage } from './pick-place';
import type { ScaffoldParts } from './scaffold-parts';
import { SubStageContent } from './sub-stage-content';
import { runWizard } from './wizard';
import { writeFiles } from './write-files';

/** `Pi-gen: New Sub-stage…`. @param given a path in the stage to write it into */
export async function makeSubStage(given: string | undefined, parts: ScaffoldParts): Promise<void> {
  const stage = await pickStage(parts.trees(), given);
  if (stage === undefined) return;
  const entries = await parts.fileSystem.readFolder(stage).catch(() => []);
  const number = { value: freeNumber(entries.map(({ name }) => name)) ?? 99 };
  const content = new SubStageContent(() => number.value);
  const files = (): readonly NewFile[] => newSubStage(content.subStage, content.files(baseName(stage)));
  const taken = (value: number): string | undefined => {
    const folder = subStageFolder({ ...content.subStage, number: value });
    return entries.find(({ name }) => name === folder)?.name;
  };
  const prompt = vscode.l10n.t(
    'Its number: pi-gen runs the sub-stages of a stage in the order of their names',
  );

  const answered = await runWizard(vscode.l10n.t('New Sub-stage'), () => [
    ...content.steps,
    askNumber(prompt, number, taken),
    parts.preview.step(baseName(stage), files),
  ]);
  if (answered) await writeFiles(stage, files());
}
