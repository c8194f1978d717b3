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
  /** Set where the line goes on in the stream's next one: it was given out before its end had come. */
  readonly torn?: true;
}

/**
 * How far a stream has been read: so many whole lines, and so many bytes of the next one. Lines are counted because they
 * are the same in an engine's own log, where bytes are not: it replaces those that are no UTF-8.
 */
export interface StreamPosition {
  readonly lines: number;
  readonly rest: number;
}

export type OutputPosition = Readonly<Record<OutputStream, StreamPosition>>;

export const outputStart: OutputPosition = {
  stdout: { lines: 0, rest: 0 },
  stderr: { lines: 0, rest: 0 },
};

/** The place in a stream after so many more bytes. */
export function advanced(position: StreamPosition, bytes: Uint8Array): StreamPosition {
  let { lines } = position;
  let start = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    lines++;
    start = end + 1;
  }
  return { lines, rest: start === 0 ? position.rest + bytes.length : bytes.length - start };
}

const newline = 0x0a;

/** UTF-16 units after which a line without an end is cut, so that memory stays bounded. */
export const longestLine = 64 * 1024;

/** Programs that write to a pipe fill a buffer of this size and write it wherever a line happens to be. */
const pipeBuffer = 4096;

interface Pending {
  readonly decoder: TextDecoder;
  text: string;
  /** The last frame may have been cut by a full buffer: the rest of the line is still to come. */
  cut: boolean;
  /** Whole lines that were given out. */
  lines: number;
  /** A part of the line that is not whole yet was given out. */
  torn: boolean;
}

/**
 * Puts chunks of two interleaved streams together into lines. Characters that are split between chunks stay whole.
 * An unfinished line of one stream is given out before the other stream's next one, so that
 * `Unable to chroot/chdir to […]` (standard error, no line ending) comes before `[20:26:45] Build failed`.
 */
export class LineAssembler {
  readonly #pending: Record<OutputStream, Pending>;

  /** @param start where in the streams the first chunks stand: behind whole lines */
  constructor(start: OutputPosition = outputStart) {
    this.#pending = { stdout: newPending(start.stdout), stderr: newPending(start.stderr) };
  }

  /**
   * From where on the streams have to be read again by whoever knows the lines that were given out so far, without
   * missing or repeating one. Undefined while a part of an unfinished line is among them.
   */
  get position(): OutputPosition | undefined {
    const { stdout, stderr } = this.#pending;
    if (stdout.torn || stderr.torn) return undefined;
    return { stdout: { lines: stdout.lines, rest: 0 }, stderr: { lines: stderr.lines, rest: 0 } };
  }

  /** The lines that a chunk completes. */
  push(chunk: OutputChunk): readonly OutputLine[] {
    const { stream } = chunk;
    const own = this.#pending[stream];
    const other = stream === 'stdout' ? 'stderr' : 'stdout';
    const lines: OutputLine[] = [];
    if (!this.#pending[other].cut) this.#flush(other, { torn: true }, lines);
    own.text += own.decoder.decode(chunk.bytes, { stream: true });
    own.cut = chunk.frame % pipeBuffer === 0;
    let start = 0;
    for (let end = own.text.indexOf('\n'); end >= 0; end = own.text.indexOf('\n', start)) {
      lines.push({ stream, text: withoutReturn(own.text.slice(start, end)) });
      start = end + 1;
      own.lines++;
      own.torn = false;
    }
    own.text = own.text.slice(start);
    while (own.text.length > longestLine) {
      lines.push({ stream, text: own.text.slice(0, longestLine), torn: true });
      own.text = own.text.slice(longestLine);
      own.torn = true;
    }
    return lines;
  }

  /** What is left when both streams have ended. */
  end(): readonly OutputLine[] {
    const lines: OutputLine[] = [];
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#pending[stream].text += this.#pending[stream].decoder.decode();
      this.#flush(stream, {}, lines);
    }
    return lines;
  }

  #flush(stream: OutputStream, how: Pick<OutputLine, 'torn'>, lines: OutputLine[]): void {
    const pending = this.#pending[stream];
    if (pending.text === '') return;
    const text = pending.text;
    pending.text = '';
    pending.torn = true;
    lines.push({ stream, text: withoutReturn(text), ...how });
  }
}

function newPending({ lines }: StreamPosition): Pending {
  return { decoder: new TextDecoder(), text: '', cut: false, lines, torn: false };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
