import assert from 'node:assert/strict';
import type { BuildProblemKind } from '../../../src/build/build-problem';
import { spreadBuilds } from '../../../src/build/spread-builds';
import type { BuildEnd } from '../../../src/build/spread-builds';

const problem = (kind: BuildProblemKind) => ({ kind, message: `It is ${kind}.`, wayOut: '' });
const passed: BuildEnd = { result: { problem: undefined, containerLeft: undefined }, stopped: false };

describe('builds spread over engines', () => {
  /** Builds that end when they are let go, one after the other. */
  class Yard {
    readonly begun: string[] = [];
    readonly #ends = new Map<string, (end: BuildEnd) => void>();

    readonly build = (task: string, engine: string): Promise<BuildEnd> => {
      this.begun.push(`${task} on ${engine}`);
      return new Promise((resolve) => this.#ends.set(`${task} on ${engine}`, resolve));
    };

    async end(name: string, end: BuildEnd = passed): Promise<void> {
      this.#ends.get(name)?.(end);
      // As often as it takes until whatever follows from it has happened.
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
  }
  let yard: Yard;
  beforeEach(() => {
    yard = new Yard();
  });

  it('are begun as many at once as there are engines, each on the one that is free', async () => {
    const left: (readonly string[])[] = [];
    const all = spreadBuilds(['one', 'two', 'three'], ['a', 'b'], yard.build, {
      onLeft: (tasks) => left.push(tasks),
    });
    assert.deepEqual(yard.begun, ['one on a', 'two on b']);
    await yard.end('two on b');
    assert.deepEqual(yard.begun.at(-1), 'three on b');
    await yard.end('one on a');
    await yard.end('three on b');
    assert.deepEqual((await all).left, []);
    assert.deepEqual(left, [['two', 'three'], ['three'], []]);
  });

  for (const [how, end] of [
    ['cannot be reached', { problem: problem('no-engine'), stopped: false }],
    [
      'runs rootless',
      { result: { problem: problem('rootless-engine'), containerLeft: undefined }, stopped: false },
    ],
  ] as const) {
    it(`pass from an engine that ${how} to another, though that had nothing to do any more`, async () => {
      const all = spreadBuilds(['one', 'two', 'three'], ['a', 'b'], yard.build);
      await yard.end('two on b');
      await yard.end('three on b');
      await yard.end('one on a', end);
      assert.deepEqual(yard.begun.at(-1), 'one on b');
      await yard.end('one on b');
      const { ends, left } = await all;
      assert.deepEqual(left, []);
      assert.equal(ends.length, 4);
    });
  }

  it("are left where no engine is, and one that may go on in its container is nobody else's", async () => {
    const all = spreadBuilds(['one', 'two', 'three'], ['a', 'b'], yard.build);
    const lost = { problem: problem('engine-lost'), containerLeft: 'it' };
    await yard.end('one on a', { result: lost, stopped: false });
    await yard.end('two on b', { problem: problem('no-permission'), stopped: false });
    assert.deepEqual((await all).left, ['two', 'three']);
  });

  it('are not begun any more where one is stopped; the others that run go on', async () => {
    const all = spreadBuilds(['one', 'two', 'three'], ['a', 'b'], yard.build);
    await yard.end('one on a', { stopped: true });
    await yard.end('two on b');
    const { ends, left } = await all;
    assert.deepEqual(left, ['three']);
    assert.deepEqual(
      ends.map(({ task }) => task),
      ['one', 'two'],
    );
  });

  it('that break down end with what they threw, when the others have ended', async () => {
    const all = spreadBuilds(['one', 'two', 'three'], ['a', 'b'], (task, engine) =>
      task === 'one' ? Promise.reject(new Error('broken')) : yard.build(task, engine),
    );
    await yard.end('two on b');
    await assert.rejects(all, /broken/);
    assert.deepEqual(yard.begun, ['two on b']);
  });
});
