import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failureClasses } from '../../../src/explain/classes/index';
import { explainLog } from '../../../src/explain/explain-log';
import type { ExplainOptions } from '../../../src/explain/explain-log';
import type { Explanation, Failure } from '../../../src/explain/explanation';
import { judgeLine } from '../../../src/explain/line-classifier';
import type { Fit } from '../../../src/explain/line-classifier';
import { LogReader } from '../../../src/explain/log-reader';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import type { StageTree } from '../../../src/pigen/tree/stage-tree';
import { analyseScript } from '../../../src/shell/analyse-script';
import { BashParser } from '../../../src/shell/bash-parser';
import { readAssignments } from '../../../src/shell/config-assignments';

const fixtures = join(import.meta.dirname, '../../fixtures');
const modules = join(import.meta.dirname, '../../../node_modules');

function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function explain(text: string, options: Partial<ExplainOptions> = {}): Promise<Explanation> {
  async function* chunks(): AsyncIterable<string> {
    yield await Promise.resolve(text);
  }
  return explainLog(chunks(), { readText, ...options });
}

/** `class certainty place`, the place 1-based and relative to the tree, `-` where there is none. */
function brief({ class: name, certainty, finding }: Failure, root: string): string {
  const place = finding && `${finding.file.slice(root.length + 1)}:${finding.range.start.line + 1}`;
  return [name, certainty, place ?? '-'].join(' ');
}

/** Of a table of fixtures: `LOG | FAILURE | FAILURE…`, what is expected with the tree. */
async function table(name: string): Promise<readonly (readonly [log: string, failures: string])[]> {
  const text = await readFile(join(fixtures, 'explain', name), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.includes(' | ') && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf(' | ')).trim(), line.slice(line.indexOf(' | ') + 3)] as const);
}

function logText(name: string): Promise<string> {
  return readFile(join(fixtures, 'logs', `${name}.log`), 'utf8');
}

