import * as vscode from 'vscode';
import { baseName, joinPath } from '../../pigen/files/path';
import { validateStageName } from '../../scaffold/stage-names';
import { newStage } from '../../scaffold/stage-template';
import type { NewFile } from '../../scaffold/stage-template';
import { offerStageList } from './offer-stage-list';
import { pickStageParent } from './pick-place';
import type { ScaffoldParts } from './scaffold-parts';
import { SubStageContent } from './sub-stage-content';
import { askPick, askText, back, cancelled, runWizard } from './wizard';
import type { WizardStep } from './wizard';
import { writeFiles } from './write-files';

/** `Pi-gen: New Stage…`. @param given the folder to write it into */
export async function makeStage(given: string | undefined, parts: ScaffoldParts): Promise<void> {
  const folder = given ?? (await pickStageParent(parts.trees()));
  if (folder === undefined) return;
  const existing = (await parts.fileSystem.readFolder(folder).catch(() => [])).map(({ name }) => name);
  let name = 'stage-';
  let exportImage = true;
  const content = new SubStageContent(() => 0);

  const askName: WizardStep = async (place) => {
    const prompt = vscode.l10n.t('Name of the stage, and of its folder in {0}', baseName(folder));
    const judge = (value: string): ReturnType<typeof validateStageName> => validateStageName(value, existing);
    const answer = await askText(place, { prompt, value: name, judge });
    if (answer === back || answer === cancelled) return answer;
    name = answer;
    return undefined;
  };
  const askExport: WizardStep = async (place) => {
    const prompt = vscode.l10n.t('Write an image after this stage?');
    const answer = await askPick(
      place,
      prompt,
      [
        {
          label: vscode.l10n.t('Yes'),
          detail: vscode.l10n.t('Adds EXPORT_IMAGE: the image has what the stage did'),
          value: true,
        },
        {
          label: vscode.l10n.t('No'),
          detail: vscode.l10n.t('A later stage writes the image'),
          value: false,
        },
      ],
      exportImage,
    );
    if (answer === back || answer === cancelled) return answer;
    exportImage = answer;
    return undefined;
  };
  const files = (): readonly NewFile[] =>
    newStage({ name, exportImage, subStage: content.subStage, steps: [], template: content.files(name) });
  const preview = parts.preview.step(baseName(folder), files);

  const answered = await runWizard(vscode.l10n.t('New Stage'), () => [
    askName,
    ...content.steps,
    askExport,
    preview,
  ]);
  if (answered && (await writeFiles(folder, files()))) await offerStageList(joinPath(folder, name), parts);
}
