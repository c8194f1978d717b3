import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Finding, Fix, FixEdit } from '../../../src/pigen/finding';
import { fileStart, LineIndex } from '../../../src/pigen/text';
import { applyReplacements, compatibleFixes } from '../../../src/rules/apply-fixes';

type Replacement = Extract<FixEdit, { kind: 'replace' }>;

function replaceAt(text: string, start: number, end: number, by: string, file = '/f'): Replacement {
  return { kind: 'replace', file, range: new LineIndex(text).range({ start, end }), text: by };
}

function findingWith(fix: Fix): Finding {
  return { rule: 'r', severity: 'warning', message: 'm', file: '/f', range: fileStart, fixes: [fix] };
}

describe('applyReplacements', () => {
  it('applies edits in whatever order they are given', () => {
    const text = 'one\ntwo\nthree\n';
    const edits = [replaceAt(text, 8, 13, '3'), replaceAt(text, 0, 3, '1'), replaceAt(text, 4, 4, '> ')];
    assert.equal(applyReplacements(text, edits), '1\n> two\n3\n');
  });

  it('refuses edits that overlap', () => {
    const text = 'abcdef';
    assert.equal(applyReplacements(text, [replaceAt(text, 0, 3, ''), replaceAt(text, 2, 4, '')]), undefined);
  });

  it('takes edits that meet', () => {
    const text = 'abcdef';
    assert.equal(applyReplacements(text, [replaceAt(text, 0, 3, ''), replaceAt(text, 3, 4, 'D')]), 'Def');
  });

  it('leaves all text outside of the edits as it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii' }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (text, places) => {
          const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
          const edits = cuts.map((cut) => replaceAt(text, cut, cut, '¤'));
          const result = applyReplacements(text, edits);
          assert.equal(result?.replaceAll('¤', ''), text);
          assert.equal(result.length, text.length + cuts.length);
        },
      ),
    );
  });
});

describe('compatibleFixes', () => {
  const text = 'abcdef';
  const first: Fix = { title: 'first', edits: [replaceAt(text, 0, 3, '')], preferred: true };

  it('takes the first of two fixes that touch the same place', () => {
    const second: Fix = { title: 'second', edits: [replaceAt(text, 3, 4, '')], preferred: true };
    const far: Fix = { title: 'far', edits: [replaceAt(text, 5, 6, '')], preferred: true };
    const taken = compatibleFixes([first, second, far].map(findingWith));
    assert.deepEqual(
      taken.map(({ title }) => title),
      ['first', 'far'],
    );
  });

  it('does not change a file that another fix takes away', () => {
    const gone: Fix = { title: 'gone', edits: [{ kind: 'delete', file: '/f' }], preferred: true };
    assert.deepEqual(compatibleFixes([findingWith(gone), findingWith(first)]), [gone]);
  });

  it('takes preferred fixes only, unless told which', () => {
    const plain: Fix = { title: 'plain', edits: first.edits };
    assert.deepEqual(compatibleFixes([findingWith(plain)]), []);
    assert.deepEqual(
      compatibleFixes([findingWith(plain)], ({ fixes }) => fixes?.[0]),
      [plain],
    );
  });
});
