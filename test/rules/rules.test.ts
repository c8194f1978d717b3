import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Finding, Fix } from '../../src/pigen/finding';
import { compatibleFixes, preferredFix } from '../../src/rules/apply-fixes';
import type { Checker } from '../../src/rules/checker';
import { rules } from '../../src/rules/index';
import type { BashParser } from '../../src/shell/bash-parser';
import { fixtureIndex } from './fixture-index';
import type { FixtureTree, TreeChecker } from './harness';
import {
  applyFixes,
  copyTree,
  corePath,
  filesBelow,
  fixtureTrees,
  fixturesFolder,
  loadParser,
  newChecker,
  showFindings,
  withShellCheck,
} from './harness';

const run = promisify(execFile);
const trees = fixtureTrees();
/** `UPDATE_EXPECTED=1` writes what is found in place of comparing it, to be read before it is committed. */
const update = process.env['UPDATE_EXPECTED'] === '1';
/** More rounds than any fixture needs: a fix that brings itself back would go on for ever. */
const roundLimit = 4;

describe('rules on their fixtures', () => {
  let parser: BashParser;
  let checker: Checker;
  /** For the rule that asks an index of package names: without one it is silent, and so are the trees of all others. */
  let indexed: Checker;
  let shellChecked: TreeChecker;
  let scratch: string;

  before(async () => {
    parser = await loadParser();
    checker = newChecker(parser);
    shellChecked = withShellCheck(checker);
    scratch = await mkdtemp(path.join(tmpdir(), 'pigen-rules-'));
    indexed = newChecker(parser, await fixtureIndex(path.join(scratch, 'package-index')));
  });

  after(async () => {
    checker.dispose();
    indexed.dispose();
    parser.dispose();
    await rm(scratch, { recursive: true });
  });

  /** A copy outside of this repository, whose git index would speak for the files otherwise. */
  async function check(
    { rule, folder }: FixtureTree,
    name: string,
  ): Promise<{ root: string; findings: readonly Finding[] }> {
    const root = path.join(scratch, name);
    await copyTree(folder, root);
    const { findings } = await checkerOf(rule).checkTree(corePath(root));
    return { root, findings };
  }

  function checkerOf(rule: string): TreeChecker {
    if (rule === 'shellcheck') return shellChecked;
    return rule === 'unknown-package' ? indexed : checker;
  }

  it('has a failing and a passing tree for each rule', () => {
    for (const { name } of rules) {
      const own = trees.filter(({ rule }) => rule === name);
      assert.ok(
        own.some(({ bad }) => bad),
        `${name} has a failing tree`,
      );
      assert.ok(
        own.some(({ bad }) => !bad),
        `${name} has a passing tree`,
      );
    }
    const known = new Set(rules.map(({ name }) => name));
    for (const { rule } of trees) assert.ok(known.has(rule), `${rule} is a rule`);
  });

  for (const tree of trees) {
    describe(`${tree.rule}/${tree.name}`, () => {
      if (!tree.bad) {
        it('is silent for every rule', async () => {
          const { root, findings } = await check(tree, `${tree.rule}-${tree.name}`);
          assert.equal(showFindings(findings, corePath(root)), '');
        });
        return;
      }

      it('has the expected findings', async () => {
        const { root, findings } = await check(tree, `${tree.rule}-${tree.name}`);
        const shown = showFindings(findings, corePath(root));
        const file = `${tree.folder}.expected`;
        if (update) await writeFile(file, shown);
        assert.ok(findings.some(({ rule }) => rule === tree.rule));
        assert.equal(shown, await readFile(file, 'utf8'));
      });

      it('is mended by the preferred fixes, for good, and only there', async () => {
        const root = path.join(scratch, `${tree.rule}-${tree.name}-fixed`);
        await copyTree(tree.folder, root);
        let findings = (await checkerOf(tree.rule).checkTree(corePath(root))).findings;
        let rounds = 0;
        while (compatibleFixes(findings).length > 0) {
          assert.ok(++rounds <= roundLimit, 'the fixes come to an end');
          await applyFixes(compatibleFixes(findings));
          findings = (await checkerOf(tree.rule).checkTree(corePath(root))).findings;
        }
        assert.deepEqual(findings.filter(preferredFix), []);
        await assertSyntax(root, tree.folder);

        const changed = await changesBetween(tree.folder, root);
        const expected = `${tree.folder}.fixed`;
        if (update) await writeChanges(expected, changed);
        assert.deepEqual(changed, await readChanges(expected));
      });

      it('accepts every single fix', async () => {
        const { findings } = await checkerOf(tree.rule).checkTree(corePath(tree.folder));
        for (const [i, finding] of findings.entries()) {
          for (const j of (finding.fixes ?? []).keys()) {
            const root = path.join(scratch, `${tree.rule}-${tree.name}-${i}-${j}`);
            await copyTree(tree.folder, root);
            const before = (await checkerOf(tree.rule).checkTree(corePath(root))).findings;
            const same = before.find((other) =>
              isSame(other, finding, corePath(root), corePath(tree.folder)),
            );
            const fix = same?.fixes?.[j];
            if (fix === undefined) continue;
            const texts = await textsOf(fix);
            await applyFixes([fix]);
            for (const [file, text] of texts) await assertKeepsOtherLines(fix, file, text);
            await assertSyntax(root, tree.folder);
            const after = (await checkerOf(tree.rule).checkTree(corePath(root))).findings;
            assert.ok(
              count(after, finding.rule) < count(before, finding.rule),
              `"${fix.title}" mends its finding`,
            );
          }
        }
      });
    });
  }

  // Windows has no execute bit on disk to be told apart.
  if (process.platform !== 'win32') {
    it('tells the execute bit of the disk from that of git', async () => {
      const root = path.join(scratch, 'git');
      await copyTree(path.join(fixturesFolder, 'not-executable/good-modes'), root);
      const git = (...words: string[]) => run('git', words, { cwd: root });
      await git('init', '--quiet');
      await git('add', '--all');
      await git('update-index', '--chmod=-x', 'stage-app/prerun.sh', 'stage-app/00-service/00-run.sh');
      const { findings } = await checker.checkTree(corePath(root));
      assert.deepEqual(
        findings.map(({ rule, severity, file }) => [rule, severity, path.basename(file)]),
        [
          ['not-executable', 'warning', '00-run.sh'],
          ['not-executable', 'error', 'prerun.sh'],
        ],
      );
      for (const { message } of findings) assert.match(message, /not in git/);
    });
  }

  it('tells secrets that git has from those that it has not, and none of their values', async () => {
    const root = path.join(scratch, 'secrets');
    await copyTree(path.join(fixturesFolder, 'config/good-untracked'), root);
    const git = (...words: string[]) => run('git', words, { cwd: root });
    await git('init', '--quiet');
    await git('add', '--all');
    assert.equal((await checker.checkTree(corePath(root))).findings.length, 0);
    await git('add', '--force', 'config');
    checker.dispose();
    const { findings } = await checker.checkTree(corePath(root));
    assert.deepEqual(
      findings.map(({ rule, severity, range }) => [rule, severity, range.start.line + 1]),
      [
        ['config', 'information', 2],
        ['config', 'warning', 3],
        ['config', 'warning', 4],
      ],
    );
    for (const { message } of findings) assert.doesNotMatch(message, /tiger|hunter|s3cr3t/);
  });
});

