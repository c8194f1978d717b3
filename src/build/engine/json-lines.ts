import { TextDecoder } from 'node:util';

/** Longer lines than this are no progress message; they are passed over. */
const longestObject = 1024 * 1024;

/**
 * The objects of a stream that holds one JSON object a line, as the engine reports progress. A line that is no JSON
 * (a proxy's error page, a cut connection) is passed over: what counts then is how the stream ends.
 */
export async function* jsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of source) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split('\n');
    // split() gives one element at least
    text = lines.pop() ?? '';
    if (text.length > longestObject) text = '';
    yield* objectsOf(lines);
  }
  yield* objectsOf([text + decoder.decode()]);
}

function* objectsOf(lines: readonly string[]): Generator<Record<string, unknown>> {
  for (const line of lines) {
    if (line.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null) yield value as Record<string, unknown>;
    } catch {
      // Not JSON.
    }
  }
}
