import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';

/** A window counts as started when so many questions to it in a row were answered within so many milliseconds. */
const quickAnswers = 20;
const quick = 5;
/** Milliseconds between two questions, and how many are asked at most. */
const interval = 25;
const patience = 400;

/** Called by the host: activates the extension and writes down how long that took, in milliseconds. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension(process.env['PIGEN_BENCH_EXTENSION'] ?? '');
  if (extension === undefined || extension.isActive)
    throw new Error('The extension is missing, or active already.');
  const result = process.env['PIGEN_BENCH_RESULT'];
  if (result === undefined) throw new Error('PIGEN_BENCH_RESULT is not set.');
  await untilStarted();
  const start = performance.now();
  await extension.activate();
  await writeFile(result, JSON.stringify(performance.now() - start));
}

/** While a window starts, whatever asks it for something waits for the start of all the rest. */
async function untilStarted(): Promise<void> {
  let inARow = 0;
  for (let asked = 0; inARow < quickAnswers && asked < patience; asked++) {
    const start = performance.now();
    await vscode.commands.executeCommand('setContext', 'pi-gen-bench.asked', asked);
    inARow = performance.now() - start < quick ? inARow + 1 : 0;
    await setTimeout(interval);
  }
}
