import type { OutputChunk } from '../output/lines';

const headerLength = 8;

/**
 * Takes apart the stream of an attached container: each frame is a header of 8 bytes (stream, three zeros, length as
 * big-endian number) and its payload. Gives payloads as they arrive, without waiting for a frame's end, and reads on only
 * when the consumer has taken the last one, so that a slow consumer slows the container down instead of filling memory.
 * Throws where the bytes are no such stream.
 */
export async function* demultiplex(source: AsyncIterable<Uint8Array>): AsyncGenerator<OutputChunk> {
  let header = new Uint8Array(0);
  let frame = 0;
  let left = 0;
  let stream: OutputChunk['stream'] = 'stdout';
  for await (const bytes of source) {
    let at = 0;
    while (at < bytes.length) {
      if (left > 0) {
        const payload = bytes.subarray(at, at + left);
        at += payload.length;
        left -= payload.length;
        yield { stream, bytes: payload, frame };
        continue;
      }
      const missing = headerLength - header.length;
      header = joined(header, bytes.subarray(at, at + missing));
      at += missing;
      if (header.length < headerLength) break;
      stream = streamOf(header);
      frame = new DataView(header.buffer, header.byteOffset).getUint32(4);
      left = frame;
      header = new Uint8Array(0);
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function streamOf(header: Uint8Array): OutputChunk['stream'] {
  const [type, ...padding] = header.subarray(0, 4);
  if ((type === 0 || type === 1 || type === 2) && padding.every((byte) => byte === 0)) {
    return type === 2 ? 'stderr' : 'stdout';
  }
  throw new Error('The output of the container is not in the format of the Docker Engine API');
}
