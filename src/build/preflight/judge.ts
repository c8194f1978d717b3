import { buildChecks } from './build-checks';
import { engineChecks } from './engine-checks';
import type { PreflightFacts } from './facts';
import { machineChecks } from './machine-checks';
import type { Check, CheckVerdict } from './verdict';

/** In the order in which they are told. */
export const preflightChecks: readonly Check[] = [...engineChecks, ...machineChecks, ...buildChecks];

/** What the checks say of the facts. Pure. */
export function judge(facts: PreflightFacts): readonly CheckVerdict[] {
  return preflightChecks.flatMap(({ name, title, judge: one }) => {
    const verdict = one(facts);
    return verdict === undefined ? [] : [{ check: name, title, ...verdict }];
  });
}

/** Whether a build would not come to its end. */
export function willFail(verdicts: readonly CheckVerdict[]): boolean {
  return verdicts.some(({ state }) => state === 'fail');
}
