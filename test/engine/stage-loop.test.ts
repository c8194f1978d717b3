import assert from 'node:assert/strict';
import { Bench } from './bench';
import { StageBench } from './stage-bench';

describe('a stage tried again and again', () => {
  let bench: Bench;
  let stages: StageBench;
  before(async () => {
    bench = await Bench.create();
    stages = new StageBench(bench);
  });
  after(async () => {
    if (!process.env['STOP']) await stages.dispose();
    await bench.dispose();
  });

  it('starts from what is kept', async () => {
    const build = await bench.prepare({ configFile: await bench.config('stage-good') });
    const first = await stages.try(build, 'stage-good');
    console.log(first.log);
    assert.deepEqual(first.result.failures, []);
    const t = Date.now();
    if (process.env['STOP']) throw new Error(JSON.stringify([...stages.volumes]));
    const second = await stages.try(build, 'stage-good');
    console.log(second.log, Date.now() - t);
  });
});
