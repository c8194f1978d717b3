import assert from 'node:assert/strict';
import type { FileSystem } from '../../../src/pigen/files/file-system';
import type { Finding } from '../../../src/pigen/finding';
import { Checker } from '../../../src/rules/checker';
import { silencingFixes } from '../../../src/rules/control/silencing-fixes';
import { rules } from '../../../src/rules/index';
import { scriptSizeLimit } from '../../../src/rules/inputs/read-script';
import type { Rule } from '../../../src/rules/rule';
import { gitHash, UpstreamFiles } from '../../../src/pigen/tree/upstream-files';
import type { BashParser } from '../../../src/shell/bash-parser';
import { loadParser } from '../../rules/harness';
import { emptyPage } from './empty-page';
import { MemoryFileSystem } from './memory-file-system';

const prerun = '#!/bin/bash -e\nif [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nfi\n';
const run = '#!/bin/bash -e\ntouch "${ROOTFS_DIR}/etc/x"\n';

/** Counts how often it runs on each script. */
function countingRule(reach?: NonNullable<Rule['reach']>): { rule: Rule; seen: string[] } {
  const seen: string[] = [];
  const rule: Rule = {
    name: 'counting',
    severity: 'hint',
    summary: '',
    page: emptyPage,
    ...(reach && { reach }),
    checkScript: (file) => {
      seen.push(file.path);
      return [{ message: file.text, file: file.path }];
    },
  };
  return { rule, seen };
}

