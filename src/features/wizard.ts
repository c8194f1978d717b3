import * as vscode from 'vscode';

/** The user left the wizard. */
export const cancelled = Symbol('cancelled');

interface InputStep {
  readonly title: string;
  /** 1-based. */
  readonly step: number;
  readonly steps: number;
  readonly prompt: string;
  readonly value: string;
  /** What is to be said of a value: an error keeps it from being taken. */
  readonly judge: (
    value: string,
  ) => { readonly severity: 'error' | 'information'; readonly message: string } | undefined;
}

/** Asks for one line of text. */
export async function inputStep({
  title,
  step,
  steps,
  prompt,
  value,
  judge,
}: InputStep): Promise<string | typeof cancelled> {
  const given = await vscode.window.showInputBox({
    title: `${title} (${step}/${steps})`,
    prompt,
    value,
    valueSelection: [value.length, value.length],
    ignoreFocusOut: true,
    validateInput: (text) => {
      const found = judge(text);
      if (found === undefined) return undefined;
      const severity =
        found.severity === 'error'
          ? vscode.InputBoxValidationSeverity.Error
          : vscode.InputBoxValidationSeverity.Info;
      return { message: found.message, severity };
    },
  });
  return given ?? cancelled;
}

/** Asks for one of several values. */
export async function pickStep<Value>(
  title: string,
  placeHolder: string,
  choices: readonly { readonly label: string; readonly detail: string; readonly value: Value }[],
): Promise<Value | typeof cancelled> {
  const picked = await vscode.window.showQuickPick(choices, { title, placeHolder, ignoreFocusOut: true });
  return picked === undefined ? cancelled : picked.value;
}
