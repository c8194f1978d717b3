import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareBytes } from '../../../src/pigen/files/byte-order';
import { stepForms, compareSteps, parseStepName } from '../../../src/pigen/tree/step-names';
import { moveEntry } from '../../../src/scaffold/move-entry';
import type { Move } from '../../../src/scaffold/move-entry';

const shown = (move: Move): string =>
  move.ok ? move.renames.map(({ from, to }) => `${from}→${to}`).join(' ') : move.message;

function applied(names: readonly string[], move: Move): string[] {
  assert.ok(move.ok, shown(move));
  const now = new Set(names);
  for (const { from, to } of move.renames) {
    assert.ok(now.has(from) && !now.has(to), `${from} → ${to} overwrites nothing`);
    now.delete(from);
    now.add(to);
  }
  return [...now];
}

describe('moving sub-stages and steps', () => {
  it('takes a number that is free, and leaves the others alone', () => {
    const names = ['00-a', '05-b', '10-c'];
    assert.equal(shown(moveEntry(names, '10-c', '05-b', 'sub-stage')), '10-c→01-c');
    assert.equal(shown(moveEntry(names, '00-a', undefined, 'sub-stage')), '00-a→11-a');
    assert.equal(shown(moveEntry(names, '05-b', '10-c', 'sub-stage')), '');
  });

  it('makes room where there is none', () => {
    const names = ['00-a', '01-b', '02-c'];
    assert.equal(shown(moveEntry(names, '02-c', '00-a', 'sub-stage')), '02-c→00-c 00-a→01-a 01-b→02-b');
  });

  it('knows in which order steps of one number run', () => {
    const names = ['00-packages', '00-run.sh', '01-run.sh'];
    assert.equal(
      shown(moveEntry(names, '01-run.sh', '00-run.sh', 'step')),
      '01-run.sh→01-run.sh.moving 00-run.sh→01-run.sh 01-run.sh.moving→00-run.sh',
    );
  });

  it('says why where numbers do not help', () => {
    assert.match(
      shown(moveEntry(['00-a', 'b'], '00-a', undefined, 'sub-stage')),
      /b does not begin with two digits/,
    );
    const full = Array.from({ length: 100 }, (_, i) => `${String(i).padStart(2, '0')}-a`);
    assert.match(shown(moveEntry(full, '00-a', undefined, 'sub-stage')), /no numbers left/);
  });

  it('ends with the order that was asked for, whatever it was', () => {
    const step = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom(...stepForms))
      .map(([number, { suffix }]) => String(number).padStart(2, '0') + suffix);
    const subStage = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom('a', 'b', 'c'))
      .map(([number, name]) => `${String(number).padStart(2, '0')}-${name}`);
    const inOrder = (kind: 'step' | 'sub-stage') => (a: string, b: string) => {
      const [left, right] = [parseStepName(a), parseStepName(b)];
      return kind === 'step' && left && right ? compareSteps(left, right) : compareBytes(a, b);
    };
    for (const [kind, name] of [
      ['step', step],
      ['sub-stage', subStage],
    ] as const) {
      fc.assert(
        fc.property(
          fc.uniqueArray(name, { minLength: 2, maxLength: 9 }),
          fc.nat(),
          fc.nat(),
          (given, m, b) => {
            const names = given.toSorted(inOrder(kind));
            const moved = names[m % names.length]!;
            const others = names.filter((one) => one !== moved);
            const at = b % (others.length + 1);
            const move = moveEntry(names, moved, others[at], kind);
            const now = applied(names, move).toSorted(inOrder(kind));
            const suffix = (one: string): string => one.slice(2);
            assert.deepEqual(
              now.map(suffix),
              [...others.slice(0, at), moved, ...others.slice(at)].map(suffix),
            );
          },
        ),
        { numRuns: 500 },
      );
    }
  });
});
