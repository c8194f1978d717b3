import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { chooseTree } from '../../../src/explain/choose-tree';
import { LogIndexer } from '../../../src/explain/log-index';
import type { LogIndex, LogSection } from '../../../src/explain/log-index';
import { LogReader } from '../../../src/explain/log-reader';
import { LogTargets } from '../../../src/explain/log-targets';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import type { StageTree } from '../../../src/pigen/tree/stage-tree';
import { LineIndex } from '../../../src/pigen/text';
import { analyseScript } from '../../../src/shell/analyse-script';
import { BashParser } from '../../../src/shell/bash-parser';

const fixtures = join(import.meta.dirname, '../../fixtures');
const modules = join(import.meta.dirname, '../../../node_modules');

function indexOf(text: string, size = 1000): LogIndex {
  const reader = new LogReader();
  const indexer = new LogIndexer();
  for (let at = 0; at < text.length; at += size) {
    for (const event of reader.push(text.slice(at, at + size))) indexer.take(event);
  }
  for (const event of reader.end()) indexer.take(event);
  return indexer.end();
}

async function logIndex(name: string): Promise<LogIndex> {
  return indexOf(await readFile(join(fixtures, 'logs', `${name}.log`), 'utf8'));
}

/** `NAME first-last seconds`, lines 1-based, indented by depth. */
function outline(sections: readonly LogSection[], indent = ''): string[] {
  return sections.flatMap(({ path, kind, firstLine, lastLine, seconds, failed, sections: inner }) => [
    `${indent}${kind} ${path.split('/').at(-1) ?? ''} ${firstLine + 1}-${lastLine + 1} ${seconds ?? '?'}s${failed ? ' failed' : ''}`,
    ...outline(inner, `${indent}  `),
  ]);
}

