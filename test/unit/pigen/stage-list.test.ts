import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { expandGlob, resolveStageList } from '../../../src/pigen/tree/stage-list';
import { TemporaryFolder } from './temporary-folder';

const fs = new NodeFileSystem();

describe('expandGlob', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    for (const name of [
      'stage0',
      'stage2',
      'stage10',
      'Stage1',
      'own/stage-a',
      'own/stage-b',
      '.stage',
      'stage[x]',
      'a.b',
    ]) {
      await mkdir(`${folder.path}/${name}`, { recursive: true });
    }
    await folder.write('stage-notes', '');
  });
  afterEach(() => folder.remove());

  for (const word of [
    ...[
      'stage*',
      'stage?',
      'stage[0-2]',
      'stage[!0]',
      'stage[^02]',
      '*/stage-?',
      'own/*',
      'none*',
      '*',
      '.s*',
      'a?b',
      '[a-z]*',
    ],
    ...[
      'stage[[]x]',
      '*.b',
      'stage{0,2}',
      'stage\\*',
      'stage-notes/*',
      '[]a]*',
      '[a-',
      '*/../stage0',
      './stage*',
      'own//stage*',
    ],
  ]) {
    it(`makes of ${word} what bash makes of it`, async () => {
      const script = 'LIST=$1; for STAGE_DIR in $LIST; do printf "%s\\n" "$STAGE_DIR"; done';
      const options = { cwd: folder.path, encoding: 'utf8' as const, env: { LC_ALL: 'C' } };
      const bash = execFileSync('/bin/bash', ['-c', script, 'bash', word], options).trimEnd().split('\n');
      const own = await expandGlob(fs, folder.path, word);
      assert.deepEqual(
        own.map((path) => path.replace(/^\.\/|(?<=\/)\//g, '')),
        bash.map((path) => path.replace(/^\.\/|(?<=\/)\//g, '')),
      );
    });
  }

  it('takes absolute words', async () => {
    assert.deepEqual(await expandGlob(fs, '/', `${folder.path}/stage[02]`), [
      `${folder.path}/stage0`,
      `${folder.path}/stage2`,
    ]);
  });
});

describe('resolveStageList', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write('stages/stage-a/prerun.sh', '', 0o755);
  });
  afterEach(() => folder.remove());

  const wordsOf = (...values: string[]) => values.map((value) => ({ text: value, value, range: undefined }));

  it('finds folders, upstream stages and places inside a build container', async () => {
    const stagePaths = [`${folder.path}/stages/stage-a`];
    const words = wordsOf('stage0', './pi-gen/stage2', './stages/stage-a/', '/pi-gen/stage-a', 'stage-x');
    const place = { root: folder.path, folder: folder.path, layout: 'stages' as const, stagePaths };
    assert.deepEqual(
      (await resolveStageList(fs, words, place)).map(({ path, upstream }) => [path, upstream]),
      [
        [undefined, true],
        [undefined, true],
        [stagePaths[0], false],
        [stagePaths[0], false],
        [undefined, false],
      ],
    );
  });

  it('knows no upstream but the tree itself in pi-gen', async () => {
    const place = { root: folder.path, folder: folder.path, layout: 'pi-gen' as const, stagePaths: [] };
    const [entry] = await resolveStageList(fs, wordsOf('stage0'), place);
    assert.deepEqual([entry?.path, entry?.upstream], [undefined, false]);
  });

  it('takes the folder around all stages for the beginning of a path, unless it is a stage itself', async () => {
    const stagePaths = [`${folder.path}/stages/stage-a`];
    const place = { root: folder.path, folder: folder.path, layout: 'stages' as const, stagePaths };
    for (const entry of await resolveStageList(fs, wordsOf('.', './', '..', '/'), place)) {
      assert.deepEqual([entry.path, entry.unknown], [undefined, true], entry.text);
    }
    const [own] = await resolveStageList(fs, wordsOf('.'), { ...place, stagePaths: [folder.path] });
    assert.equal(own?.path, folder.path);
  });
});
