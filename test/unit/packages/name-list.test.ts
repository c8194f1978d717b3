import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NameList, Nearest } from '../../../src/packages/name-list';
import { editDistance } from '../../../src/pigen/tree/near-miss';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9.+-]{0,14}$/);
const names = fc.uniqueArray(name, { maxLength: 60 });

function listOf(all: readonly string[]): NameList {
  return new NameList(
    Buffer.from(
      [...all]
        .sort()
        .map((one) => `${one}\n`)
        .join(''),
    ),
  );
}

describe('a list of names', () => {
  it('has those that are in it, and no others', () => {
    fc.assert(
      fc.property(names, name, (all, other) => {
        const list = listOf(all);
        for (const one of all) assert.ok(list.has(one), one);
        assert.equal(list.has(other), all.includes(other));
        assert.equal(list.has(''), false);
      }),
    );
  });

  it('answers with the first that begin so', () => {
    fc.assert(
      fc.property(names, fc.stringMatching(/^[a-z0-9]{0,2}$/), fc.nat(5), (all, prefix, limit) => {
        const expected = [...all].sort().filter((one) => one.startsWith(prefix));
        assert.deepEqual(listOf(all).startingWith(prefix, limit), expected.slice(0, limit));
      }),
    );
  });

  it('leaves none out that is nearest', () => {
    fc.assert(
      fc.property(names, name, (all, wanted) => {
        const nearest = new Nearest(wanted);
        const limit = nearest.distance;
        listOf(all).collectNearest(wanted, nearest);
        const near = all
          .map((one) => ({ one, distance: editDistance(wanted, one, limit) }))
          .filter(
            ({ one, distance }) =>
              distance > 0 && distance <= limit && (distance < 2 || one.startsWith(wanted.charAt(0))),
          );
        const least = Math.min(...near.map(({ distance }) => distance));
        const expected = near.filter(({ distance }) => distance === least).map(({ one }) => one);
        assert.deepEqual(nearest.names, expected.length > 3 ? [] : expected.sort());
      }),
    );
  });

  it('finds the nearest over several lists', () => {
    const nearest = new Nearest('network-manger');
    listOf(['network-mangel-x', 'vim']).collectNearest('network-manger', nearest);
    listOf(['network-manager', 'zsh']).collectNearest('network-manger', nearest);
    assert.deepEqual(nearest.names, ['network-manager']);
  });

  it('calls nothing near to a short name', () => {
    const nearest = new Nearest('vin');
    listOf(['vim', 'win']).collectNearest('vin', nearest);
    assert.deepEqual(nearest.names, []);
  });

  it('is empty where there is nothing', () => {
    assert.equal(new NameList(Buffer.alloc(0)).has('vim'), false);
    assert.equal(new NameList(Buffer.from('\n')).has('vim'), false);
  });
});
