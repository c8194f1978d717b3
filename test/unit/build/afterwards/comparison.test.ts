import assert from 'node:assert/strict';
import { ComparisonReader } from '../../../../src/build/afterwards/comparison';
import { comparisonText } from '../../../../src/build/afterwards/comparison-text';

function read(records: readonly (readonly (string | number)[])[]) {
  const reader = new ComparisonReader();
  for (const record of records) reader.push(record.join('\t'));
  return reader.end();
}

const records = [
  ['stages', 'stage1', 'stage2'],
  ['-', 'f', '644', 0, 0, 1000, '1.0', 'etc/motd'],
  ['+', 'f', '600', 0, 5, 3000, '2.0', 'etc/motd'],
  ['+', 'd', '755', 0, 0, 0, 0, 'opt/tool'],
  ['+', 'f', '755', 0, 0, 2_000_000, '2.0', 'opt/tool/run\nmatch + fake'],
  ['-', 'l', '777', 0, 0, 7, '2.0', 'usr/bin/old\ttabs//to//there'],
  ['<', 'bash', '5.2-1', 'armhf', 7000],
  ['>', 'bash', '5.2-2', 'armhf', 7001],
  ['<', 'same', '1', 'all', 5],
  ['>', 'same', '1', 'all', 5],
  ['>', 'tree', '2.1', 'armhf', 100],
  ['.'],
] as const;

describe('what a stage made of the one before it', () => {
  it('is told by entry and package', () => {
    const comparison = read(records);
    assert.deepEqual(
      comparison?.entries.map(({ path, change }) => [path, change]),
      [
        ['etc/motd', 'changed'],
        ['opt/tool', 'added'],
        ['opt/tool/run\nmatch + fake', 'added'],
        ['usr/bin/old\ttabs', 'removed'],
      ],
    );
    assert.equal(comparison.bytes, 2000 + 2_000_000 - 7);
    assert.deepEqual(
      comparison.packages.map(({ name, change, bytes }) => [name, change, bytes]),
      [
        ['bash', 'changed', 1024],
        ['tree', 'added', 102_400],
      ],
    );
  });

  it('is not told where the records broke off', () => {
    assert.equal(read(records.slice(0, -1)), undefined);
  });

  it('is a text in which no name can pass for a line', () => {
    const comparison = read(records);
    assert.ok(comparison);
    const text = comparisonText(comparison);
    assert.match(text, /^stage2, compared with stage1\n\nSize: \+2\.0 MB\n/);
    assert.match(text, /^Files and folders: 2 added, 1 removed, 1 changed$/m);
    assert.match(text, /^~ +\+1\.0 kB {2}bash 5\.2-1 → 5\.2-2$/m);
    assert.match(text, /^~ +\+2\.0 kB {2}\/etc\/motd {2}\(mode 644 → 600, owner 0:0 → 0:5\)$/m);
    assert.match(text, /\/opt\/tool\/run\\u\{a\}match \+ fake$/m);
    assert.match(text, /^- +-7 bytes {2}\/usr\/bin\/old\\u\{9\}tabs$/m);
  });
});
