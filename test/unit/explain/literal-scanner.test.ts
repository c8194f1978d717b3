import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LiteralScanner } from '../../../src/explain/literal-scanner';

describe('LiteralScanner', () => {
  it('finds what stands in a text, each owner once and in order', () => {
    const scanner = new LiteralScanner([['she'], ['he', 'ushers'], ['hers'], ['x']]);
    assert.deepEqual(scanner.find('ushers, ushers'), [0, 1, 2]);
    assert.equal(scanner.find('ös'), undefined);
    assert.deepEqual(scanner.find('öxö'), [3]);
  });

  it('refuses literals that it could not find', () => {
    assert.throws(() => new LiteralScanner([['']]), RangeError);
    assert.throws(() => new LiteralScanner([['…']]), RangeError);
    assert.throws(() => new LiteralScanner([['x'.repeat(70_000)]]), RangeError);
  });

  it('finds the same as a search for each literal would', () => {
    const literal = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ä'), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.array(literal, { maxLength: 3 }), { maxLength: 6 }),
        text,
        (literals, whole) => {
          const expected = literals.flatMap((own, owner) =>
            own.some((one) => whole.includes(one)) ? [owner] : [],
          );
          assert.deepEqual(new LiteralScanner(literals).find(whole) ?? [], expected);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
