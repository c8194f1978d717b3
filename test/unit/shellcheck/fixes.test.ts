import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FixEdit } from '../../../src/pigen/finding';
import type { StageTree } from '../../../src/pigen/tree/stage-tree';
import { LineIndex } from '../../../src/pigen/text';
import { applyReplacements } from '../../../src/rules/apply-fixes';
import { analyseScript } from '../../../src/shell/analyse-script';
import type { BashParser } from '../../../src/shell/bash-parser';
import { programsOf } from '../../../src/shell/queries';
import { shellCheckFix } from '../../../src/shellcheck/shellcheck-fix';
import type { ShellCheckComment, ShellCheckReplacement } from '../../../src/shellcheck/shellcheck-output';
import { shellCheckViews } from '../../../src/shellcheck/shellcheck-programs';
import { ShellCheckRunner } from '../../../src/shellcheck/shellcheck-runner';
import type { ShellCheckView } from '../../../src/shellcheck/shellcheck-view';
import { loadParser, shellCheckOfMachine } from '../../rules/harness';
import { acceptedByBash } from '../rules/bash-syntax';

/** Codes that ShellCheck 0.9 has a fix for, those among them that are to be turned on in .shellcheckrc. */
const fixable = [2006, 2086, 2164, 2243, 2244, 2248, 2250, 2251, 2281, 2292, 2295];

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
  'cd "$one/😀"; pushd /opt',
  '! grep -q "$one" /etc/é',
  '! [ -z "$three" ]',
  '$five=3',
  'six=6; echo $six',
  'echo "${one%$two}" ${three#"é"$four*}',
  '[ "$one" ]; [ $(id -u) ]',
  'if [ -f $one ] || [ "`id -u`" ]; then echo "😀 $two"; fi',
];

const shape = fc.record({
  body: fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 6 }),
  kind: fc.constantFrom('quoted', 'escaped', 'host'),
  dash: fc.boolean(),
  returns: fc.boolean(),
  /** ShellCheck's optional checks are turned on. */
  all: fc.boolean(),
  /** The bash of the chroot stops at the first command that fails. */
  errexit: fc.boolean(),
});

/** A host script whose on_chroot gets these lines: by a quoted heredoc, with all escaped, or with the host's expansions in them. */
const scripts = shape.map(({ body, kind, dash, returns, all, errexit }) => {
  const inside = body.map((line) => (kind === 'escaped' ? line.replaceAll(/[\\$`]/g, '\\$&') : line));
  const indented = inside.flatMap((line) => line.split('\n')).map((line) => (dash ? `\t${line}` : line));
  const word = kind === 'quoted' ? "'EOF'" : 'EOF';
  const text = ['#!/bin/bash -e', `on_chroot <<${dash ? '-' : ''} ${word}`, ...indented, 'EOF', ''].join(
    '\n',
  );
  return {
    text: returns ? text.replaceAll('\n', '\r\n').replaceAll('EOF\r', 'EOF') : text,
    settings: all ? 'enable=all\n' : '',
    errexit,
  };
});

const tree = { configs: [] } as unknown as StageTree;

interface Change {
  readonly before: string;
  readonly after: string;
  readonly code: number;
}

/** As ShellCheck says that its replacements are to be carried out, on its own text: places are those before any of them. */
function withReplacements(text: string, replacements: readonly ShellCheckReplacement[]): string {
  const lines = text.split('\n').map((line) => Array.from(line));
  const offset = (line: number, column: number): number =>
    lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  const edits = replacements.map((one) => ({
    ...one,
    start: offset(one.line, one.column),
    end: offset(one.endLine, one.endColumn),
  }));
  let characters = Array.from(text);
  // From the end, so that places stay; of those at one place the last to be carried out is the first in the text.
  for (const { start, end, replacement } of edits.toSorted(
    (a, b) => b.start - a.start || a.precedence - b.precedence,
  ))
    characters = [...characters.slice(0, start), ...Array.from(replacement), ...characters.slice(end)];
  return characters.join('');
}

describe('fixes of ShellCheck in heredocs', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  it('do in the file what ShellCheck does to the program, and make nothing that bash refuses of what it accepts', async () => {
    const samples = fc.sample(scripts, { numRuns: 100, seed: 20_261_126 });
    const read = samples.map(({ text, settings, errexit }) => {
      const program = analyseScript(parser, text, 'host');
      return { text, settings, views: shellCheckViews({ script: program, place: 'host' }, errexit) };
    });
    const sources = read.flatMap(({ views, settings }) => views.map(({ text }) => ({ text, settings })));
    const comments = [...(await new ShellCheckRunner().check(await shellCheckOfMachine(), sources))];
    const changes: Change[] = [];
    for (const { text, views } of read) {
      const script = { path: '/00-run.sh', text, lines: new LineIndex(text), tree, ours: [] };
      for (const view of views) {
        const own = comments.shift() ?? [];
        if (view.program.parent === undefined) continue;
        for (const comment of own) {
          const fix = shellCheckFix(comment, view, script);
          if (fix === undefined) continue;
          const after = applyReplacements(text, fix.edits as Extract<FixEdit, { kind: 'replace' }>[]);
          assert.ok(after !== undefined);
          changes.push({ before: text, after, code: comment.code });
          if (view.hostExpansions.length === 0) assertSameChange(text, after, view, comment);
        }
      }
    }
    const tried = new Set(changes.map(({ code }) => code));
    assert.deepEqual(
      fixable.filter((code) => !tried.has(code)),
      [],
      'each fix was tried',
    );
    assert.deepEqual(await newlyRefused(changes), []);
  });

  /** The program in the changed file is what ShellCheck's replacements make of the text that it read. */
  function assertSameChange(
    before: string,
    after: string,
    view: ShellCheckView,
    comment: ShellCheckComment,
  ): void {
    const ours = programsOf(analyseScript(parser, after, 'host'));
    const wanted = withReplacements(view.text, comment.replacements);
    const without = wanted.slice(wanted.indexOf('\n') + 1);
    assert.ok(
      [...ours].some(({ text }) => text.replaceAll('\r', '') === without),
      `SC${comment.code} wants\n${without}\nin\n${before}\nwhich became\n${after}`,
    );
  }

  async function newlyRefused(changes: readonly Change[]): Promise<readonly string[]> {
    const programs = [
      ...new Set(changes.flatMap(({ before, after }) => [...textsIn(before), ...textsIn(after)])),
    ];
    const accepted = await acceptedByBash(programs);
    const isAccepted = new Map(programs.map((text, index) => [text, accepted[index]]));
    const allAccepted = (text: string): boolean => textsIn(text).every((one) => isAccepted.get(one));
    return changes
      .filter(({ before, after }) => allAccepted(before) && !allAccepted(after))
      .map(({ before, after, code }) => `SC${code}\n${before}\n->\n${after}`);
  }

  /** The file, and each program inside it as its bash gets it. */
  function textsIn(text: string): readonly string[] {
    return [...programsOf(analyseScript(parser, text, 'host'))].map((program) => program.text);
  }
});
