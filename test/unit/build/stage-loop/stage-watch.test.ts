import assert from 'node:assert/strict';
import { StageWatch } from '../../../../src/build/stage-loop/stage-watch';

/** A stage whose files and runs the test decides. */
class Stand {
  state = 'a';
  readonly runs: { readonly signal: AbortSignal; readonly end: () => void }[] = [];
  #began: () => void = () => undefined;
  readonly watch = new StageWatch({
    state: () => Promise.resolve(this.state),
    run: async (signal) => {
      const ended = new Promise<void>((resolve) => {
        this.runs.push({ signal, end: resolve });
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
      this.#began();
      await ended;
    },
  });

  async run(number: number): Promise<AbortSignal> {
    while (this.runs.length < number) {
      await new Promise<void>((resolve) => {
        this.#began = resolve;
      });
    }
    return this.runs[number - 1]!.signal;
  }

  async save(state: string): Promise<void> {
    this.state = state;
    await this.watch.look();
  }
}

describe('a stage that is watched', () => {
  it('runs at once, and again for every save that changes something', async () => {
    const stand = new Stand();
    const watching = stand.watch.watch();
    await stand.run(1);
    stand.runs[0]!.end();
    await stand.save('a');
    await stand.save('b');
    assert.equal((await stand.run(2)).aborted, false);
    assert.equal(stand.runs[0]!.signal.aborted, false);
    stand.watch.stop();
    await watching;
    assert.equal(stand.runs.length, 2);
  });

  it('stops a run that a save overtakes, and begins anew', async () => {
    const stand = new Stand();
    const watching = stand.watch.watch();
    await stand.run(1);
    await stand.save('a');
    assert.equal(stand.runs[0]!.signal.aborted, false);
    await stand.save('b');
    assert.equal(stand.runs[0]!.signal.aborted, true);
    assert.equal((await stand.run(2)).aborted, false);
    stand.watch.stop();
    assert.equal(stand.runs[1]!.signal.aborted, true);
    await watching;
  });
});
