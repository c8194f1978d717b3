import assert from 'node:assert/strict';
import type { BuildEvent } from '../../../../src/build/build-event';
import { BuildClock } from '../../../../src/build/timeline/build-clock';

const step = (path: string) => ({ path, containerPath: path, kind: 'run', stage: 'stage2' }) as const;
const began = (path: string): BuildEvent => ({ event: 'step-began', ago: 0, ...step(path) });
const ended = (path: string, milliseconds: number): BuildEvent => ({
  event: 'step-ended',
  ...step(path),
  milliseconds,
});

describe('the time that a build will take', () => {
  const last = new Map([
    ['/a', 1000],
    ['/b', 3000],
    ['/c', 6000],
  ]);

  it('is not known without an earlier build', () => {
    const clock = new BuildClock(undefined, () => 0);
    clock.take(began('/a'));
    assert.equal(clock.estimate(), undefined);
  });

  it('is what the last build took for the rest', () => {
    let now = 0;
    const clock = new BuildClock(last, () => now);
    assert.equal(clock.estimate(), undefined);
    clock.take(began('/a'));
    assert.deepEqual(clock.estimate(), { left: 10_000, done: 0, share: 0.1 });
    clock.take(ended('/a', 500));
    clock.take(began('/b'));
    now = 1000;
    assert.deepEqual(clock.estimate(), { left: 8000, done: 1 - 0.8, share: 0.3 });
    now = 9000;
    assert.equal(clock.estimate()?.left, 6000);
    clock.take(ended('/b', 9000));
  });

  it('does not count a step that is new', () => {
    let now = 0;
    const clock = new BuildClock(last, () => now);
    clock.take(began('/newer'));
    assert.equal(clock.estimate(), undefined);
    clock.take(ended('/newer', 700));
    clock.take(began('/a'));
    clock.take(ended('/a', 1000));
    clock.take(began('/new'));
    now = 5000;
    assert.deepEqual(clock.estimate(), { left: 9000, done: 1 - 0.9, share: undefined });
  });

  it('counts what is passed over as behind', () => {
    const clock = new BuildClock(last, () => 0);
    clock.take(began('/c'));
    assert.deepEqual(clock.estimate(), { left: 6000, done: 1 - 0.6, share: 0.6 });
  });
});
