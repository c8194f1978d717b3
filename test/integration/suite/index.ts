import { createConnection, type Socket } from 'node:net';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { env } from 'node:process';
import { format } from 'node:util';
import path from 'node:path';

/** What one run of the suite came to; scripts/test-host.mjs reads it. */
interface Summary {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Called by VS Code in its extension host. Runs the test files bundled beside this one whose names begin with the part of the
 * suite that PI_GEN_STAGES_PART names, and reports over the socket PI_GEN_STAGES_CHANNEL, which is the same in every host.
 * Rejects where a test failed or none ran.
 */
export async function run(): Promise<void> {
  const part = env['PI_GEN_STAGES_PART'] ?? '';
  const channel = await connect(env['PI_GEN_STAGES_CHANNEL'] ?? '');
  const print = (...values: unknown[]) => {
    channel.write(`${JSON.stringify({ text: format(...values) })}\n`);
  };
  try {
    const summary = await runFiles(await testFiles(part), print);
    channel.write(`${JSON.stringify({ summary })}\n`);
    if (summary.failed > 0 || summary.passed === 0) {
      throw new Error(`${summary.failed} tests failed, ${summary.passed} passed.`);
    }
  } finally {
    channel.end();
    await once(channel, 'close');
  }
}

async function connect(address: string): Promise<Socket> {
  const socket = createConnection(address);
  await once(socket, 'connect');
  return socket;
}

async function testFiles(part: string): Promise<string[]> {
  const folder = path.join(__dirname, part);
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => path.join(folder, name));
}

async function runFiles(files: readonly string[], print: (...values: unknown[]) => void): Promise<Summary> {
  const { default: Mocha } = await import('mocha');
  // The host's own console cannot be replaced, and mixes what it is told with the workbench's log.
  Mocha.reporters.Base.consoleLog = print;
  const only = env['PI_GEN_STAGES_GREP'] ?? '';
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 90_000,
    color: false,
    // A real host on a busy machine may be late for once; what happened the first time is printed.
    retries: 1,
    forbidOnly: true,
    forbidPending: true,
    ...(only !== '' && { fgrep: only }),
  });
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((resolve) => {
    let passed = 0;
    const runner = mocha.run((failed) => {
      resolve({ passed, failed });
    });
    runner.on('pass', () => passed++);
    runner.on('retry', (test: Mocha.Test, error: Error) => {
      print('    tried again: %s\n      %s', test.fullTitle(), error.stack ?? error.message);
    });
  });
}
