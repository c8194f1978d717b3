import assert from 'node:assert/strict';
import type { BuildEvent } from '../../../../src/build/build-event';
import { LogRecorder } from '../../../../src/build/output/log-recorder';
import { replayLog } from '../../../../src/build/output/replay-log';
import { StampClock } from '../../../../src/build/output/stamp-clock';
import { StepTracker } from '../../../../src/build/output/step-tracker';
import { BuildClock } from '../../../../src/build/timeline/build-clock';
import type { BuildTimeline } from '../../../../src/build/timeline/build-timeline';
import { TimelineRecorder, ageOf } from '../../../../src/build/timeline/timeline-recorder';
import { TemporaryFolder } from '../../pigen/temporary-folder';

/** Seconds ago, as pi-gen stamps them. */
type Line = readonly [ago: number, text: string];

const minutes = (count: number) => count * 60;

/** What a build said, in the order in which it did. It began an hour ago, and its image took ten minutes. */
const image: readonly string[] = ['Step 1/2 : FROM debian', 'Step 2/2 : COPY . /pi-gen/'];
const earlier: readonly Line[] = [
  [minutes(50), 'Begin /pi-gen'],
  [minutes(50), 'Begin /pi-gen/stage0'],
  [minutes(50), 'Begin /pi-gen/stage0/prerun.sh'],
  [minutes(45), 'End /pi-gen/stage0/prerun.sh'],
  [minutes(45), 'Begin /pi-gen/stage0/00-net'],
  [minutes(45), 'Begin /pi-gen/stage0/00-net/00-run.sh'],
];
/** While nobody followed it. */
const meanwhile: readonly Line[] = [
  [minutes(25), 'End /pi-gen/stage0/00-net/00-run.sh'],
  [minutes(25), 'Begin /pi-gen/stage0/00-net/01-run.sh'],
  [minutes(22), 'End /pi-gen/stage0/00-net/01-run.sh'],
  [minutes(22), 'Begin /pi-gen/stage0/00-net/02-run-chroot.sh'],
];

describe('a build that is taken up', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
  });
  after(() => folder.remove());

  interface TakenUp {
    readonly timeline: () => BuildTimeline;
    readonly clock: BuildClock;
    readonly events: readonly BuildEvent[];
    readonly recorder: LogRecorder;
  }

  /** @param zone hours that the container's clock is ahead of UTC */
  async function takeUp(more: readonly Line[], { zone = 0, onDisk = true } = {}): Promise<TakenUp> {
    const now = Date.now();
    const began = new Date(now - minutes(60) * 1000).toISOString();
    const stamped = ([ago, text]: Line): string =>
      `[${new Date(now - ago * 1000 + zone * 3_600_000).toISOString().slice(11, 19)}] ${text}`;
    const log = [...image, ...earlier.map(stamped)].map((line) => `${line}\n`).join('');
    const file = await folder.write('build-docker.log', log);
    const timeline = new TimelineRecorder(
      { id: 'a', variant: 'config', whole: true, began },
      () => performance.now(),
      ageOf(began),
    );
    const last = new Map([['/pi-gen/stage0/00-net/02-run-chroot.sh', minutes(40) * 1000]]);
    const clock = new BuildClock(last, () => performance.now());
    const events: BuildEvent[] = [];
    const tracker = new StepTracker(
      () => undefined,
      () => performance.now(),
    );
    const sink = (event: BuildEvent) => {
      events.push(event);
      timeline.take(event);
      clock.take(event);
    };
    const stamps = StampClock.ofTakenUp(began);
    const recorder = new LogRecorder(undefined, tracker, sink, [], stamps);
    const { signal } = new AbortController();
    await replayLog(file, onDisk ? log.length : 0, recorder, signal);
    // A log that is gone is read again from the engine, which has what the container printed.
    for (const line of [...(onDisk ? [] : earlier), ...meanwhile, ...more])
      await recorder.output({ stream: 'stdout', text: stamped(line) });
    return { timeline: () => timeline.timeline, clock, events, recorder };
  }

  /** Whole minutes of the whole, and of each part. */
  const told = ({ milliseconds, parts }: BuildTimeline) => ({
    whole: Math.round(milliseconds / 60_000),
    parts: parts.map(({ containerPath, milliseconds: took, ended }) => [
      containerPath.split('/').at(-1),
      Math.round(took / 60_000),
      ended,
    ]),
  });

  const unbroken = [
    ['pi-gen', 50, false],
    ['stage0', 50, false],
    ['prerun.sh', 5, true],
    ['00-net', 45, false],
    ['00-run.sh', 20, true],
    ['01-run.sh', 3, true],
    ['02-run-chroot.sh', 22, false],
  ];

  it('counts from its beginning, and knows what ended before and while nobody followed it', async () => {
    const { timeline } = await takeUp([]);
    assert.deepEqual(told(timeline()), { whole: 60, parts: [['', 10, true], ...unbroken] });
  });

  it('does so by the engine’s log alone, and by a clock of another zone', async () => {
    for (const zone of [2, -5]) {
      const { timeline } = await takeUp([], { zone, onDisk: false });
      assert.deepEqual(told(timeline()), { whole: 60, parts: unbroken }, String(zone));
    }
  });

  it('is measured against the last one by how long its step has run', async () => {
    const { clock } = await takeUp([]);
    const { left = 0 } = clock.estimate() ?? {};
    assert.equal(Math.round(left / 60_000), 18);
  });

  it('that failed long ago ended then', async () => {
    const { timeline, recorder } = await takeUp([[minutes(20), 'Build failed']]);
    assert.equal(Math.round(recorder.endedAgo / 60_000), 20);
    assert.equal(told(timeline()).whole, 60);
  });

  it('tells what comes now as of now', async () => {
    const { events, recorder, timeline } = await takeUp([[0, 'End /pi-gen/stage0/00-net/02-run-chroot.sh']]);
    const ended = events.at(-1);
    assert.ok(ended?.event === 'step-ended');
    assert.equal(Math.round(ended.milliseconds / 60_000), 22);
    assert.equal(recorder.endedAgo, 0);
    assert.deepEqual(told(timeline()).parts.at(-1), ['02-run-chroot.sh', 22, true]);
  });
});
