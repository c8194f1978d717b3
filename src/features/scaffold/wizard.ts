import * as vscode from 'vscode';
import type { NameMessage } from '../../scaffold/stage-names';

/** The user left the wizard. */
export const cancelled = Symbol('cancelled');
/** The user went back to the question before. */
export const back = Symbol('back');

export type Left = typeof cancelled | typeof back;

/** Where a question stands in its wizard. */
export interface StepPlace {
  readonly title: string;
  /** 1-based. */
  readonly step: number;
  readonly steps: number;
}

/** One question. It keeps its answer itself, so that it can offer that again when the user comes back. */
export type WizardStep = (place: StepPlace) => Promise<Left | undefined>;

/**
 * Asks one question after the other, back and forth. `steps` is asked anew after each, since answers lead to other
 * questions. Resolves to whether all are answered.
 */
export async function runWizard(title: string, steps: () => readonly WizardStep[]): Promise<boolean> {
  for (let index = 0; ;) {
    const all = steps();
    const ask = all[index];
    if (ask === undefined) return true;
    const left = await ask({ title, step: index + 1, steps: all.length });
    if (left === cancelled) return false;
    index += left === back ? -1 : 1;
  }
}

export interface TextQuestion {
  readonly prompt: string;
  readonly value: string;
  /** What is to be said of a value: an error keeps it from being taken. */
  readonly judge: (value: string) => NameMessage | undefined;
}

/** Asks for one line of text. */
export function askText(place: StepPlace, { prompt, value, judge }: TextQuestion): Promise<string | Left> {
  const box = vscode.window.createInputBox();
  box.prompt = prompt;
  box.value = value;
  box.valueSelection = [value.length, value.length];
  const validate = (): boolean => {
    const found = judge(box.value);
    box.validationMessage = found && {
      message: found.message,
      severity:
        found.severity === 'error'
          ? vscode.InputBoxValidationSeverity.Error
          : vscode.InputBoxValidationSeverity.Info,
    };
    return found?.severity !== 'error';
  };
  return answerOf(box, place, (resolve) => [
    // An untouched value is not complained of.
    box.onDidChangeValue(validate),
    box.onDidAccept(() => {
      if (validate()) resolve(box.value);
    }),
  ]);
}

export interface Choice<Value> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value: Value;
}

/** Asks for one of several values; `given` is the one that is offered first. */
export function askPick<Value>(
  place: StepPlace,
  prompt: string,
  choices: readonly Choice<Value>[],
  given?: Value,
): Promise<Value | Left> {
  const pick = vscode.window.createQuickPick<Choice<Value>>();
  pick.placeholder = prompt;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = choices;
  pick.activeItems = choices.filter(({ value }) => value === given);
  return answerOf(pick, place, (resolve) => [
    pick.onDidAccept(() => {
      const [item] = pick.activeItems;
      if (item !== undefined) resolve(item.value);
    }),
  ]);
}

/** Asks for one or more values; those in `given` are picked at first. */
export function askMany<Value>(
  place: StepPlace,
  prompt: string,
  choices: readonly Choice<Value>[],
  given: readonly Value[],
): Promise<readonly Value[] | Left> {
  const pick = vscode.window.createQuickPick<Choice<Value>>();
  pick.placeholder = prompt;
  pick.canSelectMany = true;
  pick.items = choices;
  pick.selectedItems = choices.filter(({ value }) => given.includes(value));
  return answerOf(pick, place, (resolve) => [
    pick.onDidAccept(() => {
      if (pick.selectedItems.length > 0) resolve(pick.selectedItems.map(({ value }) => value));
      else pick.placeholder = vscode.l10n.t('Pick at least one.');
    }),
  ]);
}

/** Shows a question until `listen` resolves it, the user goes back, or leaves. */
export async function answerOf<Answer>(
  input: vscode.QuickInput & {
    buttons: readonly vscode.QuickInputButton[];
    readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
  },
  { title, step, steps }: StepPlace,
  listen: (resolve: (answer: Answer | Left) => void) => readonly vscode.Disposable[],
): Promise<Answer | Left> {
  input.title = `${title} (${step}/${steps})`;
  input.ignoreFocusOut = true;
  if (step > 1) input.buttons = [vscode.QuickInputButtons.Back];
  const subscriptions: vscode.Disposable[] = [];
  try {
    return await new Promise<Answer | Left>((resolve) => {
      subscriptions.push(
        ...listen(resolve),
        input.onDidTriggerButton((button) => {
          if (button === vscode.QuickInputButtons.Back) resolve(back);
        }),
        input.onDidHide(() => {
          resolve(cancelled);
        }),
      );
      input.show();
    });
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
    input.dispose();
  }
}
