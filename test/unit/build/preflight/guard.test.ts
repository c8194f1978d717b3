import assert from 'node:assert/strict';
import { once } from 'node:events';
import { buildGuarded, preflightProblem } from '../../../../src/build/preflight/guard';
import type { CheckVerdict, VerdictState } from '../../../../src/build/preflight/verdict';

const verdict = (state: VerdictState): CheckVerdict => ({
  check: 'loop',
  title: 'Loop devices',
  state,
  message: 'None.',
  fix: 'Make one.',
});

/** A build that goes on until it is stopped. */
const endless = async (signal: AbortSignal): Promise<string> => {
  if (!signal.aborted) await once(signal, 'abort');
  return 'stopped';
};

describe('a build that checks go along with', () => {
  const signal = new AbortController().signal;
  const warned: CheckVerdict[] = [];
  const options = { signal, onWarning: (one: CheckVerdict) => warned.push(one) };
  beforeEach(() => {
    warned.length = 0;
  });

  it('is stopped by one that says it will fail', async () => {
    const check = () => Promise.resolve([verdict('fine'), verdict('warning'), verdict('fail')]);
    const { result, stoppedBy } = await buildGuarded(endless, check, options);
    assert.equal(result, 'stopped');
    assert.equal(stoppedBy?.state, 'fail');
    assert.deepEqual(
      warned.map(({ state }) => state),
      ['warning'],
    );
  });

  it('goes on where nothing is found, or a check breaks down', async () => {
    const build = () => Promise.resolve('done');
    for (const check of [
      () => Promise.resolve([verdict('unknown')]),
      () => Promise.reject(new Error('no such engine')),
    ]) {
      const { result, stoppedBy } = await buildGuarded(build, check, options);
      assert.equal(result, 'done');
      assert.equal(stoppedBy, undefined);
    }
  });

  it('has succeeded where it was quicker, and waits for the checks to be over', async () => {
    let release: (() => void) | undefined;
    const looked = new Promise<void>((resolve) => (release = resolve));
    let over = false;
    const check = async () => {
      await looked;
      over = true;
      return [verdict('fail')];
    };
    const guarded = buildGuarded(() => Promise.resolve('done'), check, options);
    release?.();
    const { stoppedBy } = await guarded;
    assert.ok(over);
    assert.equal(stoppedBy, undefined);
  });

  it('rejects with what it rejects with', async () => {
    await assert.rejects(
      buildGuarded(
        () => Promise.reject(new Error('no')),
        () => Promise.resolve([]),
        options,
      ),
      /^Error: no$/,
    );
  });

  it('is not offered all the same where no container would be made', () => {
    const { kind, message } = preflightProblem({ ...verdict('fail'), check: 'rootful', message: 'No root.' });
    assert.deepEqual([kind, message], ['rootless-engine', 'No root.']);
    assert.equal(preflightProblem(verdict('fail')).kind, 'preflight');
  });
});
