import assert from 'node:assert/strict';
import fc from 'fast-check';
import { demultiplex } from '../../../../src/build/engine/demultiplexer';
import { LineAssembler, longestLine } from '../../../../src/build/output/lines';
import type { OutputChunk, OutputLine, OutputStream } from '../../../../src/build/output/lines';

interface Written {
  readonly stream: OutputStream;
  readonly text: string;
}

describe('the output of a container', () => {
  it('comes out whole however the connection cuts it', async () => {
    const written = fc.array(
      fc.record({
        stream: fc.constantFrom<OutputStream>('stdout', 'stderr'),
        text: fc.string({ unit: 'binary', maxLength: 40 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(written, fc.array(fc.nat(30), { minLength: 1 }), async (frames, cuts) => {
        const chunks = await collect(demultiplex(cut(Buffer.concat(frames.map(frameOf)), cuts)));
        for (const stream of ['stdout', 'stderr'] as const) {
          const bytes = Buffer.concat(
            chunks.filter((chunk) => chunk.stream === stream).map((chunk) => chunk.bytes),
          );
          const expected = frames.filter((frame) => frame.stream === stream).map((frame) => frame.text);
          assert.equal(bytes.toString(), Buffer.from(expected.join('')).toString());
        }
      }),
    );
  });

  it('keeps characters of several bytes whole in lines', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(10), { minLength: 1 }), async (lines, cuts) => {
        const text = lines.map((one) => `${one}\n`).join('');
        const bytes = cut(frameOf({ stream: 'stdout', text }), cuts);
        assert.deepEqual(
          (await assemble(demultiplex(bytes))).map((one) => one.text),
          lines,
        );
      }),
    );
  });

  it('tells an unfinished line of one stream before the next line of the other', async () => {
    const lines = await linesOf([
      { stream: 'stderr', text: 'Unable to chroot/chdir to [/x/rootfs/]' },
      { stream: 'stdout', text: '[20:26:45] Build failed\n' },
    ]);
    assert.deepEqual(lines, [
      { stream: 'stderr', text: 'Unable to chroot/chdir to [/x/rootfs/]', torn: true },
      { stream: 'stdout', text: '[20:26:45] Build failed' },
    ]);
  });

  it('does not tear a line that a full pipe buffer cut', async () => {
    const first = `${'a'.repeat(4095)}b`;
    const lines = await linesOf([
      { stream: 'stdout', text: first },
      { stream: 'stderr', text: 'warning\n' },
      { stream: 'stdout', text: 'c\n' },
    ]);
    assert.deepEqual(
      lines.map((line) => line.text),
      ['warning', `${first}c`],
    );
  });

  it('drops the carriage return of a line end and keeps those inside', async () => {
    const lines = await linesOf([{ stream: 'stdout', text: 'one\r\n5%\r100%\n' }]);
    assert.deepEqual(
      lines.map((line) => line.text),
      ['one', '5%\r100%'],
    );
  });

  it('cuts a line that never ends', async () => {
    const text = 'x'.repeat(3 * longestLine + 5);
    const lines = await linesOf([{ stream: 'stdout', text }]);
    assert.deepEqual(
      lines.map((line) => line.text.length),
      [longestLine, longestLine, longestLine, 5],
    );
  });

  it('can be taken up behind the lines that are known, wherever a position is told', () => {
    const piece = fc.record({
      stream: fc.constantFrom<OutputStream>('stdout', 'stderr'),
      text: fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é'), maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const lines = new LineAssembler();
        const known: Record<OutputStream, string> = { stdout: '', stderr: '' };
        const whole: Record<OutputStream, string> = { stdout: '', stderr: '' };
        for (const { stream, text } of pieces) whole[stream] += text;
        for (const { stream, text } of pieces) {
          const bytes = Buffer.from(text);
          for (const line of lines.push({ stream, bytes, frame: bytes.length })) {
            known[line.stream] += line.torn === true ? line.text : `${line.text}\n`;
          }
          const { position } = lines;
          if (position === undefined) continue;
          for (const one of ['stdout', 'stderr'] as const) {
            const all = whole[one].split('\n');
            const before: readonly string[] = all.slice(0, position[one].lines);
            assert.equal(known[one], before.map((text) => `${text}\n`).join(''));
          }
        }
      }),
    );
  });

  it('is refused where it is in another format', async () => {
    await assert.rejects(collect(demultiplex(cut(Buffer.from('plain text, no frames'), [7]))), /format/);
  });
});

function frameOf({ stream, text }: Written): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream === 'stdout' ? 1 : 2, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** Gives the bytes in pieces of the given lengths, over and over. */
async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = (lengths[turn % lengths.length] ?? 0) + 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function assemble(chunks: AsyncIterable<OutputChunk>): Promise<OutputLine[]> {
  const assembler = new LineAssembler();
  const lines: OutputLine[] = [];
  for await (const chunk of chunks) lines.push(...assembler.push(chunk));
  return [...lines, ...assembler.end()];
}

function linesOf(written: readonly Written[]): Promise<OutputLine[]> {
  return assemble(demultiplex(cut(Buffer.concat(written.map(frameOf)), [13])));
}
