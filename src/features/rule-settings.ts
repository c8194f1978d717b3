import * as vscode from 'vscode';
import type { RuleLevel, RuleLevels } from '../rules/control/rule-level';
import { ruleLevelOf } from '../rules/control/rule-level';

/** What the setting `pi-gen.rules` says for a folder. Values that it does not know are passed over: the editor marks them. */
export function readRuleLevels(folder: vscode.Uri): RuleLevels {
  const given = vscode.workspace.getConfiguration('pi-gen', folder).get<unknown>('rules', {});
  const levels = new Map<string, RuleLevel>();
  if (typeof given !== 'object' || given === null) return levels;
  for (const [rule, value] of Object.entries(given)) {
    const level = ruleLevelOf(value);
    if (level !== undefined) levels.set(rule, level);
  }
  return levels;
}
