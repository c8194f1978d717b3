import { compareBytes } from '../pigen/files/byte-order';
import { compareSteps, parseStepName } from '../pigen/tree/step-names';

export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** The renames that bring an entry to its place, in an order in which none overwrites another; or why there are none. */
export type Move =
  | { readonly ok: true; readonly renames: readonly Rename[] }
  | { readonly ok: false; readonly message: string };

/**
 * Moves a sub-stage or step before another of its folder by giving it another number, and others where there is no room.
 *
 * @param names all that are numbered there, in the order in which pi-gen runs them, `moved` among them or not
 * @param before undefined: behind all others
 * @param kind decides how pi-gen orders them: sub-stages by name, steps by number and kind
 */
export function moveEntry(
  names: readonly string[],
  moved: string,
  before: string | undefined,
  kind: 'sub-stage' | 'step',
): Move {
  const others = names.filter((name) => name !== moved);
  const at = before === undefined ? others.length : others.indexOf(before);
  if (at < 0 || before === moved) return { ok: true, renames: [] };
  const wanted = [...others.slice(0, at), moved, ...others.slice(at)];
  const numbers = wanted.map(numberOf);
  const odd = wanted.find((_, index) => numbers[index] === undefined);
  if (odd !== undefined)
    return refuse(`${odd} does not begin with two digits, so its place cannot be changed by a number.`);

  const result: string[] = [];
  for (const [index, name] of wanted.entries()) {
    const last = result.at(-1);
    const previous = last === undefined ? undefined : { name: last, given: last === wanted[index - 1] };
    const next = name === moved ? wanted[index + 1] : undefined;
    const placed = place(name, previous, next, kind === 'step' ? stepIsBefore : subStageIsBefore);
    if (placed === undefined)
      return refuse('There are no numbers left: pi-gen counts to 99. Give others a smaller number first.');
    result.push(placed);
  }
  const renames = wanted.flatMap((from, index) => {
    const to = result[index];
    return to === undefined || to === from ? [] : [{ from, to }];
  });
  return { ok: true, renames: ordered(renames, new Set(names)) };
}

const refuse = (message: string): Move => ({ ok: false, message });

/** @param given both names are as they were: then their order is, too */
type IsBefore = (a: string, b: string, given: boolean) => boolean;

/** The name with the smallest number that is behind `previous` and, where that can be had, before `next`; its own if it fits. */
function place(
  name: string,
  previous: { readonly name: string; readonly given: boolean } | undefined,
  next: string | undefined,
  isBefore: IsBefore,
): string | undefined {
  const fits = (candidate: string, bounded: boolean): boolean => {
    const given = candidate === name;
    if (previous !== undefined && !isBefore(previous.name, candidate, given && previous.given)) return false;
    return !bounded || next === undefined || isBefore(candidate, next, given);
  };
  if (fits(name, true)) return name;
  const candidates = Array.from({ length: 100 }, (_, number) => numbered(name, number));
  return (
    candidates.find((candidate) => fits(candidate, true)) ??
    candidates.find((candidate) => fits(candidate, false))
  );
}

function numberOf(name: string): number | undefined {
  const digits = /^(\d\d)-/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function numbered(name: string, number: number): string {
  return String(number).padStart(2, '0') + name.slice(2);
}

/** bash sorts sub-stages by their whole names. Two of one number are no order that anyone would write, though. */
function subStageIsBefore(a: string, b: string, given: boolean): boolean {
  return given ? compareBytes(a, b) < 0 : (numberOf(a) ?? 0) < (numberOf(b) ?? 0);
}

function stepIsBefore(a: string, b: string): boolean {
  const [left, right] = [parseStepName(a), parseStepName(b)];
  return left !== undefined && right !== undefined && compareSteps(left, right) < 0;
}

/** Renames whose target is free first; where they go round in a circle, one of them by way of a name of its own. */
function ordered(renames: readonly Rename[], taken: Set<string>): readonly Rename[] {
  const result: Rename[] = [];
  let left = [...renames];
  while (left.length > 0) {
    const free = left.find(({ to }) => !taken.has(to));
    const [first] = left;
    if (free === undefined) {
      if (first === undefined) break;
      const aside = `${first.from}.moving`;
      result.push({ from: first.from, to: aside });
      taken.delete(first.from);
      taken.add(aside);
      left = left.map((one) => (one === first ? { from: aside, to: one.to } : one));
      continue;
    }
    result.push(free);
    taken.delete(free.from);
    taken.add(free.to);
    left = left.filter((one) => one !== free);
  }
  return result;
}
