import assert from 'node:assert/strict';
import type { BuildEvent } from '../../../../src/build/build-event';
import { LogRecorder } from '../../../../src/build/output/log-recorder';
import { replayLog } from '../../../../src/build/output/replay-log';
import { StampClock } from '../../../../src/build/output/stamp-clock';
import { StepTracker } from '../../../../src/build/output/step-tracker';
import { TemporaryFolder } from '../../pigen/temporary-folder';

describe('a log that is told again', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
  });
  after(() => folder.remove());

  const clockOf = (date: Date) => date.toISOString().slice(11, 19);

  /**
   * How long the tree took by the log so far and an end that comes now. Milliseconds.
   *
   * @param ahead milliseconds that the container's clock is ahead
   */
  async function durationOf(stamp: Date, began: Date, ahead = 0): Promise<number> {
    const text = `[${clockOf(stamp)}] Begin /pi-gen\n`;
    const file = await folder.write('build-docker.log', text);
    const events: BuildEvent[] = [];
    const tracker = new StepTracker(
      () => undefined,
      () => performance.now(),
    );
    const sink = (event: BuildEvent) => {
      events.push(event);
    };
    const recorder = new LogRecorder(undefined, tracker, sink, [], StampClock.ofTakenUp(began.toISOString()));
    const { signal } = new AbortController();
    await replayLog(file, text.length, recorder, signal);
    await recorder.output({
      stream: 'stdout',
      text: `[${clockOf(new Date(Date.now() + ahead))}] End /pi-gen`,
    });
    const ended = events.find((event) => event.event === 'step-ended');
    assert.ok(ended?.event === 'step-ended');
    return ended.milliseconds;
  }

  const minutesAgo = (minutes: number, milliseconds = 0) =>
    new Date(Date.now() - minutes * 60_000 + milliseconds);

  it('gives steps the time since their stamps', async () => {
    const took = await durationOf(minutesAgo(5), minutesAgo(6));
    assert.ok(took >= 5 * 60_000 && took < 6 * 60_000, String(took));
  });

  for (const [what, early] of [
    ['is cut to the second', 900],
    ['comes from a clock that is behind', 20_000],
  ] as const) {
    it(`does not begin before its build, nor after now, where a stamp ${what}`, async () => {
      for (const minutes of [1, 90]) {
        const took = await durationOf(minutesAgo(minutes, -early), minutesAgo(minutes), -early);
        assert.ok(took >= minutes * 60_000 - 1000 && took < (minutes + 1) * 60_000, `${minutes}: ${took}`);
      }
    });
  }

  it('knows a clock of another zone', async () => {
    const took = await durationOf(minutesAgo(5 - 120), minutesAgo(6), 120 * 60_000);
    assert.ok(took >= 5 * 60_000 && took < 6 * 60_000, String(took));
  });
});