function count(findings: readonly Finding[], name: string): number {
  return findings.filter(({ rule }) => rule === name).length;
}

function isSame(a: Finding, b: Finding, rootOfA: string, rootOfB: string): boolean {
  return showFindings([a], rootOfA) === showFindings([b], rootOfB);
}

/** The texts of the files that a fix changes. */
async function textsOf({ edits }: Fix): Promise<ReadonlyMap<string, string>> {
  const files = new Set(edits.flatMap((edit) => (edit.kind === 'replace' ? [edit.file] : [])));
  return new Map(await Promise.all([...files].map(async (file) => [file, await readFile(file, 'utf8')] as const)));
}

/** The lines that no edit names stand as before and in their order, and an edit names none that it leaves as it is. */
async function assertKeepsOtherLines({ title, edits }: Fix, file: string, before: string): Promise<void> {
  const moved = edits.find((edit) => edit.kind === 'rename' && edit.from === file);
  const path = moved?.kind === 'rename' ? moved.to : file;
  const after = (await readFile(path, 'utf8')).split('\n');
  const lines = before.split('\n');
  const touched = new Set<number>();
  for (const edit of edits) {
    if (edit.kind !== 'replace' || edit.file !== file) continue;
    const { start, end } = edit.range;
    // Up to the start of a line does not take that line in, but for the text that is put before it.
    const last = end.column === 0 && end.line > start.line && /(?:^|\n)$/.test(edit.text) ? end.line - 1 : end.line;
    for (let line = start.line; line <= last; line++) touched.add(line);
    if (start.line === end.line || edit.lineEnding !== undefined) continue;
    const head = lines[start.line]?.slice(0, start.column) ?? '';
    const tail = lines[end.line]?.slice(end.column) ?? '';
    const written = (head + edit.text + tail).split('\n');
    // From the end of a line on, only what follows is meant.
    const first = start.column === lines[start.line]?.length ? undefined : written[0];
    assert.notEqual(first, lines[start.line], `"${title}" changes line ${start.line + 1}`);
    if (last === end.line) assert.notEqual(written.at(-1), lines[last], `"${title}" changes line ${last + 1}`);
  }
  let at = 0;
  for (const [line, text] of lines.entries()) {
    if (touched.has(line)) continue;
    const found = after.indexOf(text, at);
    assert.ok(found >= at, `"${title}" keeps line ${line + 1} of ${path}: ${text}`);
    at = found + 1;
  }
}

