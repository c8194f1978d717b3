import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compatibleFixes } from '../../../src/rules/apply-fixes';
import type { CheckResult } from '../../../src/rules/checker';
import { Checker } from '../../../src/rules/checker';
import { silencingFixes } from '../../../src/rules/control/silencing-fixes';
import type { BashParser } from '../../../src/shell/bash-parser';
import { loadParser } from '../../rules/harness';
import { anyTrees, kindOf, mutate, mutations, readSamples, treeRoot } from './any-trees';
import type { AnyTree, Samples } from './any-trees';
import { acceptedByBash } from './bash-syntax';
import { MemoryFileSystem } from './memory-file-system';
import { assertSound, assertSoundFix, textsAfter } from './soundness';

/** Another seed finds other trees; a failure names the tree itself. */
const seed = Number(process.env['PIGEN_SEED'] ?? 20_261_123);
const runs = Number(process.env['PIGEN_RUNS'] ?? 100);

describe('any tree', function () {
  this.timeout(60_000 * Math.max(1, runs / 100));
  let parser: BashParser;
  let samples: Samples;

  before(async () => {
    parser = await loadParser();
    samples = await readSamples();
  });

  after(() => {
    parser.dispose();
  });

  /** As if nothing had been checked before. */
  async function checkFresh({ files, plain }: AnyTree, own: BashParser = parser): Promise<CheckResult> {
    const fs = new MemoryFileSystem(new Map(files), plain);
    const checker = new Checker({ fs, parser: () => Promise.resolve(own) });
    const result = await checker.checkTree(treeRoot);
    checker.dispose();
    return result;
  }

  it('is checked to the end, with sound findings, the same each time, and after edits as from scratch', async () => {
    const edit = fc.tuple(fc.nat(), mutations);
    await fc.assert(
      fc.asyncProperty(anyTrees(samples), fc.array(edit, { maxLength: 3 }), async (tree, edits) => {
        const fs = new MemoryFileSystem(new Map(tree.files), tree.plain);
        const kept = new Checker({ fs, parser: () => Promise.resolve(parser) });
        const { findings } = await kept.checkTree(treeRoot);
        for (const finding of findings) assertSound(finding, treeRoot, tree.files);
        assert.deepEqual((await kept.checkTree(treeRoot)).findings, findings);
        assert.deepEqual((await checkFresh(tree)).findings, findings);
        for (const [which, mutation] of edits) {
          const file = [...fs.files.keys()][which % fs.files.size] ?? '';
          fs.files.set(file, mutate(fs.files.get(file) ?? '', mutation));
          const after = await kept.checkTree(treeRoot);
          const fresh = await checkFresh({ files: fs.files, plain: tree.plain });
          assert.deepEqual(after.findings, fresh.findings);
        }
        if (edits.length === 3) {
          const other = await loadParser();
          const fresh = await checkFresh({ files: fs.files, plain: tree.plain }, other);
          assert.deepEqual((await kept.checkTree(treeRoot)).findings, fresh.findings);
          other.dispose();
        }
        kept.dispose();
      }),
      { numRuns: runs, seed },
    );
  });

  it('has no fix that bash takes amiss', async () => {
    const changes: { readonly title: string; readonly before: string; readonly after: string }[] = [];
    const add = (title: string, tree: AnyTree, texts: ReadonlyMap<string, string>): void => {
      for (const [file, after] of texts) {
        const kind = kindOf(file);
        if (kind !== 'script' && kind !== 'chroot' && kind !== 'config') continue;
        changes.push({ title, before: tree.files.get(file) ?? '', after });
      }
    };
    for (const tree of fc.sample(anyTrees(samples), { numRuns: runs * 2, seed })) {
      const checked = await checkFresh(tree);
      const all = compatibleFixes(checked.findings);
      add('all', tree, textsAfter(all, tree.files));
      for (const finding of checked.findings) {
        const silencing = silencingFixes(finding, checked, tree.files.get(finding.file) ?? '');
        for (const fix of silencing) assertSoundFix(fix, treeRoot, tree.files);
        for (const fix of [...(finding.fixes ?? []), ...silencing])
          add(`${finding.rule}: ${fix.title}`, tree, textsAfter([fix], tree.files));
      }
    }
    const texts = [...new Set(changes.flatMap(({ before, after }) => [before, after]))];
    const verdicts = await acceptedByBash(texts);
    const accepted = new Map(texts.map((text, n) => [text, verdicts[n] === true]));
    const broken = changes.filter(
      ({ before, after }) => accepted.get(before) === true && accepted.get(after) !== true,
    );
    const shown = new Map(broken.map(({ title, before, after }) => [title, `${before}\n→\n${after}`]));
    assert.deepEqual([...shown], [], `seed ${seed}`);
    assert.ok(changes.filter(({ before }) => accepted.get(before)).length > runs * 2);
  });
});
