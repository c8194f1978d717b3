import * as vscode from 'vscode';
import type { NameMessage } from '../../scaffold/stage-names';
import { askText, back, cancelled } from './wizard';
import type { WizardStep } from './wizard';

/** Asks for the number of a sub-stage or step, 0 to 99, and keeps it in `number`. */
export function askNumber(prompt: string, number: { value: number }): WizardStep {
  return async (place) => {
    const value = String(number.value).padStart(2, '0');
    const answer = await askText(place, { prompt, value, judge });
    if (answer === back || answer === cancelled) return answer;
    number.value = Number(answer);
    return undefined;
  };
}

function judge(text: string): NameMessage | undefined {
  if (/^\d{1,2}$/.test(text)) return undefined;
  return { severity: 'error', message: vscode.l10n.t('Give a number from 00 to 99.') };
}
