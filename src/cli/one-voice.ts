import type { BuildOptions } from '../build/session/build-options';
import type { Failure } from '../explain/explanation';
import { withRuleFindings } from '../explain/with-rule-findings';
import { findTree } from '../pigen/tree/discover';
import type { Finding } from '../pigen/finding';
import { isWithin } from '../pigen/files/path';
import type { Core } from './core';

type Explain = NonNullable<BuildOptions['explain']>;

/** A reader of a failed build's log, whose failures carry what the rules say of their places. */
export function inOneVoice(explain: Explain, root: string, core: Core, signal: AbortSignal): Explain {
  return async (logChunks) => withRules(await explain(logChunks), root, core, signal);
}

/**
 * The failures with exact range and fixes of the rules that see the same causes. Never rejects: a cause is known all the
 * same where the tree cannot be checked.
 *
 * @param root of the tree that was built; stages of its list may lie elsewhere
 */
export async function withRules(
  failures: readonly Failure[],
  root: string | undefined,
  core: Core,
  signal: AbortSignal,
): Promise<readonly Failure[]> {
  const seenByRules = failures.flatMap(({ finding }) =>
    finding !== undefined && core.ruleNames.has(finding.rule) ? finding.file : [],
  );
  try {
    const roots = new Set<string>();
    for (const file of seenByRules) {
      const around =
        root !== undefined && isWithin(root, file) ? root : (await findTree(core.fileSystem, file))?.path;
      if (around !== undefined) roots.add(around);
    }
    const findings: Finding[] = [];
    for (const one of roots) findings.push(...(await core.checker.checkTree(one, { signal })).findings);
    return withRuleFindings(failures, findings);
  } catch {
    return failures;
  }
}
