import * as vscode from 'vscode';
import { fillTemplate } from '../../scaffold/templates/fill-template';
import type { NewFile } from '../../scaffold/stage-template';
import type { FileTemplate, TemplateInput } from '../../scaffold/templates/template';
import { askPick, askText, back, cancelled } from './wizard';
import type { Left, StepPlace, WizardStep } from './wizard';

/** The questions of a template, and what is answered of them. */
export class TemplateAnswers {
  readonly #values: Record<string, string> = {};

  constructor(
    readonly template: FileTemplate,
    /** Answers to offer in the place of the template's own. */
    private readonly offers: Readonly<Record<string, string>> = {},
  ) {}

  get steps(): readonly WizardStep[] {
    return this.template.inputs.map((input) => (place: StepPlace) => this.#ask(input, place));
  }

  get values(): Readonly<Record<string, string>> {
    return this.#values;
  }

  /** The files for the answers given; none before all are given. */
  get files(): readonly NewFile[] {
    const filled = fillTemplate(this.template, this.#values);
    return filled.ok ? filled.files : [];
  }

  async #ask(input: TemplateInput, place: StepPlace): Promise<Left | undefined> {
    const { name, prompt, choices } = input;
    const given = this.#values[name] ?? this.offers[name] ?? input.default ?? '';
    const answer =
      input.file === true
        ? await askForFile(place, input)
        : choices === undefined
          ? await askText(place, { prompt, value: given, judge: input.judge })
          : await askPick(
              place,
              prompt,
              choices.map(({ value, detail }) => ({ label: value, detail, value })),
              given,
            );
    if (answer === back || answer === cancelled) return answer;
    this.#values[name] = answer;
    return undefined;
  }
}

/** Asks for a file until one is given whose text is taken. @returns its text */
async function askForFile(place: StepPlace, { prompt, judge }: TemplateInput): Promise<string | Left> {
  for (let complaint = ''; ;) {
    const label = vscode.l10n.t('Choose File…');
    const answer = await askPick(place, prompt, [{ label, detail: complaint, value: 'choose' }]);
    if (answer === back || answer === cancelled) return answer;
    const [file] = (await vscode.window.showOpenDialog({ title: prompt, openLabel: label })) ?? [];
    if (file === undefined) continue;
    const text = await textOf(file);
    const found = text === undefined ? undefined : judge(text);
    if (text !== undefined && found?.severity !== 'error') return text;
    complaint = found?.message ?? vscode.l10n.t('{0} cannot be read.', file.fsPath);
  }
}

/** Keys are small; whatever is not, is none. */
const fileLimit = 1024 * 1024;

async function textOf(file: vscode.Uri): Promise<string | undefined> {
  try {
    const { size } = await vscode.workspace.fs.stat(file);
    if (size > fileLimit) return undefined;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return undefined;
  }
}
