import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineIndex } from '../../../src/pigen/text';
import type { TextRange } from '../../../src/pigen/text';
import { inputValue, parseWorkflow } from '../../../src/pigen/workflow/workflow';
import type { PiGenActionStep } from '../../../src/pigen/workflow/workflow';

/** A workflow with one step whose `stage-list` is written as given. */
function workflow(stageList: string): string {
  return `jobs:\n  image:\n    steps:\n      - uses: usimd/pi-gen-action@v1\n        with:\n          stage-list: ${stageList}\n          image-name: x\n`;
}

function onlyStep(text: string): PiGenActionStep {
  const { steps, broken } = parseWorkflow('/w.yml', text);
  assert.equal(broken, undefined);
  assert.equal(steps.length, 1);
  return steps[0]!;
}

function textAt(text: string, range: TextRange | undefined): string {
  assert.ok(range);
  const lines = new LineIndex(text);
  return text.slice(lines.offset(range.start), lines.offset(range.end));
}

describe('parseWorkflow', () => {
  const indent = '\n            ';
  const written: readonly (readonly [string, string])[] = [
    ['plain', 'stage0 ./stage-a stage-b'],
    ['plain on several lines', `stage0${indent}./stage-a${indent}stage-b`],
    ['double-quoted', '"stage0 ./stage-a  stage-b"'],
    ['single-quoted', "'stage0 ./stage-a stage-b'"],
    ['quoted on several lines', `"stage0${indent}./stage-a stage-b"`],
    ['folded', `>-${indent}stage0 ./stage-a${indent}stage-b`],
    ['literal', `|${indent}stage0${indent}./stage-a${indent}stage-b`],
    [
      'literal with a comment behind its header',
      `| # three${indent}stage0${indent}./stage-a${indent}stage-b`,
    ],
    ['plain with a comment', 'stage0 ./stage-a stage-b # three'],
  ];
  for (const [name, value] of written) {
    for (const lineEnd of ['\n', '\r\n']) {
      it(`gives each entry of a ${name} stage list its exact place (${JSON.stringify(lineEnd)})`, () => {
        const text = workflow(value).replaceAll('\n', lineEnd);
        const step = onlyStep(text);
        assert.deepEqual(
          step.stageList?.map((word) => word.value),
          ['stage0', './stage-a', 'stage-b'],
        );
        for (const word of step.stageList) assert.equal(textAt(text, word.range), word.value);
        assert.equal(inputValue(step, 'image-name'), 'x');
      });
    }
  }

  it('judges no expression', () => {
    const step = onlyStep(workflow('stage0 ${{ matrix.stage }} x/${{ a }}-y stage1'));
    assert.deepEqual(
      step.stageList?.map(({ text, value }) => [text, value]),
      [
        ['stage0', 'stage0'],
        ['${{ matrix.stage }}', undefined],
        ['x/${{ a }}-y', undefined],
        ['stage1', 'stage1'],
      ],
    );
    assert.equal(inputValue(step, 'stage-list'), undefined);
  });

  it('knows what any env: sets', () => {
    const text =
      'env: {CI_TAG: 1}\njobs:\n  image:\n    env:\n      APP: a\n    steps:\n      - uses: usimd/pi-gen-action@v1\n        env:\n          RELEASE_TAG: x\n';
    const { environment } = parseWorkflow('/w', text);
    assert.deepEqual(
      environment.map(({ name }) => name),
      ['CI_TAG', 'APP', 'RELEASE_TAG'],
    );
    assert.equal(textAt(text, environment[2]?.nameRange), 'RELEASE_TAG');
  });

  it('reads inputs of every type as the text that the action gets', () => {
    const text =
      'steps:\n- uses: me/pi-gen-action@main\n  with: {enable-ssh: 1, verbose-output: true, password: , release: "a b"}\n';
    const step = onlyStep(text);
    assert.deepEqual(
      step.inputs.map(({ name, value }) => [name, value]),
      [
        ['enable-ssh', '1'],
        ['verbose-output', 'true'],
        ['password', ''],
        ['release', 'a b'],
      ],
    );
    assert.equal(textAt(text, step.inputs[3]?.valueRange), '"a b"');
    assert.equal(textAt(text, step.inputs[0]?.nameRange), 'enable-ssh');
    assert.equal(textAt(text, step.usesRange), 'me/pi-gen-action@main');
  });

  it('knows forks, sub-paths and quotes, and no other action', () => {
    const uses = (name: string): number => parseWorkflow('/w', `steps: [{uses: ${name}}]`).steps.length;
    for (const name of ['usimd/pi-gen-action@v1', '"a/pi-gen-action@3f"', 'a/pi-gen-action/sub@v1'])
      assert.equal(uses(name), 1);
    for (const name of [
      'a/pi-gen-action',
      './pi-gen-action',
      'a/other@v1',
      'a/b/pi-gen-action@v1',
      '[]',
      '3',
    ]) {
      assert.equal(uses(name), 0, name);
    }
  });

  it('follows anchors no further than they are written', () => {
    const text = 'a: &a\n  uses: usimd/pi-gen-action@v1\nb: *a\n';
    assert.equal(parseWorkflow('/w', text).steps.length, 1);
  });

  it('says what breaks the YAML, and where', () => {
    const { broken } = parseWorkflow('/w', 'jobs:\n  a: [1, 2\n  b: "x\n');
    assert.ok(broken);
    assert.ok(broken.message.length > 5 && !broken.message.includes('\n'));
    assert.ok(broken.range.start.line >= 1);
  });

  it('never throws', () => {
    const pieces = [
      'a:',
      ' ',
      '\n',
      '- ',
      '"',
      '[',
      '{',
      '|',
      '&x',
      '*x',
      '#',
      'uses: a/pi-gen-action@v1',
      '\t',
      'with:',
      '---',
      '<<',
      '!!',
      '%',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 25 }), (parts) => {
        assert.ok(Array.isArray(parseWorkflow('/w', parts.join('')).steps));
      }),
    );
    assert.ok(Array.isArray(parseWorkflow('/w', '['.repeat(20_000)).steps));
    assert.deepEqual(parseWorkflow('/w', '').steps, []);
  });
});
