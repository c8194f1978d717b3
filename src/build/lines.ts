import { TextDecoder } from 'node:util';

/** Where a process wrote a piece of its output. */
export type OutputStream = 'stdout' | 'stderr';

/** A piece of output as it came from the engine. */
export interface OutputChunk {
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
  /** Bytes of the frame that these belong to: what the process wrote at once. */
  readonly frame: number;
}

/** A line of output without its line ending; carriage returns inside it are kept. */
export interface OutputLine {
  readonly stream: OutputStream;
  readonly text: string;
}

/** UTF-16 units after which a line without an end is cut, so that memory stays bounded. */
export const longestLine = 64 * 1024;

/** Programs that write to a pipe fill a buffer of this size and write it wherever a line happens to be. */
const pipeBuffer = 4096;

interface Pending {
  readonly decoder: TextDecoder;
  text: string;
  /** The last frame may have been cut by a full buffer: the rest of the line is still to come. */
  cut: boolean;
}

/**
 * Puts chunks of two interleaved streams together into lines. Characters that are split between chunks stay whole.
 * An unfinished line of one stream is given out before the other stream's next one, so that
 * `Unable to chroot/chdir to […]` (standard error, no line ending) comes before `[20:26:45] Build failed`.
 */
export class LineAssembler {
  readonly #pending: Record<OutputStream, Pending> = { stdout: newPending(), stderr: newPending() };

  /** The lines that a chunk completes. */
  *push(chunk: OutputChunk): Generator<OutputLine> {
    const own = this.#pending[chunk.stream];
    const other = chunk.stream === 'stdout' ? 'stderr' : 'stdout';
    if (!this.#pending[other].cut) yield* this.#flush(other);
    own.text += own.decoder.decode(chunk.bytes, { stream: true });
    own.cut = chunk.frame % pipeBuffer === 0;
    let start = 0;
    for (let end = own.text.indexOf('\n'); end >= 0; end = own.text.indexOf('\n', start)) {
      yield { stream: chunk.stream, text: withoutReturn(own.text.slice(start, end)) };
      start = end + 1;
    }
    own.text = own.text.slice(start);
    while (own.text.length > longestLine) {
      yield { stream: chunk.stream, text: own.text.slice(0, longestLine) };
      own.text = own.text.slice(longestLine);
    }
  }

  /** What is left when both streams have ended. */
  *end(): Generator<OutputLine> {
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#pending[stream].text += this.#pending[stream].decoder.decode();
      yield* this.#flush(stream);
    }
  }

  *#flush(stream: OutputStream): Generator<OutputLine> {
    const pending = this.#pending[stream];
    if (pending.text === '') return;
    const text = pending.text;
    pending.text = '';
    yield { stream, text: withoutReturn(text) };
  }
}

function newPending(): Pending {
  return { decoder: new TextDecoder(), text: '', cut: false };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
