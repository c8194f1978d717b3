import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonLines } from '../../../../src/build/engine/json-lines';

describe('the progress of an image build', () => {
  it('is read object by object, however the connection cuts it', async () => {
    const message = fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(fc.array(message), fc.integer({ min: 1, max: 20 }), async (messages, length) => {
        const text = messages.map((one) => `${JSON.stringify(one)}\r\n`).join('');
        const expected: unknown = JSON.parse(JSON.stringify(messages));
        assert.deepEqual(JSON.parse(JSON.stringify(await read(Buffer.from(text), length))), expected);
      }),
    );
  });

  it('passes over what is no JSON object', async () => {
    assert.deepEqual(await read(Buffer.from('<html>\n{"stream":"a"}\n12\n{"cut":'), 4), [{ stream: 'a' }]);
  });
});

async function read(bytes: Buffer, length: number): Promise<Record<string, unknown>[]> {
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
  };
  const all: Record<string, unknown>[] = [];
  for await (const object of jsonLines(toAsync(pieces()))) all.push(object);
  return all;
}

async function* toAsync(items: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield* items;
}
