import assert from 'node:assert/strict';
import fc from 'fast-check';
import { completionsAt } from '../../../src/language/completion';
import { foldsOf } from '../../../src/language/folding';
import { hoverAt } from '../../../src/language/hover';
import { linksIn } from '../../../src/language/links';
import { mentionsIn } from '../../../src/language/mentions';
import { packageAt } from '../../../src/language/package-names';
import { semanticTokens } from '../../../src/language/semantic-tokens';
import { outlineOf } from '../../../src/language/symbols';
import type { OutlineEntry } from '../../../src/language/symbols';
import type { TreeFile } from '../../../src/language/tree-file';
import type { Span } from '../../../src/pigen/text';
import { Signage } from './signage';

/** Files of the fixture whose texts are taken apart. */
const names = [
  'stage-player/00-service/00-run.sh',
  'stage-player/00-service/01-run-chroot.sh',
  'stage-player/00-service/00-packages',
  'stage-player/00-service/00-patches/series',
  'stage-kiosk/00-display/00-run.sh',
  'stage-kiosk/EXPORT_IMAGE',
  'config',
  '.pigen.yaml',
  '.gitattributes',
  '.github/workflows/image.yml',
];

/** Pieces that break a text where they are put in. */
const pieces = [
  'on_chroot << EOF\n',
  "on_chroot <<- 'EOF'\n",
  'EOF\n',
  '"',
  "'",
  '`',
  '$(',
  ')',
  '${',
  '}',
  '\\',
  '\t',
  '\r\n',
  '\r',
  '\n',
  '#region\n',
  '#endregion\n',
  'if true; then\n',
  'fi\n',
  'f() {\n',
  'case "$STAGE" in\n',
  '- stage-player/x\n',
  'stage-list: |\n',
  '${BASE_DIR}/stage-kiosk/',
  'systemctl enable ',
  'files/',
  '\u{1F600}',
  '\0',
  ' ',
];

const change = fc.record({
  at: fc.nat(2000),
  remove: fc.nat(30),
  insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 5 })),
});

describe('what is shown of any text', () => {
  let signage: Signage;
  const texts = new Map<string, string>();
  before(async () => {
    signage = await Signage.load();
    for (const name of names) texts.set(name, (await signage.open(name)).text);
  });
  after(() => {
    signage.dispose();
  });

  function mutated(
    name: string,
    changes: readonly { at: number; remove: number; insert: string }[],
  ): TreeFile {
    let text = texts.get(name) ?? '';
    for (const { at, remove, insert } of changes) {
      const from = text.length === 0 ? 0 : at % (text.length + 1);
      text = text.slice(0, from) + insert + text.slice(from + remove);
    }
    return signage.edited(name, text);
  }

  function holdsSpan({ text }: TreeFile, { start, end }: Span): void {
    assert.ok(0 <= start && start <= end && end <= text.length, `${start}-${end} of ${text.length}`);
  }

  function areApart(file: TreeFile, spans: readonly Span[]): void {
    for (const [index, span] of spans.entries()) {
      holdsSpan(file, span);
      assert.ok(span.start >= (spans[index - 1]?.end ?? 0), 'they overlap, or are in no order');
    }
  }

  function holdsOutline(file: TreeFile, entries: readonly OutlineEntry[], around: Span): void {
    for (const { span, selection, children, name } of entries) {
      assert.ok(name !== '');
      assert.ok(around.start <= span.start && span.end <= around.end, 'an entry leaves the one around it');
      assert.ok(span.start <= selection.start && selection.end <= span.end, 'the selection leaves its entry');
      holdsOutline(file, children, span);
    }
  }

  it('stays in the file, in order and apart', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(change, { maxLength: 6 }), (name, changes) => {
        const file = mutated(name, changes);
        const tokens = semanticTokens(file);
        areApart(
          file,
          tokens.map(({ span }) => span),
        );
        for (const { span } of tokens) {
          assert.ok(span.end > span.start);
          assert.doesNotMatch(file.text.slice(span.start, span.end), /[\r\n]/);
        }
        const mentions = mentionsIn(file);
        areApart(
          file,
          mentions.map(({ span }) => span),
        );
        for (const { span, entry } of mentions) {
          assert.equal(file.text.slice(span.start, span.end).replaceAll(/["'\\]/g, ''), entry.name);
        }
        holdsOutline(file, outlineOf(file), { start: 0, end: file.text.length });
        let last = -1;
        for (const { start, end } of foldsOf(file)) {
          assert.ok(last < start && start < end && end < file.lines.lineCount);
          last = start;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('answers at every position', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.array(change, { maxLength: 4 }),
        fc.nat(2000),
        async (name, changes, somewhere) => {
          const file = mutated(name, changes);
          const offset = somewhere % (file.text.length + 1);
          const hover = hoverAt(file, offset);
          if (hover !== undefined) {
            holdsSpan(file, hover.span);
            assert.ok(hover.span.start <= offset && offset <= hover.span.end);
            assert.ok(!hover.markdown.includes('swordfish'));
          }
          const named = packageAt(file, offset);
          if (named !== undefined)
            assert.equal(file.text.slice(named.span.start, named.span.end), named.name);
          for (const { replace } of await completionsAt(file, offset, signage.fs)) {
            holdsSpan(file, replace);
            assert.ok(replace.end === offset && replace.start <= offset);
          }
          for (const { span } of await linksIn(file, signage.fs)) holdsSpan(file, span);
        },
      ),
      { numRuns: 300 },
    );
  });
});
