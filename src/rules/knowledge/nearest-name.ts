import { editDistance } from '../../pigen/tree/near-miss';

/** The one of some names that was surely meant: at most two letters away, fewer for short names; undefined where two are as near. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const limit = name.length > 6 ? 2 : 1;
  const fold = (text: string): string => text.toLowerCase().replaceAll(/[_ -]/g, '-');
  const near = [...new Set(names)]
    .map((other) => ({ other, distance: editDistance(fold(name), fold(other), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  const [first, second] = near;
  return first === undefined || first.distance === second?.distance ? undefined : first.other;
}
