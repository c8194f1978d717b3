import assert from 'node:assert/strict';
import { spread } from '../../../src/build/spread';

describe('tasks spread over workers', () => {
  it('run as many at once as there are workers, and give their results in order', async () => {
    let running = 0;
    let most = 0;
    const results = await spread([5, 1, 3, 2, 4], ['a', 'b'], async (task) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < task; turn++) await Promise.resolve();
      running--;
      return task * 10;
    });
    assert.deepEqual(results, [50, 10, 30, 20, 40]);
    assert.equal(most, 2);
  });

  it('begins no further task after one that broke down, and waits for those that run', async () => {
    const ended: number[] = [];
    const all = spread([0, 1, 2, 3], ['a', 'b'], async (task) => {
      await Promise.resolve();
      if (task === 0) throw new Error('broken');
      await Promise.resolve();
      ended.push(task);
    });
    await assert.rejects(all, /broken/);
    assert.deepEqual(ended, [1]);
  });
});
