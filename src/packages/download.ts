import { createHash } from 'node:crypto';

/** Why something could not be had, in words for the user: the rest of a sentence that begins with its address. */
export class DownloadError extends Error {
  constructor(
    message: string,
    /** The server has no such file, so that another one may be asked for. */
    readonly missing = false,
  ) {
    super(message);
  }
}

export interface DownloadLimits {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds in which a server must send something. */
  readonly patience: number;
}

export interface DownloadOptions extends DownloadLimits {
  readonly signal: AbortSignal;
  /** What must have come in the end. */
  readonly expected?: { readonly size: number; readonly sha256: string };
}

/**
 * The content of an HTTP address, chunk by chunk. Throws a DownloadError where it cannot be had or is not what was expected,
 * which may turn out at its very end only: nothing read before may be used then. Throws the signal's reason when aborted.
 */
export async function* download(url: string, options: DownloadOptions): AsyncGenerator<Uint8Array> {
  const { signal, patience, expected } = options;
  const limit = expected?.size ?? options.size;
  if (limit > options.size) throw tooLarge(options.size);
  const idle = new AbortController();
  const timer = setTimeout(() => {
    idle.abort();
  }, patience);
  const stop = AbortSignal.any([signal, idle.signal]);
  const hash = createHash('sha256');
  let received = 0;
  try {
    const response = await fetch(url, { signal: stop, redirect: 'follow', headers: { accept: '*/*' } });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw refused(response.status);
    }
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      timer.refresh();
      received += chunk.byteLength;
      if (received > limit) throw expected === undefined ? tooLarge(limit) : changed();
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof DownloadError) throw error;
    signal.throwIfAborted();
    if (idle.signal.aborted) {
      throw new DownloadError(`the server sent nothing for ${patience / 1000} seconds`);
    }
    throw new DownloadError(`it cannot be reached (${causeOf(error)})`);
  } finally {
    clearTimeout(timer);
  }
  if (expected === undefined) return;
  if (received !== expected.size || hash.digest('hex') !== expected.sha256) throw changed();
}

function refused(status: number): DownloadError {
  if (status === 404 || status === 410) return new DownloadError('the server has no such file', true);
  return new DownloadError(`the server answered ${status}`);
}

function tooLarge(limit: number): DownloadError {
  return new DownloadError(`it has more than ${Math.round(limit / 1024 / 1024)} MiB`);
}

function changed(): DownloadError {
  return new DownloadError(
    'it is not the file that the repository vouches for: its size or SHA-256 differs, as while a mirror is renewed',
  );
}

/** What undici says is in the cause; in an aggregate of several addresses, in the first. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return causeOf(cause.errors[0]);
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : causeOf(cause);
  return 'code' in error ? String(error.code) : error.message;
}
