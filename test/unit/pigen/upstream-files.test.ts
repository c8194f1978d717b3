import assert from 'node:assert/strict';
import { gitHash, UpstreamFiles } from '../../../src/pigen/tree/upstream-files';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('files of pi-gen itself', () => {
  it('are known by the hash that git gives them', () => {
    // `git hash-object` of a file with these bytes.
    assert.equal(gitHash(bytes('')), 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
    assert.equal(gitHash(bytes('hello\n')), 'ce013625030ba8dba906f756967f9e9ca394464a');
  });

  it('are told from others by every byte', () => {
    const known = new UpstreamFiles(['ce013625030ba8dba906f756967f9e9ca394464a']);
    assert.equal(known.has(bytes('hello\n')), true);
    assert.equal(known.has(bytes('hello')), false);
    assert.equal(known.has(bytes('hello\r\n')), false);
    assert.equal(new UpstreamFiles([]).has(bytes('')), false);
  });

  it('are those that pi-gen has shipped', () => {
    const shipped = UpstreamFiles.ofPiGen();
    // stage1/prerun.sh of most branches, which every stage of one's own begins with.
    const prerun = '#!/bin/bash -e\n\nif [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nfi\n';
    assert.equal(shipped.has(bytes(prerun)), true);
    assert.equal(shipped.has(bytes(`${prerun}#`)), false);
    assert.equal(shipped.has(bytes('')), false);
  });
});
