import assert from 'node:assert/strict';
import type { BuildEvent } from '../../../../src/build/build-event';
import { growthOf, measureBeside, rowsOf, sizeOfLine } from '../../../../src/build/timeline/measure-stages';
import { TimelineRecorder } from '../../../../src/build/timeline/timeline-recorder';

const about = { id: 'a', variant: 'config', whole: true, began: '2026-01-01T00:00:00.000Z' };
const part = (kind: 'tree' | 'stage' | 'run', name: string) =>
  ({
    kind,
    path: `/home/me${name}`,
    containerPath: `/pi-gen${name}`,
    stage: kind === 'tree' ? undefined : 'stage0',
  }) as const;
const began = (...words: Parameters<typeof part>): BuildEvent => ({
  event: 'step-began',
  ago: 0,
  ...part(...words),
});
const ended = (milliseconds: number, ...words: Parameters<typeof part>): BuildEvent => ({
  event: 'step-ended',
  ...part(...words),
  milliseconds,
});

describe('the recorder of a build', () => {
  it('knows at any time how long everything took so far', () => {
    let now = 5000;
    const recorder = new TimelineRecorder(about, () => now);
    recorder.take({ event: 'image-step', step: 1, total: 2, text: 'FROM x' });
    now = 6000;
    for (const event of [began('tree', ''), began('stage', '/stage0'), began('run', '/stage0/00-run.sh')])
      recorder.take(event);
    now = 6400;
    const { parts, outcome, milliseconds } = recorder.timeline;
    assert.deepEqual([outcome, milliseconds], ['running', 1400]);
    assert.deepEqual(
      parts.map(({ kind, milliseconds: so, ended: is }) => [kind, so, is]),
      [
        ['image', 1000, true],
        ['tree', 400, false],
        ['stage', 400, false],
        ['run', 400, false],
      ],
    );
  });

  it('takes what the log says for what ended, also where it is read long after', () => {
    const recorder = new TimelineRecorder(about, () => 0);
    recorder.take(began('tree', ''));
    recorder.take(began('run', '/stage0/00-run.sh'));
    recorder.take(ended(7000, 'run', '/stage0/00-run.sh'));
    recorder.take(ended(9000, 'tree', ''));
    recorder.take({ event: 'stage-size', stage: 'stage0', total: 5, added: 5, packages: undefined });
    recorder.take({ event: 'ended', exitCode: 0, cancelled: false });
    const { outcome, milliseconds, sizes } = recorder.timeline;
    assert.deepEqual([outcome, milliseconds], ['succeeded', 9000]);
    assert.deepEqual(sizes, [{ stage: 'stage0', total: 5, added: 5, packages: undefined }]);
  });

  it('leaves what a build died in without an end', () => {
    let now = 0;
    const recorder = new TimelineRecorder(about, () => now);
    recorder.take(began('tree', ''));
    recorder.take(began('run', '/stage0/00-run.sh'));
    now = 300;
    recorder.take({ event: 'ended', exitCode: 1, cancelled: false });
    now = 9000;
    recorder.end('cancelled');
    const { outcome, parts } = recorder.timeline;
    assert.equal(outcome, 'failed');
    assert.deepEqual(
      parts.map(({ milliseconds, ended: is }) => [milliseconds, is]),
      [
        [300, false],
        [300, false],
      ],
    );
  });
});

describe('the sizes of stages', () => {
  it('are what each added to the one before', () => {
    assert.deepEqual(growthOf(rowsOf('stage0\t1000\t10\0stage1\t900\t12\0nonsense\0stage2\t950\t\0')), [
      { stage: 'stage0', total: 1000, added: 1000, packages: 10 },
      { stage: 'stage1', total: 900, added: -100, packages: 2 },
      { stage: 'stage2', total: 950, added: 50, packages: undefined },
    ]);
  });

  it('are told of a stage that is tried by a line of its log', () => {
    assert.deepEqual(sizeOfLine('stage-mine adds 1440 bytes to the stages before it.'), {
      stage: 'stage-mine',
      total: undefined,
      added: 1440,
      packages: undefined,
    });
    assert.equal(sizeOfLine('x: stage-mine adds 1440 bytes to the stages before it.'), undefined);
    assert.equal(sizeOfLine('stage-mine adds  bytes to the stages before it.'), undefined);
  });

  it('are measured while something else is done, and given up where that fails or is long done', async () => {
    const never = (signal: AbortSignal): Promise<string> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve('given up');
        });
      });
    const halt = new AbortController().signal;
    assert.equal(
      await measureBeside(
        () => Promise.resolve('measured'),
        () => Promise.resolve(),
        { halt },
      ),
      'measured',
    );
    assert.equal(await measureBeside(never, () => Promise.resolve(), { halt, patience: 0 }), 'given up');
    const fails = measureBeside(never, () => Promise.reject(new Error('lost')), { halt });
    await assert.rejects(fails, /lost/);
  });
});
