import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FixEdit } from '../../../src/pigen/finding';
import type { StageTree } from '../../../src/pigen/stage-tree';
import { LineIndex } from '../../../src/pigen/text';
import { applyReplacements } from '../../../src/rules/apply-fixes';
import { analyseScript } from '../../../src/shell/analyse-script';
import type { BashParser } from '../../../src/shell/bash-parser';
import { programsOf } from '../../../src/shell/queries';
import { shellCheckFindings } from '../../../src/shellcheck/shellcheck-findings';
import { shellCheckViews } from '../../../src/shellcheck/shellcheck-programs';
import { ShellCheckRunner } from '../../../src/shellcheck/shellcheck-runner';
import { loadParser, shellCheckOfMachine } from '../../rules/harness';
import { acceptedByBash } from '../rules/bash-syntax';

/** Lines for each of which ShellCheck has a fix, as a script would have them outside of a heredoc. */
const lines = [
  'echo $one/x "$two"',
  'echo `date` 😀 $one',
  'cd /opt/$one',
  'if [ ! -z $one ]; then echo `id`; fi',
  'for f in $(ls $one); do cat $f | grep é; done',
  'echo $((${one} + $two))',
  'test -n $one && rm $two',
  "echo 'it is' $one 'x y' \"a $two b\"$three",
  'x=`echo "a \\`id\\` b"`; echo $x',
  'echo ${one}${two}\t$three # $four',
  'case $one in a) echo $two;; esac',
  'echo a\\\n$one',
];

const shape = fc.record({
  body: fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 6 }),
  kind: fc.constantFrom('quoted', 'escaped', 'host'),
  dash: fc.boolean(),
  returns: fc.boolean(),
});

/** A host script whose on_chroot gets these lines: by a quoted heredoc, with all escaped, or with the host's expansions in them. */
const scripts = shape.map(({ body, kind, dash, returns }) => {
  const inside = body.map((line) => (kind === 'escaped' ? line.replaceAll(/[\\$`]/g, '\\$&') : line));
  const indented = inside.flatMap((line) => line.split('\n')).map((line) => (dash ? `\t${line}` : line));
  const word = kind === 'quoted' ? "'EOF'" : 'EOF';
  const text = ['#!/bin/bash -e', `on_chroot <<${dash ? '-' : ''} ${word}`, ...indented, 'EOF', ''].join(
    '\n',
  );
  return returns ? text.replaceAll('\n', '\r\n').replaceAll('EOF\r', 'EOF') : text;
});

const tree = { configs: [] } as unknown as StageTree;

describe('fixes of ShellCheck in heredocs', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  it('make nothing that bash refuses of what it accepts, in the file or in the program', async () => {
    const texts = [...new Set(fc.sample(scripts, { numRuns: 100, seed: 20_261_126 }))];
    const read = texts.map((text) => {
      const views = shellCheckViews({ script: analyseScript(parser, text, 'host'), place: 'host' }, true);
      return { text, views };
    });
    const sources = read.flatMap(({ views }) => views.map((view) => ({ text: view.text, settings: '' })));
    const comments = [...(await new ShellCheckRunner().check(await shellCheckOfMachine(), sources))];
    const changes: { readonly before: string; readonly after: string; readonly what: string }[] = [];
    for (const { text, views } of read) {
      const script = { path: '/00-run.sh', text, lines: new LineIndex(text), tree, ours: [] };
      for (const view of views) {
        for (const { code, fixes } of shellCheckFindings(view, comments.shift() ?? [], script)) {
          if (view.program.parent === undefined) continue;
          for (const { edits } of fixes ?? []) {
            const after = applyReplacements(text, edits as Extract<FixEdit, { kind: 'replace' }>[]);
            assert.ok(after !== undefined);
            changes.push({ before: text, after, what: code?.name ?? '' });
          }
        }
      }
    }
    const kinds = new Set(changes.map(({ what }) => what));
    for (const kind of ['SC2006', 'SC2086']) assert.ok(kinds.has(kind), `no fix for ${kind} was tried`);
    assert.deepEqual(await newlyRefused(changes), []);
  });

  async function newlyRefused(
    changes: readonly { readonly before: string; readonly after: string; readonly what: string }[],
  ): Promise<readonly string[]> {
    const programs = [
      ...new Set(changes.flatMap(({ before, after }) => [...textsIn(before), ...textsIn(after)])),
    ];
    const accepted = await acceptedByBash(programs);
    const isAccepted = new Map(programs.map((text, index) => [text, accepted[index]]));
    const allAccepted = (text: string): boolean => textsIn(text).every((one) => isAccepted.get(one));
    return changes
      .filter(({ before, after }) => allAccepted(before) && !allAccepted(after))
      .map(({ before, after, what }) => `${what}\n${before}\n->\n${after}`);
  }

  /** The file, and each program inside it as its bash gets it. */
  function textsIn(text: string): readonly string[] {
    return [...programsOf(analyseScript(parser, text, 'host'))].map((program) => program.text);
  }
});
