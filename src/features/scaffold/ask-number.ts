import * as vscode from 'vscode';
import type { NameMessage } from '../../scaffold/stage-names';
import { askText, back, cancelled } from './wizard';
import type { WizardStep } from './wizard';

/**
 * Asks for the number of a sub-stage or step, 0 to 99, and keeps it in `number`.
 *
 * @param taken what is there already that would get the same name; undefined: nothing
 */
export function askNumber(
  prompt: string,
  number: { value: number },
  taken: (number: number) => string | undefined,
): WizardStep {
  return async (place) => {
    const value = String(number.value).padStart(2, '0');
    const answer = await askText(place, { prompt, value, judge: (text) => judge(text, taken) });
    if (answer === back || answer === cancelled) return answer;
    number.value = Number(answer);
    return undefined;
  };
}

function judge(text: string, taken: (number: number) => string | undefined): NameMessage | undefined {
  if (!/^\d{1,2}$/.test(text)) {
    return { severity: 'error', message: vscode.l10n.t('Give a number from 00 to 99.') };
  }
  const there = taken(Number(text));
  return there === undefined
    ? undefined
    : { severity: 'error', message: vscode.l10n.t('{0} exists already.', there) };
}
