import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** How a process came to its end. */
export type Ended =
  | { readonly kind: 'exited'; readonly code: number; readonly out: string; readonly err: string }
  /** Killed for what it did, or from outside. */
  | { readonly kind: 'killed'; readonly reason: 'aborted' | 'timeout' | 'output' | 'signal' }
  | { readonly kind: 'not-started'; readonly reason: string };

export interface ProcessOptions {
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly timeout: number;
  /** Bytes of standard output and error together. */
  readonly outputLimit: number;
}

/**
 * Runs a program without a shell and without input. Resolves, and never rejects, when it has ended and its output is closed;
 * one that is killed takes the programs that it started along.
 */
export async function runProcess(
  file: string,
  words: readonly string[],
  { signal, cwd, env, timeout, outputLimit }: ProcessOptions,
): Promise<Ended> {
  if (signal?.aborted === true) return { kind: 'killed', reason: 'aborted' };
  return new Promise((resolve) => {
    let killedFor: Extract<Ended, { kind: 'killed' }>['reason'] | undefined;
    let size = 0;
    const out: Uint8Array[] = [];
    const err: Uint8Array[] = [];
    const child = spawn(file, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to be killed as one.
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
    });
    const kill = (reason: typeof killedFor): void => {
      killedFor ??= reason;
      killGroup(child);
    };
    const onAbort = (): void => {
      kill('aborted');
    };
    const timer = setTimeout(() => {
      kill('timeout');
    }, timeout);
    const finish = (ended: Ended): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(ended);
    };
    const collect = (chunks: Uint8Array[], chunk: Uint8Array): void => {
      size += chunk.length;
      if (size > outputLimit) kill('output');
      else chunks.push(chunk);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', (chunk: Uint8Array) => {
      collect(out, chunk);
    });
    child.stderr.on('data', (chunk: Uint8Array) => {
      collect(err, chunk);
    });
    child.once('error', (error) => {
      // Of a process that runs, it is told by `close` what became of it.
      if (child.pid === undefined) finish({ kind: 'not-started', reason: error.message });
    });
    child.once('close', (code) => {
      if (killedFor !== undefined) finish({ kind: 'killed', reason: killedFor });
      else if (code === null) finish({ kind: 'killed', reason: 'signal' });
      else finish({ kind: 'exited', code, out: textOf(out), err: textOf(err) });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function textOf(chunks: readonly Uint8Array[]): string {
  return new TextDecoder().decode(Buffer.concat(chunks));
}
