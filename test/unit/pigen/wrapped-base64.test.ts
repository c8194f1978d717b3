import assert from 'node:assert/strict';
import { mask } from '../../../src/pigen/config/secrets';
import { WrappedBase64 } from '../../../src/pigen/config/wrapped-base64';

const key = Array.from({ length: 5 }, (_value, line) =>
  `key line ${line} `.padEnd(70, 'abcdefghijklmnopqrstuvwxyz'.slice(line)),
).join('\n');

/** As `base64 -w WIDTH` prints it. */
function wrapped(text: string, width: number): readonly string[] {
  return (
    Buffer.from(text)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  );
}

/** The longest text of the secret that a line still holds, at whichever place its base64 begins. */
function leaks(secret: string, lines: readonly string[]): number {
  const shapes = [0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + secret)
      .toString('base64')
      .slice(4, -4),
  );
  let longest = 0;
  for (const line of lines) {
    for (let start = 0; start < line.length; start++) {
      let length = longest + 1;
      while (
        start + length <= line.length &&
        shapes.some((one) => one.includes(line.slice(start, start + length)))
      ) {
        longest = length++;
      }
    }
  }
  return longest;
}

describe('WrappedBase64', () => {
  const short = 'correct horse battery';
  for (const [what, secret] of [
    ['a password', short],
    ['a key of several lines', key],
  ] as const) {
    for (const width of [64, 76]) {
      it(`masks ${what}, wrapped at ${width}, wherever it begins`, () => {
        const masker = new WrappedBase64([secret]);
        let broken = 0;
        for (let before = 0; before < width; before++) {
          const text = `${'\u{e9}!'.repeat(width).slice(0, before)}${secret}${'?~'.repeat(60)}`;
          const lines = wrapped(text, width);
          assert.ok(leaks(secret, lines) > 10);
          const shown = lines.map((line) => masker.maskLine(line));
          // Where the whole is on one line, it is for SecretMasker.
          if (lines.some((line) => leaks(secret, [line]) >= Math.floor((4 * secret.length) / 3) - 8))
            continue;
          broken++;
          assert.ok(leaks(secret, shown) < 6, `${before}: ${shown.join('\n')}`);
        }
        assert.ok(broken > 10);
      });
    }
  }

  it('masks it behind white space, and leaves that and all others as they are', () => {
    const masker = new WrappedBase64([key]);
    const [, second = ''] = wrapped(key, 76);
    assert.equal(masker.maskLine(`    ${second}\r`), `    ${mask}\r`);
    for (const line of ['', '   ', 'abc', 'Setting up libc6:arm64 (2.41-12) ...', second.toLowerCase()]) {
      assert.equal(masker.maskLine(line), line);
    }
    assert.equal(new WrappedBase64(['abc', '']).maskLine(second), second);
  });
});
