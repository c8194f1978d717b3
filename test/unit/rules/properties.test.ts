import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../../src/pigen/finding';
import { LineIndex } from '../../../src/pigen/text';
import { applyReplacements } from '../../../src/rules/apply-fixes';
import { Checker } from '../../../src/rules/checker';
import { internalErrorName } from '../../../src/rules/runner';
import type { BashParser } from '../../../src/shell/bash-parser';
import { filesBelow, fixtureTrees, loadParser } from '../../rules/harness';
import { MemoryFileSystem } from './memory-file-system';

/** Pieces in which the rules take an interest, and that break one another when put side by side. */
const pieces = [
  'on_chroot << EOF\n',
  "on_chroot <<- 'EOF'\n",
  'on_chroot systemctl enable x\n',
  'on_chroot -c "ls"\n',
  'EOF\n',
  '\tEOF\n',
  'mkdir -p "${ROOTFS_DIR}/etc"\n',
  '"${ROOTFS_DIR}"/x $ROOTFS_DIR',
  'cp files/a /etc\n',
  'if true; then\n',
  'fi\n',
  'for x in a; do\n',
  'done\n',
  'f() {\n',
  '}\n',
  '\\$x \\\\ \\`\n',
  '$(on_chroot ls)',
  '"',
  "'",
  '`',
  '#!/bin/bash\n',
  'set -e\n',
  '# on_chroot\n',
  '# pigen: disable=missing-errexit,rootfs-in-chroot\n',
  '# pigen: disable-file=nested-on-chroot\n',
  '# pigen: enable=rootfs-in-chroot\n',
  'copy_previous\n',
  '[ -d "${ROOTFS_DIR}" ] && ',
  '||',
  '|',
  ';',
  '\r\n',
  '\u{1F600}',
  ' ',
  '\n',
];

const scripts = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 5 })), {
  maxLength: 25,
});
const names = ['stage-app/prerun.sh', 'stage-app/00-a/00-run.sh', 'stage-app/00-a/00-run-chroot.sh'];

describe('rules on any text', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  async function check(files: ReadonlyMap<string, string>): Promise<readonly Finding[]> {
    const fs = new MemoryFileSystem(new Map([...files].map(([name, text]) => [`/repo/${name}`, text])));
    const checker = new Checker({ fs, parser: () => Promise.resolve(parser) });
    const { findings } = await checker.checkTree('/repo');
    checker.dispose();
    return findings;
  }

  async function assertSound(files: ReadonlyMap<string, string>): Promise<void> {
    const findings = await check(files);
    assert.deepEqual(await check(files), findings, 'the same text has the same findings');
    for (const finding of findings) {
      assert.notEqual(finding.rule, internalErrorName, finding.message);
      const text = files.get(finding.file.slice('/repo/'.length));
      if (text === undefined) continue;
      assertInside(text, finding);
      for (const fix of finding.fixes ?? []) {
        const edits = fix.edits.filter((edit) => edit.kind === 'replace' && edit.file === finding.file);
        const own = edits.filter((edit) => edit.kind === 'replace');
        assert.notEqual(
          applyReplacements(text, own),
          undefined,
          `the edits of "${fix.title}" do not overlap`,
        );
      }
    }
  }

  it('never fail, stay inside the file and say the same twice', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, scripts, scripts, async (...texts) => {
        await assertSound(new Map(names.map((name, i) => [name, (texts[i] ?? []).join('')])));
      }),
      { numRuns: 150 },
    );
  });

  it('hold on fixtures with a stretch cut out', async () => {
    const samples: string[] = [];
    for (const tree of fixtureTrees().filter(({ bad }) => bad)) {
      for (const file of await filesBelow(tree.folder)) {
        if (file.endsWith('.sh')) samples.push(await readFile(path.join(tree.folder, file), 'utf8'));
      }
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...samples), fc.nat(), fc.nat(40), async (text, place, length) => {
        const at = place % (text.length + 1);
        const cut = text.slice(0, at) + text.slice(at + length);
        await assertSound(new Map(names.map((name) => [name, cut])));
      }),
      { numRuns: 150 },
    );
  });
});

function assertInside(text: string, { range, message }: Finding): void {
  const lines = new LineIndex(text);
  for (const position of [range.start, range.end]) {
    assert.ok(position.line < lines.lineCount, message);
    const width = lines.lineEnd(position.line) - lines.lineStart(position.line);
    assert.ok(position.column >= 0 && position.column <= width + 1, message);
  }
}
