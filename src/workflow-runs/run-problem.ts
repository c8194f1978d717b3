/** Why a run, or its log, cannot be had. */
export type RunProblem =
  | { readonly kind: 'network'; readonly reason: string }
  /** GitHub accepts no more requests for now; `until` in milliseconds since 1970 where it says so. */
  | { readonly kind: 'rate-limit'; readonly until: number | undefined }
  /** The session is no longer valid. */
  | { readonly kind: 'signed-out' }
  /** There is no such repository for this account, or it may not be read. */
  | { readonly kind: 'no-access' }
  /** Logs are kept for 90 days, or for as long as the repository says. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'unexpected'; readonly reason: string };

/** What every function of this room rejects with, besides an abort. */
export class RunProblemError extends Error {
  constructor(
    readonly problem: RunProblem,
    options?: ErrorOptions,
  ) {
    super(problem.kind, options);
    this.name = 'RunProblemError';
  }
}

/** What GitHub's answer means. Header names in lower case, as fetch has them. */
export function problemOf(
  status: number,
  header: (name: string) => string | undefined,
  reason: string,
  asked: 'repository' | 'log',
): RunProblem {
  const limited = status === 429 || header('x-ratelimit-remaining') === '0' || /rate limit/i.test(reason);
  if ((status === 403 || status === 429) && (limited || header('retry-after') !== undefined)) {
    return { kind: 'rate-limit', until: untilOf(header) };
  }
  if (status === 401) return { kind: 'signed-out' };
  if (asked === 'log' && (status === 404 || status === 410)) return { kind: 'expired' };
  if (status === 403 || status === 404) return { kind: 'no-access' };
  return { kind: 'unexpected', reason: `${status} ${reason}`.trim() };
}

function untilOf(header: (name: string) => string | undefined): number | undefined {
  const seconds = Number(header('retry-after'));
  if (seconds > 0) return Date.now() + seconds * 1000;
  const reset = Number(header('x-ratelimit-reset'));
  return reset > 0 ? reset * 1000 : undefined;
}
