import { editDistance } from '../../pigen/near-miss';

/** The name that someone may have meant: the nearest of those known, at most a third of its letters away. */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let limit = Math.min(4, Math.floor(written.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(written.toLowerCase().replaceAll('_', '-'), name, limit);
    if (distance < limit) {
      best = name;
      limit = distance;
    }
  }
  return best;
}
