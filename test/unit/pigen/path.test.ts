import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  baseName,
  folderOf,
  isAbsolute,
  isWithin,
  joinPath,
  relativePath,
  resolvePath,
} from '../../../src/pigen/files/path';

describe('paths', () => {
  it('know the roots of every platform', () => {
    assert.deepEqual(['/a/b', '/a', '/', 'C:/a/b', 'C:/a', 'C:/'].map(folderOf), [
      '/a',
      '/',
      '/',
      'C:/a',
      'C:/',
      'C:/',
    ]);
    assert.deepEqual(['/a/b', '/', 'C:/a'].map(baseName), ['b', '', 'a']);
    assert.deepEqual(['/a', 'c:/a', 'a', './a', 'c:a'].map(isAbsolute), [true, true, false, false, false]);
    assert.deepEqual([joinPath('/', 'a'), joinPath('C:/', 'a'), joinPath('/a', 'b')], ['/a', 'C:/a', '/a/b']);
  });

  it('resolve dots and slashes, and never climb above a root', () => {
    assert.equal(resolvePath('/a/b', '../c/./d//'), '/a/c/d');
    assert.equal(resolvePath('/a', '../../..'), '/');
    assert.equal(resolvePath('C:/a', '../../b'), 'C:/b');
    assert.equal(resolvePath('/a', 'D:/b/../c'), 'D:/c');
    assert.equal(resolvePath('//server/share', 'x'), '//server/share/x');
  });

  it('tell what lies below a folder', () => {
    assert.deepEqual(
      [isWithin('/a', '/a/b'), isWithin('/a', '/ab'), isWithin('/', '/a'), isWithin('/a', '/a')],
      [...[true, false, true, true]],
    );
    assert.deepEqual(
      [relativePath('/a', '/a/b/c'), relativePath('/', '/a'), relativePath('/a', '/b')],
      ['b/c', 'a', '/b'],
    );
  });

  it('come back when joined to the folder that they are relative to', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/);
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 4 }),
        fc.array(name, { minLength: 1, maxLength: 4 }),
        (a, b) => {
          const folder = `/${a.join('/')}`;
          const path = resolvePath(folder, b.join('/'));
          assert.equal(relativePath(folder, path), b.join('/'));
          assert.equal(resolvePath(folder, relativePath(folder, path)), path);
        },
      ),
    );
  });
});
