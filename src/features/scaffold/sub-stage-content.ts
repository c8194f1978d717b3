import * as vscode from 'vscode';
import type { StepKind } from '../../pigen/tree/stage-tree';
import { stepName } from '../../pigen/tree/step-names';
import { validateSubStageName } from '../../scaffold/stage-names';
import { stepsOf } from '../../scaffold/stage-template';
import type { NewFile, NewSubStage } from '../../scaffold/stage-template';
import { templates } from '../../scaffold/templates/index';
import type { Template } from '../../scaffold/templates/template';
import { OfferedAnswer } from './offered-answer';
import { TemplateAnswers } from './template-steps';
import { askMany, askPick, askText, back, cancelled } from './wizard';
import type { Left, StepPlace, WizardStep } from './wizard';

const stepDetails: readonly { readonly kind: StepKind; readonly detail: string }[] = [
  { kind: 'packages', detail: vscode.l10n.t('Packages that apt installs in the image') },
  { kind: 'run', detail: vscode.l10n.t('A script on the build host, for copying files into the image') },
  { kind: 'run-chroot', detail: vscode.l10n.t('A script inside the image, for its own commands') },
  { kind: 'packages-nr', detail: vscode.l10n.t('Packages without those that they only recommend') },
  { kind: 'debconf', detail: vscode.l10n.t('Answers to the questions of packages') },
  { kind: 'patches', detail: vscode.l10n.t('Patches of files in the image') },
];

/** The kinds of step as choices, for a step of that number. */
export function stepChoices(
  number: string,
): readonly { readonly label: string; readonly detail: string; readonly value: StepKind }[] {
  return stepDetails.map(({ kind, detail }) => ({ label: stepName(number, kind), detail, value: kind }));
}

/** What a new sub-stage holds, as a wizard asks for it: a common job, or steps to be filled in. */
export class SubStageContent {
  #template: Template | undefined;
  #answers: TemplateAnswers | undefined;
  #kinds: readonly StepKind[] = ['packages', 'run', 'run-chroot'];
  readonly #name = new OfferedAnswer(
    () => this.#template?.subStageName(this.#answers?.values ?? {}) ?? 'install',
  );

  /** @param number of the sub-stage */
  constructor(private readonly number: () => number) {}

  get steps(): readonly WizardStep[] {
    const own: WizardStep = (place) => this.#askKinds(place);
    return [
      (place) => this.#askTemplate(place),
      ...(this.#answers === undefined ? [own] : this.#answers.steps),
      (place) => this.#askName(place),
    ];
  }

  get subStage(): NewSubStage {
    return { number: this.number(), name: this.#name.value };
  }

  /** Relative to the sub-stage. @param owner the stage's name */
  files(owner: string): readonly NewFile[] {
    return this.#answers === undefined ? stepsOf(this.#kinds, owner) : this.#answers.files;
  }

  async #askTemplate(place: StepPlace): Promise<Left | undefined> {
    const choices = templates.map((template) => ({
      label: template.title,
      detail: template.detail,
      value: template,
    }));
    const own = {
      label: vscode.l10n.t('Steps of your own'),
      detail: vscode.l10n.t('Empty steps of the kinds that you pick, each with an example'),
      value: undefined,
    };
    const answer = await askPick(
      place,
      vscode.l10n.t('What the sub-stage is to do'),
      [own, ...choices],
      this.#template,
    );
    if (answer === back || answer === cancelled) return answer;
    // Gone back to and answered the same, it keeps what was answered after it.
    if (answer === this.#template) return undefined;
    this.#template = answer;
    this.#answers = answer && new TemplateAnswers(answer);
    this.#name.clear();
    return undefined;
  }

  async #askKinds(place: StepPlace): Promise<Left | undefined> {
    const answer = await askMany(place, vscode.l10n.t('Steps to begin with'), stepChoices('00'), this.#kinds);
    if (answer === back || answer === cancelled) return answer;
    this.#kinds = answer;
    return undefined;
  }

  async #askName(place: StepPlace): Promise<Left | undefined> {
    const answer = await askText(place, {
      prompt: vscode.l10n.t('Name of the sub-stage, without the number'),
      value: this.#name.value,
      judge: validateSubStageName,
    });
    if (answer === back || answer === cancelled) return answer;
    this.#name.set(answer);
    return undefined;
  }
}
