import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Bench, fixtures } from './bench';

describe('a build with changes for this once', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  it('traces a script, leaves a step out, and does not touch the tree', async () => {
    const stage = `${fixtures}/stages/stage-good/00-own`;
    const scripts = ['00-run.sh', '00-run-chroot.sh'].map((name) => `${stage}/${name}`);
    const before = await Promise.all(scripts.map((script) => readFile(script, 'utf8')));
    const prepared = await bench.prepare({
      configFile: await bench.config('stage-good'),
      changes: { trace: [scripts[0] ?? ''], without: [scripts[1] ?? ''] },
    });
    const { result, events, log } = await bench.build(prepared);
    assert.deepEqual(result.failures, []);
    assert.match(log, /^\+ 00-run\.sh:3: install /m);
    const began = events.flatMap((event) => (event.event === 'step-began' ? [event.path] : []));
    assert.ok(began.includes(scripts[0] ?? ''));
    assert.ok(!began.includes(scripts[1] ?? ''));
    assert.ok(began.includes(`${stage}/00-packages`));
    assert.deepEqual(await Promise.all(scripts.map((script) => readFile(script, 'utf8'))), before);
  });
});
