import assert from 'node:assert/strict';
import { StepTracker } from '../../../../src/build/output/step-tracker';

const begun = (path: string) => ({ kind: 'begin', path, line: 0, time: undefined, marker: 'stamp' }) as const;

describe('the steps of a build', () => {
  it('have postrun.sh at its path, though build.sh names it without its folder', () => {
    const local = (path: string): string | undefined =>
      path.startsWith('/pi-gen') ? path.replace('/pi-gen', '/home/me/pi-gen') : undefined;
    const tracker = new StepTracker(local, () => 0);
    tracker.take(begun('/pi-gen'));
    const [began] = tracker.take(begun('postrun.sh'));
    assert.deepEqual(began, {
      event: 'step-began',
      path: '/home/me/pi-gen/postrun.sh',
      containerPath: 'postrun.sh',
      kind: 'postrun',
      stage: undefined,
      ago: 0,
    });
    const [ended] = tracker.take({ ...begun('postrun.sh'), kind: 'end' });
    assert.equal(ended?.event, 'step-ended');
  });
});
