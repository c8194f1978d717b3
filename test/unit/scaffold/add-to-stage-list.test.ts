import assert from 'node:assert/strict';
import { addToConfig, addToWorkflow } from '../../../src/scaffold/add-to-stage-list';
import type { StageListChange } from '../../../src/scaffold/add-to-stage-list';
import { parseWorkflow } from '../../../src/pigen/workflow/workflow';
import { plainAssignments } from '../pigen/plain-assignments';

function toConfig(text: string): string {
  return outcome(addToConfig(text, plainAssignments(text), 'stage-x'));
}

function outcome(change: StageListChange): string {
  return change.kind === 'change' ? change.text : change.reason;
}

describe('addToConfig', () => {
  it('appends to the last STAGE_LIST and leaves the rest alone', () => {
    assert.equal(
      toConfig('IMG_NAME=a\nSTAGE_LIST="stage0 stage1"\n# mine\n'),
      'IMG_NAME=a\nSTAGE_LIST="stage0 stage1 stage-x"\n# mine\n',
    );
    assert.equal(toConfig("STAGE_LIST='stage0'"), "STAGE_LIST='stage0 stage-x'");
    assert.equal(toConfig('STAGE_LIST="stage0 "'), 'STAGE_LIST="stage0 stage-x"');
    assert.equal(toConfig('STAGE_LIST=""'), 'STAGE_LIST="stage-x"');
  });

  it('quotes a bare word that gets a second one', () => {
    assert.equal(toConfig('STAGE_LIST=stage0\n'), 'STAGE_LIST="stage0 stage-x"\n');
  });

  it('leaves a list alone whose quotes it cannot extend', () => {
    assert.equal(toConfig('STAGE_LIST="$PWD"/stage0\n'), 'unreadable');
    assert.equal(toConfig('STAGE_LIST="stage0 stage1\n'), 'unreadable');
  });

  it('says so where nothing is to be added', () => {
    assert.equal(toConfig('STAGE_LIST="stage0 ./stage-x/"'), 'present');
    assert.equal(toConfig('IMG_NAME=a\n'), 'default');
  });
});

const workflow = (list: string): string => `jobs:
  build:
    steps:
      - uses: usimd/pi-gen-action@v1
        with:
          stage-list: ${list}
          release: trixie # keep
`;

describe('addToWorkflow', () => {
  const add = (list: string): string => outcome(addToWorkflow(workflow(list), './stage-x'));

  it('appends to each form of scalar and keeps the formatting', () => {
    for (const [before, after] of [
      ['stage0 stage1 # why', 'stage0 stage1 ./stage-x # why'],
      ['"stage0 stage1"', '"stage0 stage1 ./stage-x"'],
      ["'stage0'", "'stage0 ./stage-x'"],
      ['>-\n            stage0\n            stage1', '>-\n            stage0\n            stage1 ./stage-x'],
    ] as const) {
      const text = add(before);
      assert.equal(text, workflow(after));
      assert.equal(parseWorkflow('w.yml', text).steps[0]?.stageList?.at(-1)?.value, './stage-x');
    }
  });

  it('adds to every list of the workflow that lacks the stage', () => {
    const text = workflow('stage0') + workflow('stage0').replace('jobs:\n  build:', '  other:');
    const change = addToWorkflow(text, './stage-x');
    assert.equal(change.kind === 'change' && change.edits.length, 2);
    assert.equal(outcome(addToWorkflow(outcome(change), 'stage-x')), 'present');
  });

  it('adds once to a list that two steps share by an alias', () => {
    const text = `${workflow('stage0').replace('with:', 'with: &inputs')}      - uses: usimd/pi-gen-action@v1
        with: *inputs
`;
    assert.equal(outcome(addToWorkflow(text, './stage-x')), text.replace('stage0', 'stage0 ./stage-x'));
  });

  it('says so where nothing is to be added', () => {
    assert.equal(add('stage0 stage-x'), 'present');
    assert.equal(outcome(addToWorkflow('jobs: {}\n', './stage-x')), 'default');
    assert.equal(outcome(addToWorkflow('\t: [', './stage-x')), 'default');
  });
});
