import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import type { FixEdit, Finding } from '../../../src/pigen/finding';
import { LineIndex } from '../../../src/pigen/text';
import type { StageTree } from '../../../src/pigen/tree/stage-tree';
import { applyReplacements } from '../../../src/rules/apply-fixes';
import { analyseScript } from '../../../src/shell/analyse-script';
import type { BashParser } from '../../../src/shell/bash-parser';
import { programsOf } from '../../../src/shell/queries';
import { shellCheckFindings } from '../../../src/shellcheck/shellcheck-findings';
import { shellCheckViews } from '../../../src/shellcheck/shellcheck-programs';
import { ShellCheckRunner } from '../../../src/shellcheck/shellcheck-runner';
import type { ShellCheckView } from '../../../src/shellcheck/shellcheck-view';
import { loadParser, shellCheckOfMachine } from '../../rules/harness';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/shellcheck');

/** By fixture: what ShellCheck says, and the text of the file that is underlined. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'crlf.sh': ['SC2086 $1', 'SC2086 $HOME'],
  'escapes.sh': ['SC2086 $one', 'SC2045 $(ls /etc)', 'SC2086 $three'],
  'nested.sh': ['SC2086 $deep'],
  'quoted.sh': ['SC2086 $six', 'SC2046 `date`', 'SC2006 `date`'],
  'tabs.sh': ['SC2086 $four', 'SC2086 $five'],
};

/** By fixture: the lines that ShellCheck's own fixes make of the file, all that go for SC2086. */
const mended: Readonly<Record<string, readonly string[]>> = {
  'crlf.sh': ['echo "$1"\r', 'echo "\\$HOME"/x\r'],
  'escapes.sh': ['echo 😀 "é" "\\$one"', 'echo ${two} "\\$three" ${FIRST_USER_NAME}'],
  'nested.sh': ['echo "\\\\\\$deep"'],
  'quoted.sh': ['echo 𝒳 "$six" `date`'],
  'tabs.sh': ['\t\t\techo 😀\t"\\$four"', '\t\t"\\$five"'],
};

/** Names that nothing sets are not the matter here. */
const tree = { configs: [] } as unknown as StageTree;

describe('positions of ShellCheck in the file', () => {
  let parser: BashParser;
  const runner = new ShellCheckRunner();

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  function viewsOf(text: string): readonly ShellCheckView[] {
    return shellCheckViews({ script: analyseScript(parser, text, 'host'), place: 'host' }, true);
  }

  async function findingsIn(text: string): Promise<readonly Finding[]> {
    const views = viewsOf(text);
    const sources = views.map((view) => ({ text: view.text, settings: '' }));
    const comments = await runner.check(await shellCheckOfMachine(), sources);
    const script = { path: '/00-run.sh', text, lines: new LineIndex(text), tree, ours: [] };
    return views
      .flatMap((view, index) => shellCheckFindings(view, comments[index] ?? [], script))
      .filter(({ code }) => code?.name !== 'SC2154');
  }

  it('has an expectation for every fixture', async () => {
    assert.deepEqual((await readdir(fixtures)).sort(), Object.keys(expected));
  });

  for (const [name, wanted] of Object.entries(expected)) {
    it(`underlines in ${name} what ShellCheck speaks of, and mends it there`, async () => {
      const text = await readFile(path.join(fixtures, name), 'utf8');
      const lines = new LineIndex(text);
      const findings = await findingsIn(text);
      const shown = findings.map(
        ({ code, range }) =>
          `${code?.name} ${text.slice(lines.offset(range.start), lines.offset(range.end))}`,
      );
      assert.deepEqual(shown.sort(), [...wanted].sort());
      const edits = findings
        .filter(({ code }) => code?.name === 'SC2086')
        .flatMap(({ fixes }) => fixes?.[0]?.edits ?? []) as Extract<FixEdit, { kind: 'replace' }>[];
      const after = applyReplacements(text, edits)?.split('\n') ?? [];
      const before = new Set(text.split('\n'));
      assert.deepEqual(
        after.filter((line) => !before.has(line)),
        mended[name],
      );
    });
  }

  it('leads from any stretch of what ShellCheck reads to the same text in the program and in the file', () => {
    const piece = fc.constantFrom(
      ...[
        '😀',
        'é',
        '\t',
        ' ',
        'a',
        '\\$x',
        '\\`',
        '\\\\',
        '${y}',
        '$(id)',
        '"',
        "'q'",
        '\n',
        '\r\n',
        '\\\n',
        '# c\n',
      ],
    );
    const body = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
    const script = fc
      .record({ body, quoted: fc.boolean(), dash: fc.boolean(), before: body })
      .map(({ body: inside, quoted, dash, before }) => {
        const word = quoted ? "'END_OF_IT'" : 'END_OF_IT';
        return `#!/bin/bash -e\n: '${before.replaceAll("'", '')}'\non_chroot <<${dash ? '-' : ''} ${word}\n${inside}\nEND_OF_IT\n`;
      });
    fc.assert(
      fc.property(script, fc.nat(), fc.nat(), (text, from, length) => {
        const all = analyseScript(parser, text, 'host');
        const programs = [...programsOf(all)];
        for (const view of shellCheckViews({ script: all, place: 'host' }, true)) {
          assert.ok(programs.some((program) => program.text === view.program.text));
          const characters = Array.from(view.text);
          const start = from % characters.length;
          const end = Math.min(characters.length, start + 1 + (length % 8));
          const span = view.toProgramSpan(rangeOf(characters, start, end));
          if (span === undefined) continue;
          const { program } = view;
          const touchesHost = view.hostExpansions.some(
            (one) => span.start < one.span.end && one.span.start < span.end,
          );
          const own = program.text.slice(span.start, span.end);
          if (!touchesHost)
            assert.equal(
              own.replaceAll('\r\n', '\n'),
              characters.slice(start, end).join('').replaceAll('\r\n', '\n'),
            );
          const inFile = program.toFileSpan(span);
          const bare = (one: string): string => one.replaceAll(/[\\\t\r\n]/g, '');
          assert.equal(bare(text.slice(inFile.start, inFile.end)), bare(own));
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** As ShellCheck counts: lines end at `\n`, columns are code points, both 1-based, the end exclusive. */
function rangeOf(
  characters: readonly string[],
  start: number,
  end: number,
): Parameters<ShellCheckView['toProgramSpan']>[0] {
  const at = (index: number): readonly [number, number] => {
    const before = characters.slice(0, index);
    return [before.filter((one) => one === '\n').length + 1, index - before.lastIndexOf('\n')];
  };
  const [line, column] = at(start);
  const [endLine, endColumn] = at(end);
  return { line, column, endLine, endColumn };
}
