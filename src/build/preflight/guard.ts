import type { BuildProblem } from '../build-problem';
import { rootCheck } from './engine-checks';
import type { CheckVerdict } from './verdict';

export interface Guarded<Result> {
  readonly result: Result;
  /** The check for which the build was stopped. It had begun, and has cleaned up. */
  readonly stoppedBy: CheckVerdict | undefined;
}

/** What is looked at beside a build. */
export interface BuildGuard {
  /** Rejects where a check breaks down, which stops nothing. */
  readonly check: () => Promise<readonly CheckVerdict[]>;
  readonly onWarning: (verdict: CheckVerdict) => void;
}

export interface GuardOptions {
  /** Stops both. */
  readonly signal: AbortSignal;
  readonly onWarning: BuildGuard['onWarning'];
}

/**
 * Builds while the checks look, so that nobody waits for them: what they find, a build comes to only later. Where one says
 * that the build will fail, the build is stopped. Rejects with what `build` rejects with; checks that break down stop nothing.
 */
export async function buildGuarded<Result>(
  build: (signal: AbortSignal) => Promise<Result>,
  check: BuildGuard['check'],
  { signal, onWarning }: GuardOptions,
): Promise<Guarded<Result>> {
  const stop = new AbortController();
  let over = false;
  let stoppedBy: CheckVerdict | undefined;
  const looking = check().then(
    (verdicts) => {
      for (const verdict of verdicts) if (verdict.state === 'warning') onWarning(verdict);
      const failing = verdicts.find(({ state }) => state === 'fail');
      if (over || failing === undefined || signal.aborted) return;
      stoppedBy = failing;
      stop.abort();
    },
    () => undefined,
  );
  try {
    const result = await build(AbortSignal.any([signal, stop.signal]));
    over = true;
    return { result, stoppedBy };
  } finally {
    over = true;
    // Its container must not outlive the command.
    await looking;
  }
}

/** What stopped a build as the problem that it is told as. Of the kind `preflight`: a build may be tried all the same. */
export function preflightProblem({ check, title, message, fix = '' }: CheckVerdict): BuildProblem {
  // No container is made there, whatever the user says (newContainer).
  if (check === rootCheck) return { kind: 'rootless-engine', message, wayOut: fix };
  return { kind: 'preflight', message: `${title}: ${message}`, wayOut: fix };
}
