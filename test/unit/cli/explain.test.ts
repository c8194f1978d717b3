import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { pigen, root } from './pigen';

interface ExplainJson {
  readonly version: number;
  readonly failures: readonly {
    readonly class: string;
    readonly cause: string;
    readonly fix: string;
    readonly step: { readonly path: string; readonly kind: string } | null;
    readonly finding: {
      readonly file: string;
      readonly docs: string | null;
      readonly fixes: readonly { readonly title: string }[];
      readonly range: { readonly start: { readonly line: number } };
    } | null;
  }[];
}

describe('pigen explain as a process', () => {
  const tree = path.join(root, 'test/fixtures/explain/tree');
  let folder: string;

  const logFile = (name: string): string => path.join(root, 'test/fixtures/logs', `${name}.log`);
  const json = (out: string): ExplainJson => JSON.parse(out) as ExplainJson;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-explain-'));
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('ends with 0 where the cause is known, with 1 where it is not, with 3 where nothing failed', async () => {
    const codes: Record<string, number | null> = {};
    for (const name of ['packages', 'documented/own-words', 'build/no-loop', 'passed']) {
      codes[name] = (await pigen(['explain', logFile(name), '--tree', tree])).code;
    }
    assert.deepEqual(codes, { packages: 0, 'documented/own-words': 1, 'build/no-loop': 0, passed: 3 });
  });

  it('tells an unknown failure with its step and what was said last', async () => {
    const { out } = await pigen(['explain', logFile('documented/own-words'), '--tree', tree], {
      cwd: folder,
    });
    assert.match(out, /^unknown \(guess\)\n {2}step: .*stage-silent\/00-app\/00-run\.sh\n/);
    assert.match(out, /why is not known.*answer the questions of the wizard/);
  });

  it('has the quick fix and the page of the rule that sees the same', async () => {
    const seed = path.join(folder, 'seed');
    await cp(path.join(root, 'test/fixtures/seed'), seed, { recursive: true });
    await mkdir(path.join(seed, '.git'));
    const words = ['explain', 'failing-build.log', '--format', 'json'];
    const { code, out } = await pigen(words, { cwd: seed });
    const [failure] = json(out).failures;
    assert.equal(code, 0);
    assert.equal(failure?.finding?.docs, 'docs/rules/nested-on-chroot.md');
    const checked = await pigen(['check', '--format', 'json'], { cwd: seed });
    const { findings } = JSON.parse(checked.out) as {
      findings: { rule: string; fixes: { title: string }[] }[];
    };
    const told = findings.find(({ rule }) => rule === 'nested-on-chroot');
    assert.ok(told !== undefined && told.fixes.length > 0);
    assert.deepEqual(failure.finding.fixes, told.fixes);
    const pretty = await pigen(['explain', 'failing-build.log'], { cwd: seed });
    assert.match(pretty.out, / {2}fix: .*\n.*nested-on-chroot.*[^]*\n {2}fix: /);
  });

  it('writes annotations for a workflow run', async () => {
    const words = ['explain', logFile('packages'), '--tree', tree, '--format', 'github'];
    const { code, out } = await pigen(words, { cwd: tree, env: { GITHUB_WORKSPACE: tree } });
    assert.equal(code, 0);
    assert.match(
      out,
      /^::error file=stage-packages\/00-app\/00-packages,line=3,.*title=unknown-package::apt knows/,
    );
    const machine = await pigen(['explain', logFile('build/no-loop'), '--format', 'github'], { cwd: folder });
    assert.match(machine.out, /^::error title=no-loop-device::The build got no loop device/);
  });

  it('tells of a build that passed what may have spoilt its image', async () => {
    const { code, out } = await pigen(['explain', logFile('documented/remarks')], { cwd: folder });
    assert.equal(code, 3);
    assert.match(out, /^No failure in this log\.\nBut it tells of this:\n[^]*not-executable/);
  });

  it('reads gzip, UTF-16 and standard input', async () => {
    const text = await readFile(logFile('packages'));
    const packed = path.join(folder, 'build.log.gz');
    await writeFile(packed, gzipSync(text));
    const wide = path.join(folder, 'wide.log');
    await writeFile(wide, `\uFEFF${text.toString()}`, 'utf16le');
    for (const log of [packed, wide]) {
      const { out } = await pigen(['explain', log, '--format', 'json'], { cwd: folder });
      assert.equal(json(out).failures[0]?.class, 'unknown-package', log);
    }
    const { code, out } = await pigen(['explain', '-'], { cwd: folder, input: text.toString() });
    assert.deepEqual([code, out.split(' ')[0]], [0, 'unknown-package']);
  });

  it('says what is no log', async () => {
    const write = async (name: string, bytes: string | Uint8Array): Promise<string> => {
      await writeFile(path.join(folder, name), bytes);
      return path.join(folder, name);
    };
    const cases: readonly (readonly [log: string, words: RegExp])[] = [
      [path.join(folder, 'missing.log'), /there is no such file/],
      [folder, /it is a folder, not a log/],
      [await write('image.log', new Uint8Array(4096)), /it is no text, and so no log/],
      [await write('logs.zip', 'PK\u0003\u0004rest'), /it is a ZIP archive/],
      [await write('broken.gz', new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2])), /broken, or cut off/],
    ];
    for (const [log, words] of cases) {
      const { code, out, err } = await pigen(['explain', log], { cwd: folder });
      assert.deepEqual([code, out], [2, ''], log);
      assert.match(err, words);
      assert.doesNotMatch(err, /\bat .*:\d+:\d+/);
    }
    assert.equal((await pigen(['explain'])).code, 2);
    assert.equal((await pigen(['explain', logFile('packages'), '--format', 'xml'])).code, 2);
    assert.equal(
      (await pigen(['explain', logFile('packages'), '--tree', path.join(folder, 'none')])).code,
      2,
    );
  });

  it('finds nothing in an empty log', async () => {
    const { code, out } = await pigen(['explain', '-'], { cwd: folder, input: '' });
    assert.deepEqual([code, out], [3, 'No failure in this log.\n']);
  });
});
