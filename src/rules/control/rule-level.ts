import { severities } from '../../pigen/finding';
import type { Severity } from '../../pigen/finding';

/** What a user wants of a rule: its findings with another severity, or none. */
export type RuleLevel = Severity | 'off';

export const ruleLevels: readonly RuleLevel[] = ['off', ...severities];

/** By rule. */
export type RuleLevels = ReadonlyMap<string, RuleLevel>;

/** A level from a settings file or the editor; undefined for anything else. */
export function ruleLevelOf(value: unknown): RuleLevel | undefined {
  // YAML 1.1, which many an editor still thinks of, reads a plain `off` as false; everyone who writes it means this.
  return value === false ? 'off' : ruleLevels.find((level) => level === value);
}