describe('Checker', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  function tree(files: Record<string, string> = {}): MemoryFileSystem {
    return new MemoryFileSystem(
      new Map(
        Object.entries({
          '/repo/stage-app/prerun.sh': prerun,
          '/repo/stage-app/00-a/00-run.sh': run,
          '/repo/stage-app/00-a/00-run-chroot.sh': 'ldconfig\n',
          ...files,
        }),
      ),
    );
  }

  function checker(fs: MemoryFileSystem, rules?: readonly Rule[]): Checker {
    return new Checker({ fs, parser: () => Promise.resolve(parser), ...(rules && { rules }) });
  }

  function shown(findings: readonly Finding[]): readonly string[] {
    return findings.map(({ rule, file }) => `${rule} ${file}`);
  }

  it('runs a rule again only on the script that was edited', async () => {
    const fs = tree();
    const { rule, seen } = countingRule();
    const own = checker(fs, [rule]);
    assert.equal((await own.checkTree('/repo')).findings.length, 3);
    assert.equal(seen.length, 3);
    fs.files.set('/repo/stage-app/00-a/00-run.sh', `${run}# edited\n`);
    const { findings } = await own.checkTree('/repo');
    assert.deepEqual(seen.slice(3), ['/repo/stage-app/00-a/00-run.sh']);
    assert.ok(findings.some(({ message }) => message.endsWith('# edited\n')));
  });

  it('runs a rule that looks at other scripts on all of them', async () => {
    const fs = tree();
    const { rule, seen } = countingRule('tree');
    const own = checker(fs, [rule]);
    await own.checkTree('/repo');
    await own.checkTree('/repo');
    assert.equal(seen.length, 6);
  });

  for (const [reach, again] of [
    ['sub-stage', ['/repo/stage-app/00-a/00-run-chroot.sh', '/repo/stage-app/00-a/00-run.sh']],
    [
      'stage',
      [
        '/repo/stage-app/00-a/00-run-chroot.sh',
        '/repo/stage-app/00-a/00-run.sh',
        '/repo/stage-app/01-b/00-run.sh',
        '/repo/stage-app/prerun.sh',
      ],
    ],
    ['folders', ['/repo/stage-app/00-a/00-run.sh']],
  ] as const) {
    it(`runs a rule that looks at the ${reach} where that has changed`, async () => {
      const fs = tree({ '/repo/stage-app/01-b/00-run.sh': run, '/repo/stage-other/00-c/00-run.sh': run });
      const { rule, seen } = countingRule(reach);
      const own = checker(fs, [rule]);
      const before = await own.checkTree('/repo');
      seen.length = 0;
      const path = '/repo/stage-app/00-a/00-run.sh';
      fs.files.set(path, `${run}# edited\n`);
      const after = await own.checkTree('/repo', { changed: new Set([path]) });
      assert.deepEqual(seen.sort(), again);
      assert.equal(after.findings.length, before.findings.length);
      assert.ok(after.findings.some(({ message }) => message.endsWith('# edited\n')));
    });
  }

  it('reads nothing but the script where its text alone has changed', async () => {
    const path = '/repo/stage-app/00-a/00-run.sh';
    const fs = tree();
    const asked: string[] = [];
    const watched: FileSystem = {
      readFile: (file) => (asked.push(file), fs.readFile(file)),
      readFolder: (folder) => (asked.push(folder), fs.readFolder(folder)),
      stat: (file) => (asked.push(file), fs.stat(file)),
      realPath: (file) => (asked.push(file), fs.realPath(file)),
    };
    const own = new Checker({ fs: watched, parser: () => Promise.resolve(parser) });
    await own.checkTree('/repo');
    asked.length = 0;
    fs.files.set(path, `${run}on_chroot ldconfig -v\n`);
    const { findings } = await own.checkTree('/repo', { changed: new Set([path]) });
    assert.deepEqual(asked, [path]);
    assert.deepEqual(shown(findings), [`on-chroot-arguments ${path}`]);
  });

  it('reads the tree where another file has changed, or where the script names a file that it did not', async () => {
    const path = '/repo/stage-app/00-a/00-run.sh';
    const fs = tree({ '/repo/stage-app/00-a/files/there': '' });
    const own = checker(fs);
    await own.checkTree('/repo');
    fs.files.set(path, `${run}install -m 644 files/gone "\${ROOTFS_DIR}/etc/x"\n`);
    const changed = await own.checkTree('/repo', { changed: new Set([path]) });
    assert.deepEqual(shown(changed.findings), [`missing-file ${path}`]);
    fs.files.set('/repo/stage-app/00-a/00-packages', 'git, curl\n');
    const other = await own.checkTree('/repo', { changed: new Set(['/repo/stage-app/00-a/00-packages']) });
    assert.ok(shown(other.findings).includes('packages-file /repo/stage-app/00-a/00-packages'));
  });

  it('heeds a variable that a config gives from now on', async () => {
    const path = '/repo/stage-app/00-a/00-run.sh';
    const fs = tree({ [path]: '#!/bin/bash -e\nrm -rf "$ROOT_FS/etc/x"\n' });
    const own = checker(fs);
    assert.deepEqual(shown((await own.checkTree('/repo')).findings), [`unset-root ${path}`]);
    fs.files.set('/repo/config', 'IMG_NAME=x\nexport ROOT_FS=/srv\n');
    assert.deepEqual(shown((await own.checkTree('/repo')).findings), []);
  });

  it('forgets a tree when told to', async () => {
    const { rule, seen } = countingRule();
    const own = checker(tree(), [rule]);
    await own.checkTree('/repo');
    own.forget('/repo');
    await own.checkTree('/repo');
    assert.equal(seen.length, 6);
  });

  it('sees files that come and go', async () => {
    const fs = tree();
    const own = checker(fs);
    assert.deepEqual(shown((await own.checkTree('/repo')).findings), []);
    fs.files.delete('/repo/stage-app/prerun.sh');
    assert.deepEqual(shown((await own.checkTree('/repo')).findings), [
      'missing-copy-previous /repo/stage-app',
    ]);
    fs.files.set('/repo/stage-app/prerun.sh', prerun);
    assert.deepEqual(shown((await own.checkTree('/repo')).findings), []);
  });

  it('does not lose the other rules where one fails, and says which', async () => {
    const { rule } = countingRule();
    const broken: Rule = {
      name: 'broken',
      severity: 'error',
      summary: '',
      page: emptyPage,
      *checkScript() {
        yield* [];
        throw new Error('no such node');
      },
      checkTree: () => {
        throw new Error('no such stage');
      },
    };
    const { findings } = await checker(tree(), [broken, rule]).checkTree('/repo');
    assert.equal(findings.filter((finding) => finding.rule === 'counting').length, 3);
    const failures = findings.filter((finding) => finding.rule === 'internal-error');
    assert.equal(failures.length, 4);
    for (const { message } of failures)
      assert.match(message, /"broken" failed here \(no such (?:node|stage)\)/);
  });

  it('stops when aborted', async () => {
    const controller = new AbortController();
    controller.abort();
    const { reason } = controller.signal as { reason: unknown };
    await assert.rejects(
      checker(tree()).checkTree('/repo', { signal: controller.signal }),
      (error) => error === reason,
    );
  });

  it('tries again to load a parser that could not be loaded', async () => {
    let calls = 0;
    const own = new Checker({
      fs: tree(),
      parser: () => (++calls === 1 ? Promise.reject(new Error('no file')) : Promise.resolve(parser)),
    });
    await assert.rejects(own.checkTree('/repo'), /no file/);
    assert.deepEqual((await own.checkTree('/repo')).findings, []);
  });

  it('says one word about a script that is too large or binary, and does not read further', async () => {
    const fs = tree({
      '/repo/stage-app/00-a/01-run.sh': `#!/bin/bash -e\n${'# data\n'.repeat(scriptSizeLimit / 7 + 1)}`,
      '/repo/stage-app/00-a/02-run-chroot.sh': 'a\0b',
    });
    const { findings, scripts } = await checker(fs).checkTree('/repo');
    assert.deepEqual(
      findings.map(({ rule, severity, file }) => [rule, severity, file]),
      [
        ['unreadable-script', 'information', '/repo/stage-app/00-a/01-run.sh'],
        ['unreadable-script', 'warning', '/repo/stage-app/00-a/02-run-chroot.sh'],
      ],
    );
    assert.equal(scripts.size, 3);
  });

  it('orders findings by file and place', async () => {
    const fs = tree({
      '/repo/stage-app/00-a/00-run-chroot.sh': 'on_chroot ls\non_chroot -c ls\ntouch "$ROOTFS_DIR/x"\n',
      '/repo/stage-app/00-a/0-run.sh': run,
    });
    const { findings } = await checker(fs).checkTree('/repo');
    assert.deepEqual(
      findings.map(({ rule, file, range }) => [
        rule,
        file.slice('/repo/stage-app/00-a/'.length),
        range.start.line,
      ]),
      [
        ['ignored-file', '0-run.sh', 0],
        ['nested-on-chroot', '00-run-chroot.sh', 0],
        ['nested-on-chroot', '00-run-chroot.sh', 1],
        ['rootfs-in-chroot', '00-run-chroot.sh', 2],
      ],
    );
  });

  describe('on files of pi-gen itself', () => {
    const asks = '#!/bin/bash -e\non_chroot systemctl enable x\n';
    const upstream = new UpstreamFiles([gitHash(new TextEncoder().encode(asks))]);
    const words = 'vim, nano\n';
    const both = new UpstreamFiles([asks, words].map((text) => gitHash(new TextEncoder().encode(text))));
    const run = '/repo/stage-app/00-a/00-run.sh';

    async function found(
      files: Record<string, string>,
      known: UpstreamFiles,
      includeUpstream?: boolean,
    ): Promise<readonly string[]> {
      const checker = new Checker({
        fs: tree(files),
        parser: () => Promise.resolve(parser),
        upstream: known,
      });
      const { findings } = await checker.checkTree(
        '/repo',
        includeUpstream === undefined ? {} : { includeUpstream },
      );
      checker.dispose();
      return findings.map(({ rule }) => rule);
    }

    it('is silent about what is in them, unless asked', async () => {
      assert.deepEqual(await found({ [run]: asks }, new UpstreamFiles([])), ['on-chroot-arguments']);
      assert.deepEqual(await found({ [run]: asks }, upstream), []);
      assert.deepEqual(await found({ [run]: asks }, upstream, true), ['on-chroot-arguments']);
      const settings = { '/repo/.pigen.yaml': 'upstream: true\n' };
      assert.deepEqual(await found({ [run]: asks, ...settings }, upstream), ['on-chroot-arguments']);
      assert.deepEqual(await found({ [run]: asks, ...settings }, upstream, false), []);
    });

    it('judges them again with the first change', async () => {
      assert.deepEqual(await found({ [run]: `${asks}\n` }, upstream), ['on-chroot-arguments']);
    });

    it('is silent about lists too, and tells what is missing around them', async () => {
      const files = {
        [run]: asks,
        '/repo/stage-app/00-a/00-packages': words,
        '/repo/stage-app/00-a/1-run.sh': asks,
      };
      assert.deepEqual(await found(files, new UpstreamFiles([])), [
        'packages-file',
        'on-chroot-arguments',
        'ignored-file',
      ]);
      assert.deepEqual(await found(files, both), ['ignored-file']);
    });

    it('is silent about a patch that pi-gen itself has left unnamed', async () => {
      const patch = '--- a/rootfs/etc/x\n+++ b/rootfs/etc/x\n@@ -1 +1 @@\n-a\n+b\n';
      const series = '01-a.diff\n';
      const patches = '/repo/stage-app/00-a/00-patches';
      const files = {
        [`${patches}/01-a.diff`]: patch,
        [`${patches}/02-b.diff`]: patch,
        [`${patches}/series`]: series,
      };
      const hashesOf = (...texts: string[]) =>
        new UpstreamFiles(texts.map((text) => gitHash(new TextEncoder().encode(text))));
      assert.deepEqual(await found(files, hashesOf(patch, series)), []);
      assert.deepEqual(await found(files, hashesOf(patch, series), true), ['patches']);
      assert.deepEqual(await found(files, hashesOf(series)), ['patches']);
      assert.deepEqual(await found(files, hashesOf(patch)), ['patches']);
    });

    it('offers to silence what is said of them', async () => {
      const files = new Map([
        ['/repo/stage-app/prerun.sh', prerun],
        [run, asks],
      ]);
      const checker = new Checker({
        fs: new MemoryFileSystem(files, new Set([run])),
        parser: () => Promise.resolve(parser),
        upstream: new UpstreamFiles([prerun, asks].map((text) => gitHash(new TextEncoder().encode(text)))),
      });
      const checked = await checker.checkTree('/repo');
      const finding = checked.findings.find(({ rule }) => rule === 'not-executable');
      assert.ok(finding);
      assert.ok(silencingFixes(finding, checked, asks).length > 0);
      checker.dispose();
    });

    it('does not read their syntax', async () => {
      // A rule that asked it for the syntax of a text would fail, and the check would say so.
      const unused = await loadParser();
      unused.dispose();
      const checker = new Checker({
        fs: tree({
          [run]: asks,
          '/repo/stage-app/00-a/00-run-chroot.sh': asks,
          '/repo/stage-app/prerun.sh': asks,
        }),
        parser: () => Promise.resolve(unused),
        upstream,
        rules: rules.filter(({ name }) => name !== 'missing-copy-previous'),
      });
      const { findings } = await checker.checkTree('/repo');
      checker.dispose();
      assert.deepEqual(findings, []);
    });
  });
});
