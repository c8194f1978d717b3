import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';

/** Called by the host: activates the extension and writes down how long that took, in milliseconds. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension(process.env['PIGEN_BENCH_EXTENSION'] ?? '');
  if (extension === undefined || extension.isActive)
    throw new Error('The extension is missing, or active already.');
  const result = process.env['PIGEN_BENCH_RESULT'];
  if (result === undefined) throw new Error('PIGEN_BENCH_RESULT is not set.');
  const start = performance.now();
  await extension.activate();
  await writeFile(result, JSON.stringify(performance.now() - start));
}
