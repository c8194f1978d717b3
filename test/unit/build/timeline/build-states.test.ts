import assert from 'node:assert/strict';
import type { BuildEvent } from '../../../../src/build/build-event';
import { BuildStates } from '../../../../src/build/timeline/build-states';
import type { BuildTimeline } from '../../../../src/build/timeline/build-timeline';

const root = '/home/me/tree';
const stage = `${root}/stage-x`;
const step = `${stage}/00-net/00-run.sh`;
const running = (path: string): BuildEvent => ({
  ...{ event: 'step-began', path, containerPath: path, kind: 'run', stage: 'stage-x', ago: 0 },
});
const done = (path: string, milliseconds: number): BuildEvent => ({
  ...{ event: 'step-ended', path, containerPath: path, kind: 'run', stage: 'stage-x', milliseconds },
});
const failed: BuildEvent = { event: 'ended', exitCode: 1, cancelled: false };

describe('what the last builds did', () => {
  let now: number;
  let states: BuildStates;
  beforeEach(() => {
    now = Date.parse('2026-01-01T12:00:00Z');
    states = new BuildStates(() => now);
  });

  /** Begins a build now; gives what takes its events. */
  function begin(variant: string, more: { readonly root?: string; readonly round?: number } = {}) {
    const build = { root, ...more, id: `${variant} ${now}`, variant, began: new Date(now).toISOString() };
    states.begin(build);
    return (event: BuildEvent) => states.take(build, event);
  }

  const told = (path: string) =>
    states.of(path).map(({ variant, beside, step: { state } }) => `${beside ? `${variant}: ` : ''}${state}`);

  /** A build as it is kept, that began so many minutes before noon. */
  function kept(variant: string, began: number, minutes: number, parts: Readonly<Record<string, boolean>>) {
    return {
      ...{ id: `${variant} ${began}`, variant, whole: true, outcome: 'failed', sizes: [] },
      began: new Date(now - began * 60_000).toISOString(),
      milliseconds: minutes * 60_000,
      parts: Object.entries(parts).map(([path, ended]) => ({
        ...{ kind: 'run', path, containerPath: path, stage: 'stage-x', milliseconds: 5000, ended },
      })),
    } as BuildTimeline;
  }

  it('is told of each of the builds that run at once, with its name, and of none the other’s', () => {
    const one = begin('config-one');
    now += 1000;
    const two = begin('config-two');
    one(running(stage));
    one(running(step));
    two(running(stage));
    assert.deepEqual(
      [told(stage), told(step)],
      [['config-one: running', 'config-two: running'], ['config-one: running']],
    );
    one(done(step, 3000));
    two(running(step));
    assert.deepEqual(told(step), ['config-one: done', 'config-two: running']);
    two(failed);
    assert.deepEqual(
      [told(stage), told(step)],
      [
        ['config-one: running', 'config-two: failed'],
        ['config-one: done', 'config-two: failed'],
      ],
    );
  });

  it('needs no name where one build runs, and is forgotten when the next one begins, but for how long it took', () => {
    const one = begin('config-one');
    one(running(step));
    one(done(step, 3000));
    assert.deepEqual(told(step), ['done']);
    one({ event: 'ended', exitCode: 0, cancelled: false });
    now += 1000;
    begin('config-two');
    assert.deepEqual([told(step), states.lastDuration(step)], [[], 3000]);
  });

  it('stands beside those that were asked for together, also where one began when another had ended', () => {
    const one = begin('config-one', { round: 1 });
    one(running(step));
    one(failed);
    now += 1000;
    const two = begin('config-two', { round: 1 });
    two(running(step));
    assert.deepEqual(told(step), ['config-one: failed', 'config-two: running']);
    two(failed);
    now += 1000;
    begin('config-one', { round: 2 });
    assert.deepEqual(told(step), []);
  });

  it('is of one tree', () => {
    const one = begin('config');
    one(running(step));
    one(failed);
    now += 1000;
    begin('config', { root: '/home/me/other' });
    assert.deepEqual(told(step), ['failed']);
  });

  it('goes with a build that was stopped', () => {
    const one = begin('config');
    one(running(step));
    one({ event: 'ended', exitCode: null, cancelled: true });
    assert.deepEqual(told(step), []);
  });

  it('is known from what is kept: of the newest, and of those that ran at the same time', () => {
    const first = `${stage}/00-net/01-run.sh`;
    states.addKept(root, [
      kept('config-one', 10, 5, { [step]: true }),
      kept('config-two', 8, 4, { [step]: false }),
      kept('config-two', 12, 1, { [first]: true }),
      kept('config-old', 60, 5, { [step]: false, [first]: true }),
    ]);
    assert.deepEqual([told(step), told(first)], [['config-one: done', 'config-two: failed'], []]);
    assert.deepEqual([states.lastDuration(step), states.lastDuration(first)], [5000, 5000]);
    assert.deepEqual(states.of(step)[1]?.variant, 'config-two');
  });

  it('gives way to a build that runs when it is read', () => {
    const one = begin('config');
    one(running(step));
    states.addKept(root, [kept('config', 10, 5, { [stage]: false })]);
    assert.deepEqual([told(step), told(stage)], [['running'], []]);
  });
});
