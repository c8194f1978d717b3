import assert from 'node:assert/strict';
import type { BuildEvent } from '../../../../src/build/build-event';
import { LineAssembler } from '../../../../src/build/output/lines';
import type { OutputChunk } from '../../../../src/build/output/lines';
import { LogRecorder } from '../../../../src/build/output/log-recorder';
import { StampClock } from '../../../../src/build/output/stamp-clock';
import { StepTracker } from '../../../../src/build/output/step-tracker';
import { mask } from '../../../../src/pigen/config/secrets';

const secret = 'pässwörd-😀+(1)';

/** The lines that a recorder tells of one stream, whatever the other prints between. */
async function told(chunks: readonly OutputChunk[]): Promise<string> {
  const events: BuildEvent[] = [];
  const tracker = new StepTracker(
    () => undefined,
    () => 0,
  );
  const sink = (event: BuildEvent) => {
    events.push(event);
  };
  const recorder = new LogRecorder(undefined, tracker, sink, [secret], StampClock.ofNew(''));
  const lines = new LineAssembler();
  for (const chunk of chunks) for (const line of lines.push(chunk)) await recorder.output(line);
  for (const line of lines.end()) await recorder.output(line);
  return events
    .flatMap((event) => (event.event === 'line' && event.stream === 'stdout' ? [event.text] : []))
    .join('');
}

const chunk = (stream: OutputChunk['stream'], bytes: Uint8Array): OutputChunk => ({
  stream,
  bytes,
  frame: bytes.length,
});

describe('a secret in the output of a build', () => {
  const bytes = Buffer.from(`login ${secret} is set`);

  it('is masked, wherever the engine cuts it', async () => {
    for (let at = 0; at <= bytes.length; at++) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)].map((piece) => chunk('stdout', piece));
      assert.equal(await told(pieces), `login ${mask} is set`, `cut at ${at}`);
    }
  });

  it('is masked, wherever the other stream comes between', async () => {
    for (let at = 0; at <= bytes.length; at++) {
      const text = await told([
        chunk('stdout', bytes.subarray(0, at)),
        chunk('stderr', Buffer.from('meanwhile\n')),
        chunk('stdout', bytes.subarray(at)),
      ]);
      assert.ok(text.includes(mask), `cut at ${at}: ${text}`);
      assert.ok(!text.includes('wörd'), `cut at ${at}: ${text}`);
    }
  });

  it('is masked where a line that never ends is cut inside of it', async () => {
    for (let before = 0; before < secret.length + 2; before++) {
      const long = 'x'.repeat(64 * 1024 - before);
      const text = await told([chunk('stdout', Buffer.from(`${long}${secret} and on\n`))]);
      assert.ok(text.includes(mask), `${before} before the cut: ${text.slice(-40)}`);
      assert.ok(!text.includes('wörd'), `${before} before the cut: ${text.slice(-40)}`);
    }
  });

  it('is masked in base64 that is wrapped over lines, wherever the engine cuts it', async () => {
    const text = `${'#'.repeat(50)}${secret}${'#'.repeat(50)}`;
    const wrapped = Buffer.from(Buffer.from(text).toString('base64').replaceAll(/.{76}/g, '$&\n'));
    const [first = '', second = ''] = wrapped.toString().split('\n');
    for (let at = 0; at <= wrapped.length; at++) {
      const shown = await told(
        [wrapped.subarray(0, at), wrapped.subarray(at)].map((piece) => chunk('stdout', piece)),
      );
      assert.ok(shown.startsWith(first.slice(0, 66)), `cut at ${at}: ${shown}`);
      assert.ok(shown.includes(`${mask}${mask}`), `cut at ${at}: ${shown}`);
      assert.ok(
        !shown.includes(first.slice(-8)) && !shown.includes(second.slice(0, 8)),
        `cut at ${at}: ${shown}`,
      );
    }
  });
});
