/** One piece of what serve-rootfs.pl prints. */
export type AnswerPart =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  /** @see serve-rootfs.pl for the words */
  | { readonly kind: 'refused'; readonly why: string };

const lineFeed = 10;
/** No line is longer than the longest error of the system. */
const longestLine = 4096;

/** Takes the output of serve-rootfs.pl apart, however it comes in pieces. Throws where it is none. */
export async function* readAnswers(source: AsyncIterable<Uint8Array>): AsyncGenerator<AnswerPart> {
  let line: number[] = [];
  let left = 0;
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        // What follows is read into the same memory.
        const bytes = Uint8Array.from(chunk.subarray(at, at + left));
        at += bytes.length;
        left -= bytes.length;
        yield { kind: 'data', bytes };
        continue;
      }
      const byte = chunk[at++] ?? lineFeed;
      if (byte !== lineFeed) {
        line.push(byte);
        if (line.length > longestLine) throw new Error('The answer of the container is none.');
        continue;
      }
      const text = Buffer.from(line).toString();
      line = [];
      const length = /^D (\d{1,9})$/.exec(text)?.[1];
      if (length !== undefined) left = Number(length);
      else if (text === 'E') yield { kind: 'end' };
      else if (text.startsWith('X ')) yield { kind: 'refused', why: text.slice(2) };
      else throw new Error('The answer of the container is none.');
    }
  }
}
