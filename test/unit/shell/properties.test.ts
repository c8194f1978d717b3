import assert from 'node:assert/strict';
import fc from 'fast-check';
import { analyseScript } from '../../../src/shell/analyse-script';
import type { BashParser } from '../../../src/shell/bash-parser';
import { findHostExpansions, isBalanced, scanShell } from '../../../src/shell/heredoc-scanner';
import { maskedText } from '../../../src/shell/masked-text';
import { placeAt } from '../../../src/shell/place-at';
import { programsOf, walk } from '../../../src/shell/queries';
import type { Script } from '../../../src/shell/script';
import { heredocScripts } from './heredoc-scripts';
import { loadParser } from './parser';

const pieces = [
  ...Array.from('\n\n\n \t;&|<>()[]{}$`\'"\\#=!*?'),
  '<<EOF\n',
  "<<-'EOF'\n",
  '\nEOF\n',
  '<<<',
  '$(',
  '$((',
  '))',
  '((',
  '${',
  '[[ ',
  ' ]]',
  'case x in ',
  ' esac ',
  ';;',
  'if ',
  'then ',
  'fi ',
  'for ',
  'do ',
  'done ',
  'f() { ',
  'a=(',
  'a[',
  'on_chroot ',
  '-c ',
  'echo ',
  'export A=',
  "$'",
  '\\\n',
  'é',
  '😀',
  '\r\n',
  'word',
];

/** Text that is mostly not bash. */
const anyText = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 80 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  heredocScripts(),
);

describe('any text', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  it('is scanned to the end, with spans inside it and in order', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { heredocs, comments } = scanShell(text);
        let last = -1;
        for (const { operator, word, body, terminator, delimiter } of heredocs) {
          assert.ok(last < operator.start && operator.start < word.start && word.end === operator.end);
          assert.ok(operator.end <= body.start && body.start <= body.end && body.end <= text.length);
          assert.ok(text.startsWith('<<', operator.start));
          if (terminator !== undefined) {
            assert.equal(terminator.start, body.end);
            assert.ok(terminator.end <= text.length && terminator.end - terminator.start >= delimiter.length);
          }
          last = operator.start;
        }
        for (const { start, end } of comments)
          assert.ok(text[start] === '#' && start < end && end <= text.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('is balanced where bash accepts it', () => {
    fc.assert(
      fc.property(heredocScripts(), (text) => {
        assert.ok(isBalanced(text));
        for (const open of [
          'echo "',
          "echo '",
          'echo $(',
          'echo ${',
          'if true; then',
          '(',
          '{',
          'f) :',
          'fi',
        ])
          assert.ok(!isBalanced(`:\n${open}`), open);
      }),
      { numRuns: 500 },
    );
  });

  it('is masked to the same length and the same lines of code', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const scanned = scanShell(text);
        assert.equal(maskedText(text, scanned).length, text.length);
      }),
    );
  });

  it('has expansions inside it, in order', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let last = 0;
        for (const { span } of findHostExpansions(text, { start: 0, end: text.length })) {
          assert.ok(last <= span.start && span.start < span.end && span.end <= text.length);
          assert.ok(text[span.start] === '$' || text[span.start] === '`');
          last = span.end;
        }
      }),
    );
  });

  it('is analysed, and every place in it is known', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const script = analyseScript(parser, text, 'host');
        for (const program of programsOf(script)) {
          for (const { span } of program.commands) assertInside(program.toFileSpan(span), text);
          for (const node of walk(program.root))
            assert.ok(node.start <= node.end && node.end <= program.text.length);
        }
        for (let offset = 0; offset <= text.length; offset++) {
          const found = placeAt(script, offset);
          assert.equal(found.place, found.script.place);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps every unit of an embedded program that was not made up at its place in the file', () => {
    fc.assert(
      fc.property(heredocScripts(), (inner) => {
        const text = `on_chroot << 'OUTERMOST'\n${inner}\nOUTERMOST\n`;
        const script = analyseScript(parser, text, 'host');
        assert.ok(script.embedded.length > 0);
        for (const program of programsOf(script)) {
          if (program.source === 'argument') continue;
          for (let at = 0; at < program.text.length; at++) {
            assert.equal(text[program.toFile(at)], program.text[at], `${program.source} at ${at}`);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('takes time in proportion to its length: deep and long texts end', () => {
    const parts = [
      '$(',
      '((',
      '${',
      '"$(',
      '`',
      'a[',
      '<(',
      'a=(',
      '$((',
      'case a in a) ',
      '@(',
      "'",
      '<<E ',
      '[[ ',
      '{ ',
      '$x',
    ];
    for (const part of parts) {
      const text = part.repeat(20_000);
      scanShell(text);
      findHostExpansions(text, { start: 0, end: text.length });
    }
    for (const part of ['$(', '((', '"$(', 'a=(a=(a=(a=(', '{ ', '( ', 'if ', '! ', '"${a:-']) {
      analyseScript(parser, `on_chroot << E\n${part.repeat(2000)}\nE\n`, 'host');
    }
  });
});

describe('a script after an edit', () => {
  it('is the same as if it were read for the first time', async () => {
    const kept = await loadParser();
    try {
      const base = fc
        .sample(heredocScripts(), { numRuns: 60, seed: 7 })
        .join('on_chroot << EOF\necho "$A"\nEOF\n');
      assert.ok(base.length > 10_000);
      analyseScript(kept, base, 'host');
      const edit = fc.record({
        at: fc.nat(base.length),
        remove: fc.constantFrom(0, 0, 1, 3, 40),
        insert: fc.constantFrom(
          '',
          'x',
          '\n',
          '"',
          '#',
          ' foo',
          '<<EOF',
          'EOF\n',
          'if a; then\n',
          '(',
          '\\',
          "'",
          '}',
        ),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
          let text = base;
          for (const { at, remove, insert } of edits) {
            text = text.slice(0, at) + insert + text.slice(at + remove);
            const again = analyseScript(kept, text, 'host');
            const fresh = await loadParser();
            try {
              assert.deepEqual(factsOf(again), factsOf(analyseScript(fresh, text, 'host')));
            } finally {
              fresh.dispose();
            }
          }
        }),
        { numRuns: 20 },
      );
    } finally {
      kept.dispose();
    }
  });
});

function factsOf(script: Script): unknown {
  return [...programsOf(script)].map(({ root, source, place }) => ({ root, source, place }));
}

function assertInside({ start, end }: { readonly start: number; readonly end: number }, text: string): void {
  assert.ok(0 <= start && start <= end && end <= text.length, `${start}–${end} of ${text.length}`);
}
