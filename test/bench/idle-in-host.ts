import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';

/**
 * Milliseconds before the measure. The host is busy with itself for a while after its start; and in the half minute after much
 * work, V8 collects the whole heap up to three times, eight seconds apart (its MemoryReducer): that is the end of the work.
 */
const settleTime = 45_000;
/** Milliseconds of the measure. The host looks for open ports every other second: an even number of its rounds. */
const span = 20_000;

/** Called by the host, with a tree open: waits until its findings are there, then writes down how busy an idle editor is. */
export async function run(): Promise<void> {
  const result = process.env['PIGEN_BENCH_RESULT'];
  if (result === undefined) throw new Error('PIGEN_BENCH_RESULT is not set.');
  const extension = vscode.extensions.getExtension(process.env['PIGEN_BENCH_EXTENSION'] ?? '');
  await extension?.activate();
  if (process.env['PIGEN_BENCH_FINDINGS'] === 'yes') await untilFindings();
  await pause(settleTime);
  const before = process.cpuUsage();
  const start = performance.now();
  await pause(span);
  const { user, system } = process.cpuUsage(before);
  await writeFile(result, JSON.stringify((user + system) / 1000 / (performance.now() - start)));
}

function untilFindings(): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const found = vscode.languages
        .getDiagnostics()
        .some(([, own]) => own.some(({ source }) => source === 'pi-gen'));
      if (!found) return;
      subscription.dispose();
      resolve();
    };
    const subscription = vscode.languages.onDidChangeDiagnostics(look);
    look();
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
