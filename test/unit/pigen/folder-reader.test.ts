import assert from 'node:assert/strict';
import { FolderReader } from '../../../src/pigen/tree/folder-reader';
import type { FileSystem } from '../../../src/pigen/files/file-system';
import { FileError } from '../../../src/pigen/files/file-system';

describe('FolderReader', () => {
  it('lists each folder once, no more than its limit, and says when that was too few', async () => {
    const listed: string[] = [];
    const fs: FileSystem = {
      readFile: (path) => Promise.reject(new FileError('not-found', path)),
      readFolder: (path) => {
        listed.push(path);
        return Promise.resolve([{ name: 'x', kind: 'file', symbolicLink: false }]);
      },
      stat: () => Promise.resolve(undefined),
      realPath: () => Promise.resolve(undefined),
    };
    const reader = new FolderReader(fs, 2);
    for (const path of ['/a', '/b', '/a']) assert.equal((await reader.entries(path)).length, 1);
    assert.equal(reader.full, false);
    assert.deepEqual(await reader.entries('/c'), []);
    assert.equal(reader.full, true);
    assert.deepEqual(listed, ['/a', '/b']);
  });
});
