import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Checker } from '../../../src/rules/checker';
import type { BashParser } from '../../../src/shell/bash-parser';
import { loadParser } from '../../rules/harness';
import { MemoryFileSystem } from './memory-file-system';

/** Lines that give the rules which look beyond a script something to look at. */
const lines = [
  'on_chroot << EOF',
  'on_chroot mytool now',
  'EOF',
  'install -m 755 files/mytool "${ROOTFS_DIR}/usr/bin/mytool"',
  'install -m 644 files/there "${ROOTFS_DIR}/etc/there"',
  'cp files/there "${ROOTFS_DIR}/tmp/there"',
  'cat /tmp/there',
  'pip3 install flask',
  'rm -f /usr/lib/python3/EXTERNALLY-MANAGED',
  'cp ../../shared/x "${ROOTFS_DIR}/etc/x"',
  '# pigen: disable=on-chroot-arguments',
  'echo "${ROOT_FS}/x"',
] as const;

const paths = [
  '/repo/stage-app/prerun.sh',
  '/repo/stage-app/00-a/00-run.sh',
  '/repo/stage-app/00-a/00-run-chroot.sh',
  '/repo/stage-app/01-b/00-run.sh',
  '/repo/stage-other/00-c/00-run.sh',
] as const;

describe('a check that knows what has changed', () => {
  let parser: BashParser;
  before(async () => {
    parser = await loadParser();
  });
  after(() => {
    parser.dispose();
  });

  const text = fc
    .array(fc.constantFrom(...lines), { maxLength: 5 })
    .map((body) => `#!/bin/bash -e\n${body.join('\n')}\n`);
  const edit = fc.record({ path: fc.constantFrom(...paths), text });

  it('finds what a check from scratch finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(text, text, text, text, text),
        fc.array(fc.array(edit, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 4 }),
        async (start, rounds) => {
          const files = new Map<string, string>(paths.map((path, i) => [path, start[i] ?? '']));
          files.set('/repo/stage-app/00-a/files/there', '');
          files.set('/repo/config', 'IMG_NAME=x\nRELEASE=bookworm\nSTAGE_LIST="stage-app stage-other"\n');
          const fs = new MemoryFileSystem(files);
          const newChecker = () => new Checker({ fs, parser: () => Promise.resolve(parser) });
          const kept = newChecker();
          await kept.checkTree('/repo');
          for (const edits of rounds) {
            for (const { path, text: edited } of edits) files.set(path, edited);
            const changed = new Set(edits.map(({ path }) => path as string));
            const now = await kept.checkTree('/repo', { changed });
            const fresh = await newChecker().checkTree('/repo');
            assert.deepEqual(now.findings, fresh.findings);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
