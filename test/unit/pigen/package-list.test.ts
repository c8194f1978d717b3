import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { readPackageList } from '../../../src/pigen/apt/package-list';

describe('readPackageList', () => {
  const words = (text: string): string[] => readPackageList(text).words.map((word) => word.text);

  it('reads names with what apt knows in them', () => {
    assert.deepEqual(words('nano vim-tiny=1.2\n# editors\nlibc6:armhf joe- mc/stable\t ed\n'), [
      ...['nano', 'vim-tiny=1.2', 'libc6:armhf', 'joe-', 'mc/stable', 'ed'],
    ]);
  });

  it('gives each word its place', () => {
    const text = 'nano # x\n  ed#y\n';
    for (const { text: word, span } of readPackageList(text).words)
      assert.equal(text.slice(span.start, span.end), word);
    assert.deepEqual(readPackageList(text).comments, [
      { start: 5, end: 8 },
      { start: 13, end: 15 },
    ]);
  });

  it('keeps a carriage return in a one-line file, and drops it in a longer one', () => {
    assert.deepEqual(words('tree\r\n'), ['tree\r']);
    assert.deepEqual(words('tree\r\nnano\r\n'), ['tree', 'nano']);
    assert.equal(readPackageList('tree').untouched, true);
    assert.equal(readPackageList('tree\n\n').untouched, false);
  });

  it('takes # in a one-line file as the shell does: a comment only where a word starts', () => {
    assert.deepEqual(words('tree#1 nano # ed\n'), ['tree#1', 'nano']);
    assert.deepEqual(words('tree#1 nano # ed\n\n'), ['tree']);
  });

  it('agrees with GNU sed and the shell on any text', () => {
    const script = ':loop\nN\n$ !b loop\ns/#[^\\n]*//g\ns/[[:space:]]\\{1,\\}/ /g\n';
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\t', '\n', '#', '\r'), maxLength: 20 });
    fc.assert(
      fc.property(text, (content) => {
        const list = execFileSync('sed', [script], {
          input: content,
          encoding: 'utf8',
          env: { LC_ALL: 'C' },
        });
        const show = 'show() { for word; do printf "%s\\0" "$word"; done; }\nshow ';
        const seen = execFileSync('bash', ['--norc', '-s'], { input: show + list, encoding: 'utf8' });
        assert.deepEqual(words(content), seen.split('\0').slice(0, -1));
      }),
      { numRuns: 40 },
    );
  });
});