describe('the index of a log', () => {
  let tree: StageTree;
  let seed: StageTree;
  let parser: BashParser;
  before(async () => {
    const [runtime, grammar] = await Promise.all([
      readFile(join(modules, 'web-tree-sitter/web-tree-sitter.wasm')),
      readFile(join(modules, 'tree-sitter-bash/tree-sitter-bash.wasm')),
    ]);
    parser = await BashParser.load({ runtime, grammar });
    const load = (folder: string): Promise<StageTree> =>
      loadStageTree(new NodeFileSystem(), join(fixtures, folder), { readAssignments: () => [] });
    [tree, seed] = await Promise.all([load('explain/tree'), load('seed')]);
  });

  after(() => {
    parser.dispose();
  });

  /** `LOG-LINE KIND PATH:LINE`, lines 1-based. */
  async function targetsIn({ references }: LogIndex): Promise<string[]> {
    const files = new NodeFileSystem();
    const targets = new LogTargets(tree, {
      kindOf: async (path) => (await files.stat(path))?.kind,
      script: async (path) => {
        const text = await readFile(path, 'utf8');
        return { path, text, lines: new LineIndex(text), script: analyseScript(parser, text, 'host') };
      },
    });
    const found: string[] = [];
    for (const reference of references) {
      const target = await targets.of(reference);
      if (target === undefined) continue;
      const line = target.line === undefined ? '' : `:${target.line + 1}`;
      found.push(`${reference.line + 1} ${target.kind} ${target.path.slice(tree.root.length + 1)}${line}`);
    }
    return found;
  }

  it('nests stages, sub-stages and steps, each with its time, down to what failed', async () => {
    assert.deepEqual(outline((await logIndex('nested')).sections), [
      'tree pi-gen 1-23 8s failed',
      '  stage stage0 2-5 3s',
      '    prerun prerun.sh 3-4 3s',
      '  stage stage-nested 6-23 5s failed',
      '    prerun prerun.sh 7-8 4s',
      '    sub-stage 00-app 9-23 1s failed',
      '      packages 00-packages 10-15 1s',
      '      run-chroot 00-run-chroot.sh 16-23 0s failed',
    ]);
  });

  it('shows the stages of a log that was cut off at its beginning', async () => {
    const text = await readFile(join(fixtures, 'logs', 'nested.log'), 'utf8');
    assert.deepEqual(outline(indexOf(text.split('\n').slice(9).join('\n')).sections), [
      'stage stage-nested 1-14 ?s failed',
      '  sub-stage 00-app 1-14 ?s failed',
      '    packages 00-packages 1-6 1s',
      '    run-chroot 00-run-chroot.sh 7-14 0s failed',
    ]);
  });

  it('keeps the steps of pi-gen-action, which closes every group before it says that the build failed', () => {
    const lines = [
      '##[group]/home/runner/pi-gen/stage-app',
      '##[group]/home/runner/pi-gen/stage-app/00-app',
      '##[group]/home/runner/pi-gen/stage-app/00-app/00-run.sh',
      './00-run.sh: line 3: no: command not found',
      '##[endgroup]',
      '##[endgroup]',
      '##[endgroup]',
      'Error: pi-gen build failed with exit code 127',
    ];
    const { sections, result } = indexOf(lines.join('\n'));
    assert.equal(result, 'failed');
    assert.deepEqual(outline(sections), [
      'stage stage-app 1-7 ?s failed',
      '  sub-stage 00-app 2-6 ?s failed',
      '    run 00-run.sh 3-5 ?s failed',
    ]);
  });

  it('says how the last of several builds ended', async () => {
    const [passed, nested] = await Promise.all(
      ['passed', 'nested'].map((name) => readFile(join(fixtures, 'logs', `${name}.log`), 'utf8')),
    );
    assert.equal(indexOf(`${passed ?? ''}${nested ?? ''}`).result, 'failed');
    const twice = indexOf(`${nested ?? ''}${passed ?? ''}`);
    assert.equal(twice.result, 'finished');
    assert.equal(twice.sections.length, 2);
  });

  it('leads from paths of the container to the local files, and to the line that bash names', async () => {
    const found = await targetsIn(await logIndex('syntax'));
    assert.ok(found.includes('6 folder stage-syntax'), found.join('\n'));
    assert.ok(found.includes('10 file stage-syntax/00-app/00-run.sh'), found.join('\n'));
    assert.ok(found.includes('11 file stage-syntax/00-app/00-run.sh:5'), found.join('\n'));
  });

  it('leads to the right one of several on_chroot bodies, where bash names no file', async () => {
    const found = await targetsIn(await logIndex('bodies'));
    assert.ok(found.includes('12 file stage-bodies/00-app/01-run.sh:11'), found.join('\n'));
  });

  it('leads to the files of the sub-stage, as its scripts name them', async () => {
    const found = await targetsIn(await logIndex('helper'));
    assert.ok(found.includes('12 file stage-helper/00-app/files/setup'), found.join('\n'));
    const gone = await targetsIn(await logIndex('file'));
    assert.ok(!gone.some((target) => target.includes('/files/')), gone.join('\n'));
    const begin = '[10:00:00] Begin /pi-gen/stage-helper/00-app/00-run.sh';
    const out = await targetsIn(indexOf(`${begin}\ncp: cannot stat 'files/../../../../kiosk/config'\n`));
    assert.deepEqual(out, ['1 file stage-helper/00-app/00-run.sh']);
  });

  it('does not lead into what a build makes', async () => {
    const { references } = await logIndex('nested');
    assert.deepEqual(
      references.filter(({ path }) => path.includes('/work/')),
      [],
    );
  });

  it('is the same in whatever chunks the text comes', async () => {
    const folder = join(fixtures, 'logs');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
    for (const name of names) {
      const text = await readFile(join(folder, name), 'utf8');
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 300 }), (size) => {
          assert.deepEqual(indexOf(text, size), indexOf(text, text.length));
        }),
        { numRuns: 5 },
      );
    }
  });

  it('holds every section inside its parent, whatever the log says', () => {
    const words = fc.constantFrom('Begin', 'End', 'Skip');
    const paths = fc.constantFrom(
      '/p',
      '/p/stage1',
      '/p/stage1/00-a',
      '/p/stage1/00-a/00-run.sh',
      '/p/x',
      'x',
    );
    const lines = fc.oneof(
      fc.tuple(words, paths).map(([word, path]) => `[00:00:01] ${word} ${path}`),
      fc.constantFrom(
        'output',
        '[00:00:02] Build failed',
        '[00:00:02] Build finished',
        '##[endgroup]',
        '##[group]x/y',
      ),
    );
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 40 }), (log) => {
        const check = (sections: readonly LogSection[], first: number, last: number): void => {
          for (const section of sections) {
            assert.ok(section.firstLine >= first && section.lastLine <= last, JSON.stringify(log));
            assert.ok(section.firstLine <= section.lastLine, JSON.stringify(log));
            check(section.sections, section.firstLine, section.lastLine);
          }
        };
        check(indexOf(log.join('\n')).sections, 0, Math.max(0, log.length - 1));
      }),
    );
  });

  it('tells which of several trees was built', () => {
    const paths = ['/pi-gen/stage-ossuary', '/pi-gen/stage-ossuary/00-install-ossuary'];
    assert.equal(chooseTree([tree, seed], paths), seed);
    assert.equal(chooseTree([tree, seed], ['/elsewhere/stage-x']), undefined);
    assert.equal(chooseTree([tree, seed], [], `${tree.root}/deploy/build-docker.log`), tree);
    assert.equal(chooseTree([tree], []), tree);
    assert.equal(chooseTree([], paths), undefined);
  });
});
