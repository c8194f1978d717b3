import assert from 'node:assert/strict';
import { shownSize } from '../../../../src/build/afterwards/shown-size';

describe('a size for people', () => {
  for (const [bytes, shown] of [
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [-1500, '-1.5 kB'],
    [123_456_789, '123 MB'],
    [999_999, '1.0 MB'],
    [5_000_000_000_000_000, '5000 TB'],
  ] as const) {
    it(`is ${shown} for ${bytes}`, () => {
      assert.equal(shownSize(bytes), shown);
    });
  }
});
