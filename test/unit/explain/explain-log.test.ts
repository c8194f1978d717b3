import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { explainLog } from '../../../src/explain/explain-log';
import type { ExplainOptions } from '../../../src/explain/explain-log';
import type { Explanation, Failure } from '../../../src/explain/explanation';
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

async function* chunksOf(text: string, size: number): AsyncIterable<string> {
  for (let at = 0; at < text.length; at += size) yield await Promise.resolve(text.slice(at, at + size));
}

function explain(text: string, options: Partial<ExplainOptions> = {}): Promise<Explanation> {
  return explainLog(chunksOf(text, 1000), { readText, ...options });
}

function log(name: string): Promise<string> {
  return readFile(join(fixtures, 'logs', `${name}.log`), 'utf8');
}

/** `class certainty place`, the place 1-based and relative to the tree. */
function brief(failure: Failure | undefined, root: string): string {
  const { finding } = failure ?? {};
  const start = finding?.range.start;
  const place = finding && `${finding.file.slice(root.length + 1)}:${(start?.line ?? 0) + 1}`;
  return [failure?.class, failure?.certainty, place ?? 'nowhere'].join(' ');
}

describe('explainLog', () => {
  let parser: BashParser;
  let tree: StageTree;
  let seed: StageTree;
  let withTree: Partial<ExplainOptions>;

  before(async () => {
    const [runtime, grammar] = await Promise.all([
      readFile(join(modules, 'web-tree-sitter/web-tree-sitter.wasm')),
      readFile(join(modules, 'tree-sitter-bash/tree-sitter-bash.wasm')),
    ]);
    parser = await BashParser.load({ runtime, grammar });
    const load = (folder: string): Promise<StageTree> =>
      loadStageTree(new NodeFileSystem(), join(fixtures, folder), { readAssignments: () => [] });
    [tree, seed] = await Promise.all([load('explain/tree'), load('seed')]);
    withTree = { tree, analyse: (text, place) => analyseScript(parser, text, place) };
  });

  after(() => {
    parser.dispose();
  });

  it('leads from a variable that a script lacks to the config that does not export it', async () => {
    const text = await log('unset');
    const path = `${tree.root}/config`;
    const configOf = (config: string): StageTree => ({
      ...tree,
      configs: [{ path, text: config, assignments: readAssignments(config, parser) }],
    });
    const lost = configOf("IMG_NAME=app\nAPP_VERSION='1.2'\n");
    const [failure] = (await explain(text, { ...withTree, tree: lost })).failures;
    assert.equal(brief(failure, tree.root), 'unset-variable certain config:2');
    assert.match(failure?.cause ?? '', /config sets APP_VERSION without exporting it/);
    const given = configOf("IMG_NAME=app\nexport APP_VERSION=''\n");
    const [other] = (await explain(text, { ...withTree, tree: given })).failures;
    assert.equal(brief(other, tree.root), 'unset-variable certain stage-unset/00-app/00-run.sh:5');
  });

  it('takes what an engine hands on behind `Build failed` for what it is', async () => {
    for (const name of ['nested', 'host-command', 'unset', 'command']) {
      const lines = (await log(name)).replace(/(?<=\S)(?=\[[\d:]{8}\] Build failed)/, '\n').split('\n');
      const end = lines.findIndex((line) => line.endsWith('Build failed'));
      const [expected] = (await explain(lines.join('\n'), withTree)).failures;
      assert.notEqual(expected?.class, 'unknown');
      const [failed = ''] = lines.splice(end, 1);
      lines.splice(end - 1, 0, failed);
      const [failure] = (await explain(lines.join('\n'), withTree)).failures;
      assert.equal(brief(failure, tree.root), brief(expected, tree.root), name);
    }
  });

  it('names the line and the cause of the seed', async () => {
    const { failures } = await explain(await log('seed'), { ...withTree, tree: seed });
    assert.equal(failures.length, 1);
    const [failure] = failures;
    const file = join(fixtures, 'seed/stage-ossuary/00-install-ossuary/00-run-chroot.sh');
    assert.equal(failure?.class, 'nested-on-chroot');
    assert.deepEqual(failure.step, { path: file, kind: 'run-chroot' });
    assert.deepEqual(failure.finding?.file, file);
    assert.deepEqual(failure.finding.range, {
      start: { line: 2, column: 0 },
      end: { line: 2, column: 'on_chroot'.length },
    });
    assert.equal(failure.finding.severity, 'error');
    assert.equal(
      (await log('seed')).split('\n')[failure.logLine ?? 0]?.slice(0, 25),
      'Unable to chroot/chdir to',
    );
  });

  it('points at the page of a rule only where there is one', async () => {
    const text = await log('nested');
    const found = async (rules: readonly string[]): Promise<string | undefined> =>
      (await explain(text, { ...withTree, knownRules: new Set(rules) })).failures[0]?.finding?.docs;
    assert.equal(await found(['nested-on-chroot']), 'docs/rules/nested-on-chroot.md');
    assert.equal(await found(['not-executable']), undefined);
  });

  it('finds nothing wrong with a build that finished', async () => {
    const { failures, failed } = await explain(await log('passed'), withTree);
    assert.deepEqual([failures, failed], [[], false]);
  });

  it('believes who knows that the build failed', async () => {
    const { failed, failures } = await explain(await log('passed'), { failed: true });
    assert.deepEqual([failed, failures[0]?.class], [true, 'unknown']);
    assert.deepEqual(await explain(await log('nested'), { failed: false }), {
      failures: [],
      failed: false,
      remarks: [],
    });
  });

  it('explains the last of several runs in one log', async () => {
    const [nested, packages, passed] = await Promise.all([log('nested'), log('packages'), log('passed')]);
    assert.equal((await explain(nested + packages)).failures[0]?.class, 'unknown-package');
    assert.equal((await explain(nested + passed)).failed, false);
  });

  it('explains what older branches leave without a last word', async () => {
    const text = (await log('packages')).replace(/\[[\d:]+\] Build failed\n$/, '');
    assert.equal((await explain(text)).failures[0]?.class, 'unknown-package');
  });

  it('explains logs behind time prefixes, and as pi-gen-action rewrites them', async () => {
    for (const name of ['nested', 'packages', 'bodies']) {
      const text = await log(name);
      const usual = (await explain(text, withTree)).failures[0];
      const stamped = text.replaceAll(/^/gm, '2026-11-22T10:00:00.123456789Z ');
      const action = `${text
        .replaceAll(/\[[\d:]+\] Begin (.*)/g, '##[group]$1')
        .replaceAll(/\[[\d:]+\] End .*/g, '##[endgroup]')
        .replaceAll(/\[[\d:]+\] Build failed/g, '\n##[endgroup]\n##[endgroup]\n##[endgroup]\n##[endgroup]')
        .replaceAll(/^(?!##)(?=.)/gm, '##[warning]')}##[error]pi-gen build failed with exit code 1\n`;
      for (const wrapped of [stamped, action, action.replaceAll(/^/gm, '2026-11-22T10:00:00.1234567Z ')]) {
        const failure = (await explain(wrapped, withTree)).failures[0];
        assert.deepEqual(failure?.finding, usual?.finding, wrapped);
      }
    }
  });

  it('finds the files of a stage that was mounted elsewhere', async () => {
    const text = await log('command');
    for (const elsewhere of ['/home/runner/work/a/b', 'custom', '/stage-command']) {
      const moved = text.replaceAll('/pi-gen/stage-command', `${elsewhere}/stage-command`);
      const { failures } = await explain(moved, withTree);
      assert.equal(
        brief(failures[0], tree.root),
        'command-not-found certain stage-command/00-app/00-run-chroot.sh:5',
      );
    }
    const paths = [{ container: '/pi-gen', local: tree.root }];
    const { failures } = await explain(text, { paths });
    assert.equal(failures[0]?.finding?.file, join(tree.root, 'stage-command/00-app/00-run-chroot.sh'));
  });

  it('says what it knows of a failure that it does not know', async () => {
    const lines = [
      '[10:00:00] Begin /pi-gen/stage-command/00-app/00-run-chroot.sh',
      'frobnicating',
      'gave up: 42',
    ];
    const [unknown] = (await explain(lines.join('\n'), withTree)).failures;
    assert.equal(brief(unknown, tree.root), 'unknown guess stage-command/00-app/00-run-chroot.sh:1');
    assert.match(unknown?.cause ?? '', /not known.*gave up: 42/);
    const line = '/bin/bash: line 3: frob: Frobnication impossible';
    const [command] = (await explain([...lines, line, 'bye'].join('\n'), withTree)).failures;
    assert.equal(brief(command, tree.root), 'command-failed likely stage-command/00-app/00-run-chroot.sh:3');
  });

  it('points at the command of an unknown failure where its words begin with the program, and tells its first complaint', async () => {
    const step = '/pi-gen/stage-tools/00-app/01-run-chroot.sh';
    const said = ['npm error code E404', 'npm error 404 acme is not in this registry.', 'npm verbose exit 1'];
    const text = `[10:00:00] Begin ${step}\nadded 3 packages\n${said.join('\n')}\n[10:00:09] Build failed\n`;
    const [unknown] = (await explain(text, withTree)).failures;
    assert.equal(brief(unknown, tree.root), 'unknown guess stage-tools/00-app/01-run-chroot.sh:4');
    assert.match(unknown?.cause ?? '', /It said “npm error code E404” and last of all “npm verbose exit 1”/);
    assert.equal(unknown?.logLine, 2);
  });

  it('does not blame noise', async () => {
    const text =
      '[10:00:00] Begin /pi-gen/stage-silent/00-app/00-run.sh\n' +
      'tee: /pi-gen/work/a/build.log: No such file or directory\n' +
      "Running in chroot, ignoring command 'start'\nreal\t7m53.1s\n[10:00:01] Build failed\n";
    assert.equal((await explain(text, withTree)).failures[0]?.class, 'silent-exit');
  });

  it('explains what goes wrong before any stage begins', async () => {
    for (const [line, name] of [
      ['Please run as root', 'host-not-root'],
      ['./config: line 3: IMG_NAME: command not found', 'config'],
      [
        'Container pigen_work already exists and you did not specify CONTINUE=1. Aborting.',
        'container-exists',
      ],
      ['No fallback mechanism found. Ensure your OS has binfmt_misc support', 'host-binfmt'],
    ] as const) {
      const { failures } = await explain(`${line}\n`, { failed: true });
      assert.equal(failures[0]?.class, name, line);
      assert.equal(failures[0].finding, undefined);
    }
  });

  it('names each of several unknown packages once', async () => {
    const text = (await log('packages')).replace(
      /^(E: Unable.*)$/m,
      '$1\nE: Unable to locate package coreutils\n$1',
    );
    const { failures } = await explain(text, withTree);
    assert.deepEqual(
      failures.map((failure) => failure.finding?.range.start.line),
      [2, 3],
    );
  });

  it('still names the step where the parser or the files fail', async () => {
    const text = await log('nested-body');
    const broken = { ...withTree, analyse: () => Promise.reject(new Error('no parser')) };
    const { failures } = await explain(text, broken);
    assert.equal(
      brief(failures[0], tree.root),
      'nested-on-chroot likely stage-nested-body/00-app/00-run.sh:1',
    );
    const unreadable = await explain(text, { ...withTree, readText: () => Promise.resolve(undefined) });
    assert.equal(unreadable.failures[0]?.class, 'nested-on-chroot');
  });

  it('explains any mixture of lines without throwing', async () => {
    const names = (await readdir(join(fixtures, 'logs'), { recursive: true })).filter((name) =>
      name.endsWith('.log'),
    );
    const texts = await Promise.all(names.map((name) => log(name.slice(0, -'.log'.length))));
    const lines = texts.join('').split('\n');
    const mixture = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(mixture, async (mixed) => {
        const { failed, failures } = await explain(mixed.join('\n'), withTree);
        assert.equal(failures.length > 0, failed);
      }),
      { numRuns: 300 },
    );
  });
});
