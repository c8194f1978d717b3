import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { LogReader } from '../../../src/explain/log-reader';
import type { LogEvent } from '../../../src/explain/log-reader';

const logs = join(import.meta.dirname, '../../fixtures/logs');

function read(...chunks: string[]): LogEvent[] {
  const reader = new LogReader();
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

/** As read(), but line by line. */
function readLines(text: string): LogEvent[] {
  const reader = new LogReader();
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  return [...lines.flatMap((line) => reader.pushLine(line)), ...reader.push(rest), ...reader.end()];
}

/** Events without their numbers, for tests of what is recognised. */
function brief(text: string): string[] {
  return read(text).map((event) => {
    if (event.kind === 'line') return `line ${event.text}`;
    if (event.kind === 'skip') return `skip ${event.path}: ${event.reason}`;
    return 'path' in event ? `${event.kind} ${event.path}` : event.kind;
  });
}

describe('LogReader', () => {
  it('reads the stamps of pi-gen, with the line and the seconds of each', () => {
    assert.deepEqual(read('[13:02:11] Begin /pi-gen/stage2\nhello\n[13:02:12] End /pi-gen/stage2\n'), [
      { kind: 'begin', path: '/pi-gen/stage2', marker: 'stamp', time: 46931, line: 0 },
      { kind: 'line', text: 'hello', line: 1 },
      { kind: 'end', path: '/pi-gen/stage2', marker: 'stamp', time: 46932, line: 2 },
    ]);
  });

  it('finds a stamp behind a last message without its newline', () => {
    const text = 'Unable to chroot/chdir to [/pi-gen/work/a/stage-x/rootfs/][20:26:45] Build failed\n';
    assert.deepEqual(read(text), [
      { kind: 'line', text: 'Unable to chroot/chdir to [/pi-gen/work/a/stage-x/rootfs/]', line: 0 },
      { kind: 'build-failed', time: 73605, line: 0 },
    ]);
  });

  it('reads skipped scripts and a build that finished', () => {
    assert.deepEqual(brief('[00:00:01] Skip /s/00-x/01-run.sh (not executable)\n[00:00:02] Build finished'), [
      'skip /s/00-x/01-run.sh: not executable',
      'build-finished',
    ]);
  });

  it('keeps what a terminal would show of a redrawn line', () => {
    const redraws = '(Reading database ... 5%\r(Reading database ... 100%\r(Reading database ... 9 files)\n';
    assert.deepEqual(read(`${redraws}next`), [
      { kind: 'line', text: '(Reading database ... 9 files)', line: 2 },
      { kind: 'line', text: 'next', line: 3 },
    ]);
    assert.deepEqual(brief('50%\r100%\r\n'), ['line 100%']);
    assert.deepEqual(brief('50%\r100%\r'), ['line 100%']);
  });

  it('reads a stamp that follows a redraw', () => {
    assert.deepEqual(brief('50%\r[10:00:00] End /pi-gen/stage1/00-x\n'), ['end /pi-gen/stage1/00-x']);
  });

  it('takes a lone carriage return for the end of a line, as editors do, and \\r\\n for one', () => {
    assert.deepEqual(
      read('a\r\nb\n').map((event) => event.line),
      [0, 1],
    );
  });

  it('drops escapes', () => {
    assert.deepEqual(brief('\u001b[1m[10:00:00] Begin /pi-gen\u001b[0m\n\u001b[31mred\u001b[0m'), [
      'begin /pi-gen',
      'line red',
    ]);
  });

  it('drops the time prefixes of docker logs, of GitHub and of gh run view', () => {
    for (const prefix of [
      '2026-11-22T10:00:00.123456789Z ',
      '2026-11-22T10:00:00+01:00 ',
      'build\tUNKNOWN STEP\t2026-11-22T10:00:00.1234567Z ',
      '\uFEFF2026-11-22T10:00:00.1234567Z ',
    ]) {
      assert.deepEqual(brief(`${prefix}[10:00:00] Begin /pi-gen\n${prefix}word\n${prefix}\n`), [
        'begin /pi-gen',
        'line word',
      ]);
    }
  });

  it('drops what another program puts before each line, once two stamps have shown it', () => {
    const begin = '[10:00:00] Begin /pi-gen';
    assert.deepEqual(brief(`web  | ${begin}\nweb  | ${begin}/stage0\nweb  | word\nother | word\n`), [
      'line web  |',
      'begin /pi-gen',
      'begin /pi-gen/stage0',
      'line word',
      'line other | word',
    ]);
    const date = '2026-11-22T10:00:00.123456Z';
    assert.deepEqual(brief(`${date} 01O ${begin}\n${date} 01E word\n${date} 01E+more\n`), [
      'begin /pi-gen',
      'line word',
      'line more',
    ]);
    // A message without its newline is none of that.
    assert.deepEqual(brief(`oops[10:00:00] Begin /a\n[10:00:00] Begin /a/b\noops again\n`), [
      'line oops',
      'begin /a',
      'begin /a/b',
      'line oops again',
    ]);
  });

  it('takes the groups of pi-gen-action for stamps, and leaves other groups alone', () => {
    const text =
      '##[group]Running pi-gen build\n##[group]/pi-gen/stage2\n##[group]stage-x/00-y/00-run.sh\n' +
      '##[warning]realpath: x\n##[endgroup]\n##[endgroup]\n##[endgroup]\n##[endgroup]\n' +
      '##[error]pi-gen build failed with exit code 1\n';
    assert.deepEqual(brief(text), [
      'begin /pi-gen/stage2',
      'begin stage-x/00-y/00-run.sh',
      'line realpath: x',
      'end stage-x/00-y/00-run.sh',
      'end /pi-gen/stage2',
      'build-failed',
    ]);
    assert.deepEqual(brief(text.replaceAll(/##\[([a-z]+)\]/g, '::$1::')), brief(text));
  });

  it('counts on over midnight, and lets a corrected clock go back', () => {
    const stamps = ['23:59:58', '00:00:03', '00:00:01', '12:00:00', '23:00:00', '01:00:00'];
    const times = read(stamps.map((stamp) => `[${stamp}] Begin /pi-gen\n`).join('')).map((event) =>
      event.kind === 'begin' ? event.time : undefined,
    );
    const day = 86400;
    assert.deepEqual(times, [day - 2, day + 3, day + 1, day + 43200, day + 82800, 2 * day + 3600]);
  });

  it('does not take a text with brackets for a stamp', () => {
    const lines = ['[10:00] Begin /x', '[10:00:00] Beginning', 'Begin /pi-gen', '[10:00:00] Build failedly'];
    assert.deepEqual(
      brief(lines.join('\n')),
      lines.map((line) => `line ${line}`),
    );
  });

  it('gives a line that is too long in pieces of one line number', () => {
    const events = read('x'.repeat(200_000), 'y\nz');
    assert.deepEqual(
      events.map((event) => event.line),
      [0, 0, 0, 0, 1],
    );
  });

  it('reads the same events from any chunks of any text', () => {
    const word = fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '[23:59:59] ',
      'Begin /a',
      'End /a',
      'Build failed',
      'Skip /a/b (no)',
      '##[group]',
      '##[endgroup]',
      '\u001b[1m',
      '2026-01-01T00:00:00Z ',
      ' ',
      'é',
      '\uD83D',
      '\uDE00',
      'x',
      '[',
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 60 }).map((words) => words.join('')),
      fc.string({ unit: 'binary', maxLength: 200 }),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 8 }), (whole, sizes) => {
        const chunks: string[] = [];
        for (let at = 0, i = 0; at < whole.length; i++) {
          const size = 1 + sizes[i % sizes.length]!;
          chunks.push(whole.slice(at, at + size));
          at += size;
        }
        assert.deepEqual(read(...chunks), read(whole));
        assert.deepEqual(readLines(whole), read(whole), 'line by line');
      }),
      { numRuns: 2000 },
    );
  });

  it('reads each real log the same character by character as at once', async () => {
    for (const name of (await readdir(logs)).filter((file) => file.endsWith('.log'))) {
      const text = await readFile(join(logs, name), 'utf8');
      assert.deepEqual(
        read(...Array.from({ length: text.length }, (_, i) => text.charAt(i))),
        read(text),
        name,
      );
    }
  });
});
