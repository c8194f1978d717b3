import assert from 'node:assert/strict';
import type { BashParser } from '../../../src/shell/bash-parser';
import { readAssignments } from '../../../src/shell/config-assignments';
import { loadParser } from './parser';

describe('the assignments of a config', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  it('are read with name, value and place', () => {
    const text = `IMG_NAME='my image'\nexport WIFI="x"\nA=1 B=2\nE=\n`;
    const found = readAssignments(text, parser);
    assert.deepEqual(
      found.map(({ name, literal, exported, span, valueSpan }) => [
        name,
        literal,
        exported,
        text.slice(span.start, span.end),
        text.slice(valueSpan.start, valueSpan.end),
      ]),
      [
        ['IMG_NAME', 'my image', false, "IMG_NAME='my image'", "'my image'"],
        ['WIFI', 'x', true, 'WIFI="x"', '"x"'],
        ['A', '1', false, 'A=1', '1'],
        ['B', '2', false, 'B=2', '2'],
        ['E', '', false, 'E=', ''],
      ],
    );
  });

  it('come in pieces where they hold simple parameters', () => {
    const text = 'STAGE_LIST="stage0 ${BASE_DIR}/stage1 $X"\' y\'\n';
    const [list] = readAssignments(text, parser);
    assert.equal(list!.literal, undefined);
    assert.deepEqual(
      list!.parts?.map((part) => [
        part.kind === 'text' ? part.text : part.name,
        text.slice(part.span.start, part.span.end),
      ]),
      [
        ['stage0 ', 'stage0 '],
        ['BASE_DIR', '${BASE_DIR}'],
        ['/stage1 ', '/stage1 '],
        ['X', '$X'],
        [' y', ' y'],
      ],
    );
  });

  it('say nothing of values that only bash could tell', () => {
    for (const value of ['$(date)', '"${X:-y}"', '(a b)', '~/x', '`id`', '$((1+2))', '"a $(b) c"']) {
      const [found] = readAssignments(`X=${value}\n`, parser);
      assert.deepEqual([found!.literal, found!.parts], [undefined, undefined], value);
    }
  });

  it('give the plain texts of a value that is worked out', () => {
    for (const [value, texts] of [
      ['${X:-hunter22}', ['hunter22']],
      ['"${X:-\'hunter 22\'}after"', ['hunter 22', 'after']],
      ['pass$(echo one "two")word', ['pass', 'one', 'two', 'word']],
      ["$(openssl passwd -6 'hunter22')", ['hunter22']],
      ['(one "two three")', ['one', 'two three']],
      ['$(cat file)', []],
    ] as const) {
      assert.deepEqual(readAssignments(`X=${value}\n`, parser)[0]?.texts, texts, value);
    }
    assert.equal(readAssignments('X=a$B\n', parser)[0]?.texts, undefined);
  });

  it('are conditional where they may not be carried out in this shell', () => {
    const text =
      'if a; then B=1; fi\nc && D=1\nE=1 && f\n(G=1)\n{ H=1; }\nf() { I=1; local J=1; }\nK=1 | l\nfor m in n; do O=1; done\n';
    assert.deepEqual(
      readAssignments(text, parser).map(({ name, conditional }) => [name, conditional]),
      [
        ['B', true],
        ['D', true],
        ['E', false],
        ['G', true],
        ['H', false],
        ['I', true],
        ['K', true],
        ['O', true],
      ],
    );
  });

  it('are exported by name too, and may add to a value', () => {
    const found = readAssignments(
      'A=1\nA+=2\nexport A\nB=1\nif x; then export B; fi\ndeclare -x C=1\ndeclare D=1\nE=1 make\n',
      parser,
    );
    assert.deepEqual(
      found.map(({ name, exported, append }) => [name, exported, append]),
      [
        ['A', true, false],
        ['A', true, true],
        ['B', false, false],
        ['C', true, false],
        ['D', false, false],
      ],
    );
  });

  it('are what can be read of a text that bash would refuse', () => {
    assert.deepEqual(readAssignments('A=1\nif (\n', parser).map(({ name }) => name)[0], 'A');
    assert.deepEqual(readAssignments('IMG_NAME = x\n', parser), []);
  });
});
