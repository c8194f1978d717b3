import assert from 'node:assert/strict';
import { afterChange, standing } from '../../../src/explain/standing-finding';
import type { Finding } from '../../../src/pigen/finding';
import { fileStart } from '../../../src/pigen/text';

function findingAt(line: number): Finding {
  const range = { start: { line, column: 0 }, end: { line, column: 4 } };
  return { rule: 'command-failed', severity: 'error', message: 'It failed.', file: '/tree/00-run.sh', range };
}

function lineAfter(text: string, line: number, changed: string | undefined): number | undefined {
  return afterChange(standing(findingAt(line), text), changed)?.finding.range.start.line;
}

describe('a finding of a failed build', () => {
  it('stays where it is while other lines change', () => {
    assert.equal(lineAfter('a\nfail\nb', 1, 'x\nfail\ny'), 1);
  });

  it('moves with its line', () => {
    assert.equal(lineAfter('a\nfail\nb', 1, 'a\r\nnew\r\nfail\r\nb'), 2);
    assert.equal(lineAfter('a\nfail\nb', 1, 'fail'), 0);
  });

  it('keeps to the nearest of equal lines', () => {
    assert.equal(lineAfter('fail\na\nb\nfail', 3, 'fail\na\nb\nc\nfail'), 4);
  });

  it('is mended when its line is another, or gone, or the file is', () => {
    assert.equal(lineAfter('a\nfail\nb', 1, 'a\nfail || true\nb'), undefined);
    assert.equal(lineAfter('a\nfail\nb', 1, 'a\nb'), undefined);
    assert.equal(lineAfter('a\nfail\nb', 1, undefined), undefined);
  });

  it('is mended by any change where it is about the file as a whole, or about one that is not there', () => {
    const whole = { ...findingAt(0), range: fileStart };
    assert.equal(afterChange(standing(whole, 'a'), 'b'), undefined);
    assert.equal(afterChange(standing(whole, undefined), 'b'), undefined);
  });
});
