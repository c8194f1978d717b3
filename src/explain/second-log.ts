import type { Suspect } from './rank-clues';
import { judgeLine } from './line-classifier';
import type { Scene } from './scene';

/** Of a debootstrap.log, as much as its end can tell. */
const lastLines = 400;

/**
 * What debootstrap's own log says, where pi-gen's log refers to it and it is at hand: in the work folder of a tree that
 * was built without a container, or that was copied out of one.
 */
export async function readSecondLog(suspects: readonly Suspect[], scene: Scene): Promise<readonly Suspect[]> {
  const reference = suspects.find(({ clue }) => clue.match.groups?.['file']?.endsWith('/debootstrap.log'));
  const path = reference?.clue.match.groups?.['file'];
  const local = path === undefined ? undefined : scene.paths.inTree(path);
  const text = local === undefined ? undefined : await scene.readText(local);
  if (reference === undefined || text === undefined) return [];
  const { line, order, frame } = reference.clue;
  return text
    .split('\n')
    .slice(-lastLines)
    .flatMap((said): readonly Suspect[] => {
      const meaning = judgeLine(said, 'prerun');
      const [fit] = meaning.kind === 'fits' ? meaning.fits : [];
      if (fit === undefined || fit.failureClass.name === 'bootstrap-failed') return [];
      const clue = { text: said, match: fit.match, line, order, frame };
      return [
        { clue, failureClass: fit.failureClass, certainty: fit.failureClass.certainty, follows: false },
      ];
    });
}
