import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readAnswers } from '../../../../src/build/rootfs/answers';
import type { AnswerPart } from '../../../../src/build/rootfs/answers';
import { bytesOfName, nameOfBytes, shownName } from '../../../../src/build/rootfs/byte-names';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('names of files as texts', () => {
  it('are plain where they are UTF-8', () => {
    for (const name of ['etc', 'größe', '日本', '😀', '\ufeffmark', 'two\nlines']) {
      assert.equal(nameOfBytes(Buffer.from(name)), name);
    }
  });

  it('keep every byte, and tell any two names apart', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (name) => {
        assert.deepEqual([...bytesOfName(nameOfBytes(name))], [...name]);
      }),
    );
    // What stands for the byte 0xe9 is another name where it is written out.
    const written = Buffer.from(nameOfBytes(bytes('\xe9')));
    assert.notEqual(nameOfBytes(written), nameOfBytes(bytes('\xe9')));
    assert.deepEqual(Buffer.from(bytesOfName(nameOfBytes(written))), written);
  });

  it('can be put into an address', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (name) => {
        const text = nameOfBytes(name);
        assert.equal(decodeURIComponent(encodeURIComponent(text)), text);
      }),
    );
  });

  it('are shown in one line', () => {
    assert.equal(shownName(nameOfBytes(bytes('caf\xe9\n'))), 'caf\\xe9\\x0a');
    assert.equal(shownName('a\u202eb\u2028'), 'a\\xe2\\x80\\xaeb\\xe2\\x80\\xa8');
  });
});

describe('answers about a root file system', () => {
  async function read(text: string, size: number): Promise<readonly string[]> {
    const memory = Buffer.alloc(size);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < text.length; at += size) {
        // Into the same memory each time, as a socket may.
        const length = memory.write(text.slice(at, at + size), 'latin1');
        yield await Promise.resolve(memory.subarray(0, length));
      }
    }
    const parts: AnswerPart[] = [];
    for await (const part of readAnswers(pieces())) parts.push(part);
    let data = '';
    const told: string[] = [];
    for (const part of parts) {
      if (part.kind === 'data') data += Buffer.from(part.bytes).toString('latin1');
      else {
        told.push(data, part.kind === 'end' ? 'end' : `refused: ${part.why}`);
        data = '';
      }
    }
    return told;
  }

  it('are the same however they come in pieces, and whatever is in a file', async () => {
    const text = 'E\nD 5\nE\nX \nD 3\n\x00\xff\nE\nX too-big 12\nD 1\nxE\n';
    for (let size = 1; size <= text.length; size++) {
      assert.deepEqual(await read(text, size), [
        ...['', 'end', 'E\nX \n\x00\xff\n', 'end'],
        ...['', 'refused: too-big 12', 'x', 'end'],
      ]);
    }
  });

  it('are none where the container says something else', async () => {
    await assert.rejects(read('bash: perl: not found\n', 7), /is none/);
    await assert.rejects(read('D -5\n', 2), /is none/);
    await assert.rejects(read('x'.repeat(5000), 1000), /is none/);
  });
});
