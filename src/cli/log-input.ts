import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { pathFrom } from './options';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder, not a log',
};

/** What the first bytes of a file tell. */
type Form = 'utf-8' | 'utf-16le' | 'gzip' | 'zip' | 'binary';

/**
 * The text of a log file, or of standard input for `-`, packed with gzip or not, in UTF-8 or, as PowerShell's `>` writes it,
 * UTF-16. Rejects with a UsageError for what is no log or cannot be read.
 */
export async function* logText(log: string, terminal: Terminal): AsyncGenerator<string> {
  const source = log === '-' ? terminal.input : fileChunks(pathFrom(terminal, log));
  try {
    yield* decoded(log, source, terminal.signal);
  } catch (error) {
    if (terminal.signal.aborted || error instanceof UsageError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UsageError(
      code.startsWith('Z_')
        ? `${log}: it is packed with gzip and broken, or cut off.`
        : `${log}: ${reasons[code] ?? `it cannot be read (${code})`}.`,
    );
  }
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for await (const chunk of file.createReadStream({ autoClose: false })) yield chunk as Uint8Array;
  } finally {
    await file.close();
  }
}

async function* decoded(
  log: string,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const all = rejoined(first.value, chunks);
  const form = formOf(first.value);
  if (form === 'zip') throw new UsageError(`${log}: it is a ZIP archive. Unpack it and name the log in it.`);
  if (form === 'binary') throw new UsageError(`${log}: it is no text, and so no log.`);
  if (form === 'gzip') {
    const unpacked = Readable.from(all, { objectMode: false }).pipe(createGunzip());
    yield* decoded(log, unpacked as AsyncIterable<Uint8Array>, signal);
    return;
  }
  const decoder = new TextDecoder(form);
  for await (const chunk of all) {
    signal.throwIfAborted();
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

async function* rejoined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function formOf(bytes: Uint8Array): Form {
  const begins = (...start: readonly number[]): boolean => start.every((byte, i) => bytes[i] === byte);
  if (begins(0x1f, 0x8b)) return 'gzip';
  if (begins(0x50, 0x4b, 0x03, 0x04)) return 'zip';
  if (begins(0xff, 0xfe)) return 'utf-16le';
  return bytes.subarray(0, 8192).includes(0) ? 'binary' : 'utf-8';
}
