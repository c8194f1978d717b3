/**
 * The number behind all those that names begin with (`00-install`, `01-run.sh`), so that what gets it runs last; 0 where
 * none does, undefined where 99 is taken.
 */
export function freeNumber(names: readonly string[]): number | undefined {
  const numbers = names.flatMap((name) => {
    const digits = /^(\d{2})-/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  const next = Math.max(-1, ...numbers) + 1;
  return next > 99 ? undefined : next;
}