describe('failure classes', () => {
  let parser: BashParser;
  let tree: StageTree;
  let kiosk: StageTree;

  before(async () => {
    const [runtime, grammar] = await Promise.all([
      readFile(join(modules, 'web-tree-sitter/web-tree-sitter.wasm')),
      readFile(join(modules, 'tree-sitter-bash/tree-sitter-bash.wasm')),
    ]);
    parser = await BashParser.load({ runtime, grammar });
    const load = (folder: string): Promise<StageTree> =>
      loadStageTree(new NodeFileSystem(), join(fixtures, folder), {
        readAssignments: (text) => readAssignments(text, parser),
      });
    [tree, kiosk] = await Promise.all([load('explain/tree'), load('explain/kiosk')]);
  });

  after(() => {
    parser.dispose();
  });

  const withTree = (own: StageTree): Partial<ExplainOptions> => ({
    tree: own,
    analyse: (text, place) => analyseScript(parser, text, place),
  });

  async function check(name: string, own: () => StageTree): Promise<void> {
    const wrong: string[] = [];
    for (const [log, expected] of await table(name)) {
      const { failures } = await explain(await logText(log), withTree(own()));
      const found = failures.map((failure) => brief(failure, own().root)).join(' | ');
      if (found !== expected) wrong.push(`${log}\n  expected ${expected}\n  found    ${found}`);
    }
    assert.equal(wrong.join('\n'), '');
  }

  it('explain every log with its tree', async () => {
    await check('with-tree.txt', () => tree);
  });

  it('point into config and the workflow', async () => {
    await check('with-config.txt', () => kiosk);
  });

  it('explain every log by itself', async () => {
    const wrong: string[] = [];
    for (const [log, expected] of await table('alone.txt')) {
      const { failures } = await explain(await logText(log));
      const found = failures.map(({ class: name, certainty }) => `${name} ${certainty}`).join(' | ');
      if (found !== expected) wrong.push(`${log}\n  expected ${expected}\n  found    ${found}`);
    }
    assert.equal(wrong.join('\n'), '');
  });

  it('have a log each, and each log is in the tables', async () => {
    const seen = new Set<Fit['failureClass']>();
    const logs = (await readdir(join(fixtures, 'logs'), { recursive: true }))
      .filter((name) => name.endsWith('.log'))
      .map((name) => name.slice(0, -'.log'.length).replaceAll('\\', '/'));
    for (const log of logs) {
      const reader = new LogReader();
      for (const event of [...reader.push(await logText(log)), ...reader.end()]) {
        if (event.kind !== 'line') continue;
        for (const moment of [
          'outside',
          'tree',
          'stage',
          'run',
          'run-chroot',
          'prerun',
          'packages',
          'patches',
          'debconf',
          'after',
        ] as const) {
          const meaning = judgeLine(event.text, moment);
          for (const { failureClass } of meaning.kind === 'fits' ? meaning.fits : []) seen.add(failureClass);
        }
      }
    }
    const without = failureClasses.filter((one) => !seen.has(one));
    assert.deepEqual(
      without.map(({ name, match }) => `${name} ${String(match)}`),
      [],
    );
    const named = new Set((await table('with-tree.txt')).map(([log]) => log));
    assert.deepEqual(
      logs.filter(
        (log) => !named.has(log) && !['passed', 'seed', 'unexported', 'documented/remarks'].includes(log),
      ),
      [],
    );
  });

  it('recognise what their page says the log says', () => {
    for (const { says, match, signs, name } of failureClasses) {
      // Some tell in brackets what the line alone cannot.
      const [line = ''] = says.split(/ \((?:in|after|while|followed|and nothing)/);
      assert.match(line, match, name);
      assert.ok(
        signs.some((sign) => line.includes(sign)),
        `${name}: none of its signs stands in ${line}`,
      );
    }
  });

  it('say what they know, and leave no gaps in their words', async () => {
    for (const [log] of await table('with-tree.txt')) {
      for (const { cause, fix } of (await explain(await logText(log))).failures) {
        assert.doesNotMatch(`${cause} ${fix}`, /(?<!\$)\{\w+\}|undefined|(?:^|\s)…(?:\s|[.,]|$)/, log);
      }
    }
  });

  it('explain logs alike behind time prefixes, in colour and with Windows line ends', async () => {
    const forms: readonly ((text: string) => string)[] = [
      (text) => text.replaceAll(/^(?=.)/gm, '2026-11-22T10:00:00.123456789Z '),
      (text) => text.replaceAll(/^(?=.)/gm, 'build\tUNKNOWN STEP\t2026-11-22T10:00:00.1234567Z '),
      (text) => text.replaceAll(/^(.+)$/gm, '\u001b[31m$1\u001b[0m'),
      (text) => text.replaceAll('\n', '\r\n'),
      (text) => text.replaceAll(/^(?=.)/gm, '> '),
      (text) => text.replaceAll(/^(.+)$/gm, '`$1`'),
    ];
    for (const [log, expected] of await table('alone.txt')) {
      // A carriage return of its own begins another line in an editor, and so another prefix.
      const text = (await logText(log)).replaceAll(/\r(?!\n)/g, '').replaceAll('\r\n', '\n');
      const usual = (await explain(text)).failures.map((failure) => failure.class);
      for (const form of forms) {
        const found = (await explain(form(text))).failures.map((failure) => failure.class);
        assert.deepEqual(found, usual, `${log}: ${expected}`);
      }
    }
  });

  it('explain a step also where the log begins with it', async () => {
    for (const [log] of await table('alone.txt')) {
      const lines = (await logText(log)).split('\n');
      const begin = lines.findLastIndex((line) =>
        /\] Begin .*\/\d\d-(?:run|packages|patches|debconf)/.test(line),
      );
      // What an earlier stage did is not in the rest.
      if (
        begin < 0 ||
        /nested|prerun|skipped|continues|limit-silent|bootstrap-script|interleaved|marked/.test(log)
      )
        continue;
      const whole = await explain(lines.join('\n'));
      const rest = await explain(lines.slice(begin).join('\n'));
      assert.equal(rest.failures[0]?.class, whole.failures[0]?.class, log);
      assert.equal(rest.failures[0]?.step?.path, whole.failures[0]?.step?.path, log);
    }
  });

  it('explain what is left of a log that is cut off anywhere', async () => {
    const texts = await Promise.all((await table('alone.txt')).map(([log]) => logText(log)));
    for (const text of texts) {
      for (const share of [0.2, 0.5, 0.8, 0.95]) {
        const at = Math.floor(text.length * share);
        for (const part of [text.slice(0, at), text.slice(at)]) {
          const { failed, failures } = await explain(part);
          assert.equal(failures.length > 0, failed);
        }
      }
    }
  });

  it('tell of a build that passed what may have spoilt its image', async () => {
    const { failed, remarks } = await explain(await logText('documented/remarks'), withTree(tree));
    assert.equal(failed, false);
    assert.deepEqual(
      remarks.map((remark) => remark.class),
      ['config', 'not-executable', 'export'],
    );
  });

  it('tell that the stages after the exported one are not in the image', async () => {
    const { failed, remarks } = await explain(await logText('unexported'), withTree(tree));
    assert.equal(failed, false);
    assert.deepEqual(
      remarks.map((remark) => brief(remark, tree.root)),
      ['export likely stage-unexported:1'],
    );
    assert.match(remarks[0]?.cause ?? '', /made of stage-deploy,.*: stage-unexported\.$/);
  });

  it('tell of what an earlier step said where that step is', async () => {
    const text = (await logText('debconf-command')).replace(/error: parse error.*\n/, '');
    const ended = text.replace(
      /(\[[\d:]+\]) Build failed/,
      ['End /pi-gen/stage-debconf-command/00-app/00-debconf', 'End /pi-gen/stage-debconf-command/00-app']
        .concat(
          'End /pi-gen/stage-debconf-command',
          'Begin /pi-gen/stage-unset',
          'Begin /pi-gen/stage-unset/00-app',
        )
        .concat('Begin /pi-gen/stage-unset/00-app/00-run.sh')
        .map((stamp) => `$1 ${stamp}`)
        .concat('./00-run.sh: line 5: APP_VERSION: unbound variable', '$1 Build failed')
        .join('\n'),
    );
    const { failures, remarks } = await explain(ended, withTree(tree));
    assert.deepEqual(
      [...failures, ...remarks].map((failure) => brief(failure, tree.root)),
      [
        'unset-variable certain stage-unset/00-app/00-run.sh:5',
        'debconf-file certain stage-debconf-command/00-app/00-debconf:2',
      ],
    );
    assert.equal(remarks[0]?.step?.kind, 'debconf');
  });

  it('do not send to the config for what build.sh exports by itself', async () => {
    const step = 'stage-unset/00-app/00-run.sh';
    const text = `[10:00:00] Begin /pi-gen/${step}\n./00-run.sh: line 5: IMG_NAME: unbound variable\n[10:00:09] Build failed\n`;
    const own = withTree(kiosk);
    const { failures } = await explain(text, own);
    assert.deepEqual(
      failures.map(({ class: name, fix }) => [name, fix.startsWith('Set it in the script')]),
      [['unset-variable', true]],
    );
  });

  it('never blame noise', async () => {
    const noise = (await readFile(join(fixtures, 'explain/noise.txt'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '');
    assert.ok(noise.length > 20);
    const real = [
      ['00-run-chroot.sh', '/bin/bash: line 5: pm2-installer: command not found', 'command-not-found'],
      ['00-run-chroot.sh', 'it broke: 42', 'unknown'],
      ['00-packages', 'E: Unable to locate package no-such-package-here', 'unknown-package'],
    ] as const;
    for (const [step, line, name] of real) {
      for (const lines of [[...noise, line], [line, ...noise], ...noise.map((one) => [one, line, one])]) {
        const text = `[10:00:00] Begin /pi-gen/stage-command/00-app/${step}\n${lines.join('\n')}\n[10:00:09] Build failed\n`;
        const { failures } = await explain(text);
        assert.equal(failures[0]?.class, name, lines.join('\n'));
        assert.ok(failures[0].cause.includes('42') || name !== 'unknown', failures[0].cause);
        assert.equal(failures.length, 1, failures.map((failure) => failure.cause).join('\n'));
      }
    }
  });

  it('read debootstrap’s own log where it is at hand', async () => {
    const text = await logText('documented/bootstrap-only');
    const log = await readFile(join(fixtures, 'explain/debootstrap.log'), 'utf8');
    const { failures } = await explain(text, {
      ...withTree(tree),
      readText: (path) =>
        path === join(tree.root, 'work/kiosk/stage0/debootstrap.log') ? Promise.resolve(log) : readText(path),
    });
    assert.deepEqual(
      failures.map(({ class: name, certainty }) => `${name} ${certainty}`),
      ['host-binfmt certain'],
    );
  });
});