/** No script that bash accepts has become one that it refuses. */
async function assertSyntax(root: string, original: string): Promise<void> {
  for (const file of await filesBelow(root)) {
    if (!/(?:prerun|-run(?:-chroot)?)\.sh$/.test(file)) continue;
    const text = await readFile(path.join(root, file));
    if (text.includes(0) || text.toString().startsWith('#!/usr/bin/env python')) continue;
    const refusal = await refusalOf(path.join(root, file));
    if (refusal !== undefined) assert.ok(await refusalOf(path.join(original, file)), refusal);
  }
}

/** Why bash does not read a script; undefined where it does, or where there is none. */
async function refusalOf(file: string): Promise<string | undefined> {
  if (!(await stat(file).catch(() => undefined))?.isFile()) return undefined;
  return run('bash', ['-n', file]).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

/** Files that the fixes wrote, by relative path; `undefined` for those that are gone. Modes count where they were set. */
async function changesBetween(from: string, to: string): Promise<Record<string, string>> {
  const changes: Record<string, string> = {};
  const [before, after] = await Promise.all([filesBelow(from), filesBelow(to)]);
  for (const file of before) if (!after.includes(file)) changes[`${file} (gone)`] = '';
  for (const file of after) {
    const text = await readFile(path.join(to, file), 'utf8');
    const known = before.includes(file);
    const old = known ? await readFile(path.join(from, file), 'utf8') : undefined;
    const wasExecutable = known && (await isExecutable(path.join(from, file)));
    const isNow = await isExecutable(path.join(to, file));
    if (text === old && isNow === wasExecutable) continue;
    changes[isNow && !wasExecutable ? `${file} (executable)` : file] = text;
  }
  return changes;
}

async function isExecutable(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o111) !== 0;
}

async function writeChanges(folder: string, changes: Record<string, string>): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [name, text] of Object.entries(changes)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

async function readChanges(folder: string): Promise<Record<string, string>> {
  const changes: Record<string, string> = {};
  for (const file of await filesBelow(folder))
    changes[file] = await readFile(path.join(folder, file), 'utf8');
  return changes;
}
