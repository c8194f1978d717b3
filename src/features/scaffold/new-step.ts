import * as vscode from 'vscode';
import { baseName, folderOf } from '../../pigen/files/path';
import type { StepKind } from '../../pigen/tree/stage-tree';
import { stepName } from '../../pigen/tree/step-names';
import { freeNumber } from '../../scaffold/free-number';
import { newStep } from '../../scaffold/stage-template';
import type { NewFile } from '../../scaffold/stage-template';
import { askNumber } from './ask-number';
import { pickSubStage } from './pick-place';
import type { ScaffoldParts } from './scaffold-parts';
import { stepChoices } from './sub-stage-content';
import { askPick, back, cancelled, runWizard } from './wizard';
import type { WizardStep } from './wizard';
import { writeFiles } from './write-files';

/** `Pi-gen: New Step…`. @param given a path in the sub-stage to write it into */
export async function makeStep(given: string | undefined, parts: ScaffoldParts): Promise<void> {
  const subStage = await pickSubStage(parts.trees(), given);
  if (subStage === undefined) return;
  const entries = await parts.fileSystem.readFolder(subStage).catch(() => []);
  const number = { value: freeNumber(entries.map(({ name }) => name)) ?? 99 };
  let kind: StepKind = 'run';
  const askKind: WizardStep = async (place) => {
    const choices = stepChoices(String(number.value).padStart(2, '0'));
    const answer = await askPick(place, vscode.l10n.t('Kind of step'), choices, kind);
    if (answer === back || answer === cancelled) return answer;
    kind = answer;
    return undefined;
  };
  const prompt = vscode.l10n.t(
    'Its number: pi-gen runs the steps of a sub-stage by number, and those of one number in the order debconf, packages-nr, packages, patches, run, run-chroot',
  );
  const taken = (value: number): string | undefined => {
    const name = stepName(String(value).padStart(2, '0'), kind);
    return entries.find((entry) => entry.name === name)?.name;
  };
  const files = (): readonly NewFile[] => newStep(kind, number.value, baseName(folderOf(subStage)));

  const answered = await runWizard(vscode.l10n.t('New Step'), () => [
    askKind,
    askNumber(prompt, number, taken),
    parts.preview.step(baseName(subStage), files),
  ]);
  if (answered) await writeFiles(subStage, files());
}
