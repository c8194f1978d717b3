import * as vscode from 'vscode';
import type { BuildState, StepState } from '../../build/timeline/build-states';
import { shownDuration } from '../../build/timeline/timeline-words';
import { timelineWords } from '../timeline/timeline-words';

/** What builds do with a file or folder, or did last, in the forms in which a line of the view says it. */
export interface StateWords {
  /** What is said of several builds comes before all else: it is what changes. */
  readonly first: readonly string[];
  readonly description: readonly string[];
  readonly tooltip: readonly string[];
  readonly spoken: readonly string[];
}

/** @param last milliseconds that it took when it last came to its end */
export function stateWords(states: readonly BuildState[], last: number | undefined): StateWords {
  const before = lastDurationText(last);
  const [first] = states;
  const usual = before === '' ? [] : [before];
  if (first === undefined) return { first: [], description: usual, tooltip: [], spoken: usual };
  const tooltip = states.map(({ variant, step }) =>
    step.state === 'running'
      ? vscode.l10n.t('Build with {0}: running', variant)
      : vscode.l10n.t('Last build with {0}: {1}', variant, told(step)),
  );
  if (first.beside) {
    const each = eachTold(states);
    return { first: each, description: [], tooltip, spoken: each };
  }
  const { step } = first;
  const duration = step.state === 'done' ? [shownDuration(step.milliseconds, timelineWords())] : usual;
  return { first: [], description: duration, tooltip, spoken: [spokenState(step), ...duration] };
}

/** `failed: config-lite`, `running: config-full, config-lite`: what is cut off where there is little room are the names. */
function eachTold(states: readonly BuildState[]): readonly string[] {
  const variants = new Map<string, string[]>();
  for (const { variant, step } of states) {
    const state = told(step);
    variants.set(state, [...(variants.get(state) ?? []), variant]);
  }
  return [...variants].map(([state, names]) => vscode.l10n.t('{0}: {1}', state, names.join(', ')));
}

/** How long a step took before: `last 3 s`. Empty where that is not known. */
export function lastDurationText(last: number | undefined): string {
  return last === undefined ? '' : vscode.l10n.t('last {0}', shownDuration(last, timelineWords()));
}

/** The icon of what is most to be seen: that one build failed here, then that one is at it. */
export function stateIcon(states: readonly BuildState[]): vscode.ThemeIcon | undefined {
  const has = (wanted: StepState['state']): boolean => states.some(({ step }) => step.state === wanted);
  if (has('failed')) return new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
  if (has('running')) return new vscode.ThemeIcon('sync~spin');
  return has('done') ? new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed')) : undefined;
}

function told(step: StepState): string {
  switch (step.state) {
    case 'running':
      return vscode.l10n.t('running');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'done':
      return shownDuration(step.milliseconds, timelineWords());
  }
}

function spokenState({ state }: StepState): string {
  switch (state) {
    case 'running':
      return vscode.l10n.t('running');
    case 'done':
      return vscode.l10n.t('done in the last build');
    case 'failed':
      return vscode.l10n.t('failed in the last build');
  }
}
