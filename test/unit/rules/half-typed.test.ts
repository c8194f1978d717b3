import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Checker } from '../../../src/rules/checker';
import { UpstreamFiles } from '../../../src/pigen/tree/upstream-files';
import type { BashParser } from '../../../src/shell/bash-parser';
import { filesBelow, fixtureTrees, loadParser } from '../../rules/harness';
import type { FixtureTree } from '../../rules/harness';
import { MemoryFileSystem } from './memory-file-system';

/** What these say is so as long as the rest is not typed: nothing sets -e, copies a rootfs, ends the heredoc or waits yet. */
const ofTheMoment = new Set([
  ...['daemon-in-chroot', 'heredoc-terminator', 'host-path', 'missing-copy-previous', 'missing-errexit'],
  ...['nested-on-chroot', 'shell-interpreter', 'syntax-error'],
]);

/** The rules whose findings depend most on what stands around a command. */
const judged = new Set(['heredoc-host-expansion', 'missing-file', 'stdin-in-chroot']);

describe('a script that is being typed', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  async function memoryOf({ folder }: FixtureTree): Promise<MemoryFileSystem> {
    const files = new Map<string, string>();
    const plain = new Set<string>();
    for (const file of await filesBelow(folder)) {
      files.set(`/repo/${file}`, await readFile(path.join(folder, file), 'utf8'));
      if (((await stat(path.join(folder, file))).mode & 0o100) === 0) plain.add(`/repo/${file}`);
    }
    return new MemoryFileSystem(files, plain);
  }

  it('has no finding above the line of the cursor that it has not when it is whole', async () => {
    for (const tree of fixtureTrees().filter(({ bad, rule }) => !bad && judged.has(rule))) {
      const fs = await memoryOf(tree);
      const checker = new Checker({
        fs,
        parser: () => Promise.resolve(parser),
        upstream: new UpstreamFiles([]),
      });
      const { scripts } = await checker.checkTree('/repo');
      for (const [file, { text }] of scripts) {
        for (const { index } of text.matchAll(/(?<=\S)(?=\n)/g)) {
          fs.files.set(file, text.slice(0, index));
          const { findings } = await checker.checkTree('/repo', { changed: new Set([file]) });
          const last = text.slice(0, index).split('\n').length - 1;
          const early = findings.filter(
            (finding) =>
              finding.file === file && finding.range.end.line < last && !ofTheMoment.has(finding.rule),
          );
          assert.deepEqual(
            early.map(({ rule, range, message }) => `${rule} in line ${range.start.line + 1}: ${message}`),
            [],
            `${tree.rule}/${tree.name} ${file}, up to: ${text.slice(Math.max(0, index - 60), index)}`,
          );
        }
        fs.files.set(file, text);
        await checker.checkTree('/repo', { changed: new Set([file]) });
      }
      checker.dispose();
    }
  });
});
