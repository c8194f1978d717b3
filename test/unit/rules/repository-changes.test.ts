import assert from 'node:assert/strict';
import path from 'node:path';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { Checker } from '../../../src/rules/checker';
import { changesIn, mayChangeSources } from '../../../src/rules/inputs/repository-changes';
import { corePath, fixtureTrees, loadParser } from '../../rules/harness';

describe('what a script does to apt’s sources', () => {
  it('is nothing where its text has no sign of it, in all fixtures of the rules', async () => {
    const parser = await loadParser();
    const checker = new Checker({
      fs: new NodeFileSystem(),
      parser: () => Promise.resolve(parser),
      rules: [],
    });
    let without = 0;
    try {
      for (const { folder } of fixtureTrees()) {
        const { scripts } = await checker.checkTree(corePath(path.resolve(folder)));
        for (const file of scripts.values()) {
          if (mayChangeSources(file.text) || !/^#!\S*\/(?:env )?(?:ba|da)?sh\b/.test(file.text)) continue;
          without++;
          const { sources, unknown, installed, temporary, architectures } = changesIn(file);
          assert.deepEqual(
            [sources, unknown, installed, temporary, architectures],
            [[], false, [], false, []],
            file.path,
          );
        }
      }
    } finally {
      checker.dispose();
      parser.dispose();
    }
    assert.ok(without > 20, `${without} scripts have no sign`);
  });
});
