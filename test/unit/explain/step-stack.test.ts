import assert from 'node:assert/strict';
import { LogReader } from '../../../src/explain/log-reader';
import { StepStack } from '../../../src/explain/step-stack';

function follow(lines: readonly string[]): StepStack {
  const reader = new LogReader();
  const stack = new StepStack();
  const events = [...reader.push(lines.map((line) => `${line}\n`).join('')), ...reader.end()];
  for (const event of events) stack.push(event);
  return stack;
}

const begin = (path: string): string => `[10:00:00] Begin ${path}`;
const end = (path: string): string => `[10:00:00] End ${path}`;

function open(stack: StepStack): string[] {
  return stack.open.map((frame) => `${frame.kind} ${frame.path}`);
}

describe('StepStack', () => {
  it('knows what each frame is', () => {
    const stack = follow([
      begin('/pi-gen'),
      begin('/pi-gen/stage0'),
      begin('/pi-gen/stage0/prerun.sh'),
      end('/pi-gen/stage0/prerun.sh'),
      end('/pi-gen/stage0'),
      begin('/home/me/my-own'),
      begin('/home/me/my-own/prerun.sh'),
      end('/home/me/my-own/prerun.sh'),
      begin('/home/me/my-own/app'),
      begin('/home/me/my-own/app/00-packages'),
      end('/home/me/my-own/app/00-packages'),
      begin('/home/me/my-own/app/01-run-chroot.sh'),
    ]);
    assert.deepEqual(open(stack), [
      'tree /pi-gen',
      'stage /home/me/my-own',
      'sub-stage /home/me/my-own/app',
      'run-chroot /home/me/my-own/app/01-run-chroot.sh',
    ]);
    assert.deepEqual(
      stack.passed.map((frame) => frame.kind),
      ['prerun', 'packages'],
    );
    assert.equal(stack.prerunBegan, true);
    assert.equal(stack.chrootStepPassed, true);
  });

  it('forgets what passed when another stage begins', () => {
    const stack = follow([
      begin('/pi-gen'),
      begin('/pi-gen/stage0'),
      begin('/pi-gen/stage0/prerun.sh'),
      end('/pi-gen/stage0/prerun.sh'),
      end('/pi-gen/stage0'),
      begin('/pi-gen/stage-x'),
      begin('/pi-gen/stage-x/00-y'),
    ]);
    assert.deepEqual([stack.prerunBegan, stack.passed.length], [false, 0]);
  });

  it('takes a sub-stage folder for one even where it has the name of a step', () => {
    const stack = follow([begin('/p'), begin('/p/stage1'), begin('/p/stage1/00-packages')]);
    assert.equal(stack.innermost?.kind, 'sub-stage');
  });

  it('finds its way in a log whose beginning is cut off', () => {
    const whole = ['stage /s', 'sub-stage /s/a', 'run /s/a/01-run.sh'];
    assert.deepEqual(open(follow([begin('/s/a/01-run.sh')])), whole);
    assert.deepEqual(open(follow([end('/s/a/00-packages'), begin('/s/a/01-run.sh')])), whole);
    assert.deepEqual(open(follow([begin('/s/a'), begin('/s/a/01-run.sh')])).slice(-2), whole.slice(-2));
    assert.equal(follow([end('/s/a/00-packages'), begin('/s/a/01-run.sh')]).chrootStepPassed, true);
    assert.deepEqual(open(follow([end('/s/prerun.sh'), begin('/s/a')])), whole.slice(0, 2));
  });

  it('closes frames whose end is missing', () => {
    const stack = follow([
      begin('/pi-gen'),
      begin('/pi-gen/stage0'),
      begin('/pi-gen/stage0/00-a'),
      begin('/pi-gen/stage0/00-a/00-run.sh'),
      begin('/pi-gen/stage1'),
    ]);
    assert.deepEqual(open(stack), ['tree /pi-gen', 'stage /pi-gen/stage1']);
  });

  it('reopens the groups that pi-gen-action closes before it says that the build failed', () => {
    const group = (path: string): string => `##[group]${path}`;
    const stack = follow([
      group('/pi-gen'),
      group('stage-x'),
      group('stage-x/00-y'),
      group('stage-x/00-y/00-packages'),
      '##[endgroup]',
      group('stage-x/00-y/00-run-chroot.sh'),
      '##[warning]realpath: x',
      '##[endgroup]',
      '##[endgroup]',
      '##[endgroup]',
      '##[endgroup]',
      '##[error]pi-gen build failed with exit code 1',
    ]);
    assert.deepEqual(open(stack), [
      'tree /pi-gen',
      'stage stage-x',
      'sub-stage stage-x/00-y',
      'run-chroot stage-x/00-y/00-run-chroot.sh',
    ]);
    assert.deepEqual(
      stack.passed.map((frame) => frame.kind),
      ['packages'],
    );
  });
});
