import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { readLog } from '../../src/explain/read-log';
import { runMeasured } from './run-measured';

export interface ExplainTimes {
  readonly mebibytes: number;
  /** Of `pigen explain` as a process. */
  readonly seconds: number;
  /** At most, in MiB. */
  readonly memory: number;
  /** Time for the whole log against that for a quarter of it. */
  readonly growth: number;
}

const mebibytes = 200;

/** Explains a log of that size and one of a quarter of it, as the command does. */
export async function measureExplain(cli: string): Promise<ExplainTimes> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-explain-'));
  try {
    const quarter = path.join(folder, 'quarter.log');
    const whole = path.join(folder, 'whole.log');
    await writeLog(quarter, mebibytes / 4);
    await writeLog(whole, mebibytes);
    // In turns, the better of two: what else the machine does takes time from either.
    const times = { small: Infinity, big: Infinity, memory: 0 };
    for (let round = 0; round < 2; round++) {
      const small = await runMeasured([cli, 'explain', quarter]);
      const big = await runMeasured([cli, 'explain', whole]);
      times.small = Math.min(times.small, small.seconds);
      times.big = Math.min(times.big, big.seconds);
      times.memory = Math.max(times.memory, big.memory);
    }
    return {
      mebibytes,
      seconds: times.big,
      memory: times.memory,
      growth: times.big / times.small,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A log as apt, dpkg and rsync fill one: short lines, redrawn ones, steps, tolerated complaints, and a failure at its end. */
async function writeLog(file: string, size: number): Promise<void> {
  const log = createWriteStream(file);
  let written = 0;
  for (let part = 0; written < size * 1024 * 1024; part++) {
    const text = partOf(part);
    written += text.length;
    if (!log.write(text)) await once(log, 'drain');
  }
  log.end('E: Unable to locate package no-such-package\n[23:59:59] Build failed\n');
  await once(log, 'close');
}

export interface EditorTimes {
  readonly mebibytes: number;
  /** Of the whole log, for outline, folding, links and lens together. */
  readonly seconds: number;
  /** How long the extension host is kept from anything else, in milliseconds: at most in 99 of 100 turns. */
  readonly longTurn: number;
}

/** As long as VS Code hands a document to extensions. */
const editorMebibytes = 50;
/** As LogDocuments slices a document. */
const sliceLines = 2000;

/** Reads the longest log that an editor can show us, as its providers do: once, in slices of lines. */
export async function measureEditorLog(): Promise<EditorTimes> {
  let text = '';
  for (let part = 0; text.length < editorMebibytes * 1024 * 1024; part++) text += partOf(part);
  const lines = text.split('\n');
  const turns: number[] = [];
  async function* slices(): AsyncGenerator<string> {
    for (let line = 0; line < lines.length; line += sliceLines) {
      await setImmediate();
      const began = performance.now();
      yield `${lines.slice(line, line + sliceLines).join('\n')}\n`;
      turns.push(performance.now() - began);
    }
  }
  const began = performance.now();
  await readLog(slices());
  const seconds = (performance.now() - began) / 1000;
  const longTurn = turns.sort((a, b) => a - b)[Math.floor(turns.length * 0.99)] ?? Number.NaN;
  return { mebibytes: editorMebibytes, seconds, longTurn };
}

function partOf(part: number): string {
  const step = `/pi-gen/stage2/${String(part % 100).padStart(2, '0')}-part/00-packages`;
  const lines = [`[10:00:00] Begin ${step}`];
  for (let i = 0; i < 2000; i++) {
    lines.push(
      `Get:${i} http://raspbian.raspberrypi.com/raspbian trixie/main armhf libpart${i} armhf 1.${i}-2 [${i} kB]`,
      `(Reading database ... ${i % 100}%\r(Reading database ... ${i} files and directories currently installed.)`,
      `Preparing to unpack .../${i}-libpart${i}_1.${i}-2_armhf.deb ...`,
      `Setting up libpart${i}:armhf (1.${i}-2) ...`,
    );
  }
  lines.push('debconf: unable to initialize frontend: Dialog', "Running in chroot, ignoring command 'start'");
  lines.push(`W: Failed to fetch http://raspbian.raspberrypi.com/part${part}  404  Not Found`);
  // The last step stays open.
  return `${lines.join('\n')}\n[10:00:01] End ${step}\n[10:00:01] Begin ${step}\n`;
}
