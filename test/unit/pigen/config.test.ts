import assert from 'node:assert/strict';
import { readConfig, stageListOf, staticValue } from '../../../src/pigen/config/config';
import type { ConfigFile } from '../../../src/pigen/config/config';
import { FileError } from '../../../src/pigen/files/file-system';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { plainAssignments } from './plain-assignments';
import { TemporaryFolder } from './temporary-folder';

function configOf(text: string): ConfigFile {
  return { path: '/tree/config', text, assignments: plainAssignments(text) };
}

const baseDir = new Map([['BASE_DIR', '/tree']]);

describe('stageListOf', () => {
  it('splits at white space, puts variables in, and keeps the place of each word', () => {
    const text =
      'IMG_NAME=x\nOWN=custom\nSTAGE_LIST="stage0  ${BASE_DIR}/stage1 $OWN/stage-a ${ELSEWHERE}/stage-b"\n';
    const words = stageListOf(configOf(text), baseDir)?.words;
    assert.deepEqual(
      words?.map(({ text: written, value, range }) => [
        written,
        value,
        range?.start.line,
        range?.start.column,
      ]),
      [
        ['stage0', 'stage0', 2, 12],
        ['${BASE_DIR}/stage1', '/tree/stage1', 2, 20],
        ['$OWN/stage-a', 'custom/stage-a', 2, 39],
        ['${ELSEWHERE}/stage-b', undefined, 2, 52],
      ],
    );
    assert.equal(words.at(-1)?.range?.end.column, 72);
  });

  it('lets the last assignment win, and follows +=', () => {
    assert.deepEqual(
      stageListOf(configOf('STAGE_LIST="a b"\nSTAGE_LIST=c\nSTAGE_LIST+=" d"\n'), baseDir)?.words.map(
        ({ value }) => value,
      ),
      ['c', 'd'],
    );
  });

  it('splits the value of a variable that holds several words', () => {
    const text = 'BASE="stage0 stage1"\nSTAGE_LIST="$BASE stage-x"\n';
    assert.deepEqual(
      stageListOf(configOf(text), baseDir)?.words.map(({ text: written, value }) => [written, value]),
      [
        ['$BASE', 'stage0'],
        ['$BASE', 'stage1'],
        ['stage-x', 'stage-x'],
      ],
    );
  });

  it('is one unknown word where only bash can tell, and undefined where build.sh takes its default', () => {
    const [word] = stageListOf(configOf('STAGE_LIST="$(cat list)"\n'), baseDir)?.words ?? [];
    assert.deepEqual([word?.text, word?.value], ['"$(cat list)"', undefined]);
    assert.equal(stageListOf(configOf('IMG_NAME=x\n'), baseDir), undefined);
    assert.equal(stageListOf(configOf('STAGE_LIST=""\n'), baseDir), undefined);
  });
});

describe('a conditional STAGE_LIST', () => {
  const list = (text: string, conditionalOn: number): boolean | undefined => {
    const config = configOf(text);
    const assignments = config.assignments.map((one, i) => ({ ...one, conditional: i === conditionalOn }));
    return stageListOf({ ...config, assignments }, baseDir)?.conditional;
  };

  it('is marked, until an assignment without a condition replaces it', () => {
    assert.equal(list('STAGE_LIST=a\nSTAGE_LIST=b\n', 1), true);
    assert.equal(list('STAGE_LIST=a\nSTAGE_LIST+=" b"\n', 0), true);
    assert.equal(list('STAGE_LIST=a\nSTAGE_LIST=b\n', 0), false);
    assert.equal(list('STAGE_LIST=a\nSTAGE_LIST=b\n', -1), false);
  });
});

describe('staticValue', () => {
  it('tells what is certain and nothing else', () => {
    const config = configOf('A=1\nA=2\nB=$(date)\nC=x\nC+=y\n');
    assert.equal(staticValue(config, 'A'), '2');
    for (const name of ['B', 'C', 'D']) assert.equal(staticValue(config, name), undefined);
    const conditional = {
      ...config,
      assignments: config.assignments.map((one) => ({ ...one, conditional: true })),
    };
    assert.equal(staticValue(conditional, 'A'), undefined);
  });
});

describe('readConfig', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  it('answers with an error for what cannot be read', async () => {
    const fs = new NodeFileSystem();
    const missing = await readConfig(fs, `${folder.path}/config`, plainAssignments);
    assert.ok(missing instanceof FileError && missing.reason === 'not-found');
    const large = await folder.write('config', new Uint8Array(2_000_000));
    const refused = await readConfig(fs, large, plainAssignments);
    assert.ok(refused instanceof FileError && refused.reason === 'too-large');
  });
});
