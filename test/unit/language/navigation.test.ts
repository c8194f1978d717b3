import assert from 'node:assert/strict';
import { definitionsAt } from '../../../src/language/definition';
import { linksIn } from '../../../src/language/links';
import { mentionsIn } from '../../../src/language/mentions';
import { referencesTo } from '../../../src/language/references';
import { judgeNewName, renameEdits, whyNotRenamed } from '../../../src/language/rename';
import { entriesOf } from '../../../src/language/tree-entries';
import type { TreeEntry } from '../../../src/language/tree-entries';
import { Signage, offsetOf } from './signage';

const run = 'stage-player/00-service/00-run.sh';
const display = 'stage-kiosk/00-display/00-run.sh';

describe('what names what', () => {
  let signage: Signage;
  before(async () => {
    signage = await Signage.load();
  });
  after(() => {
    signage.dispose();
  });

  function relative(path: string): string {
    return path.replace(`${signage.tree.root}/`, '');
  }

  function entry(name: string): TreeEntry {
    const found = entriesOf(signage.tree).get(signage.path(name));
    assert.ok(found, name);
    return found;
  }

  async function definition(name: string, needle: string): Promise<string[]> {
    const file = await signage.open(name);
    const found = await definitionsAt(file, offsetOf(file, needle), signage.fs);
    return found.map((one) => `${relative(one.file)}:${one.range.start.line + 1}`);
  }

  async function references(name: string): Promise<string[]> {
    const found = await referencesTo(signage.tree, entry(name), signage);
    return found.map(({ file, span }) => {
      const { line } = file.lines.position(span.start);
      assert.equal(file.text.slice(span.start, span.end), entry(name).name);
      return `${relative(file.path)}:${line + 1}`;
    });
  }

  it('finds every place that names a stage', async () => {
    assert.deepEqual((await references('stage-player')).sort(), [
      '.gitattributes:1',
      '.github/workflows/check.yml:8',
      '.github/workflows/image.yml:16',
      '.github/workflows/image.yml:5',
      '.pigen.yaml:3',
      'Makefile:2',
      'config:4',
      'stage-kiosk/00-display/00-run.sh:10',
      'stage-kiosk/00-display/00-run.sh:10',
      'stage-kiosk/00-display/00-run.sh:11',
      'stage-kiosk/00-display/00-run.sh:3',
      'stage-kiosk/00-display/00-run.sh:9',
    ]);
    assert.deepEqual((await references('stage-kiosk')).sort(), [
      '.github/workflows/image.yml:17',
      'config:4',
      'stage-kiosk/00-display/00-run.sh:7',
    ]);
  });

  it('finds every place that names a sub-stage or a step', async () => {
    assert.deepEqual((await references('stage-player/00-service')).sort(), [
      '.gitattributes:1',
      '.pigen.yaml:3',
      'Makefile:2',
      'stage-kiosk/00-display/00-run.sh:9',
    ]);
    assert.deepEqual((await references('stage-kiosk/01-browser')).sort(), [
      '.pigen.yaml:4',
      'stage-kiosk/00-display/00-run.sh:12',
    ]);
    assert.deepEqual(await references('stage-kiosk/01-browser/00-run.sh'), [
      'stage-kiosk/00-display/00-run.sh:12',
    ]);
  });

  it('takes no word for a name that is none', () => {
    const text =
      'log "stage-player"\napt-get install stage-player\necho stage-player/x > "$OTHER/stage-player/y"\n';
    const found = mentionsIn(signage.edited(display, text));
    assert.deepEqual(found, []);
    const inChroot = mentionsIn(
      signage.edited(display, "on_chroot << 'EOF'\nls ../../stage-player/x\nEOF\n"),
    );
    assert.deepEqual(inChroot, []);
  });

  it('goes by the text that is not saved', () => {
    const file = signage.edited(
      'config',
      '# longer than before\nSTAGE_LIST="stage0 stage-kiosk stage-player"\n',
    );
    assert.deepEqual(
      mentionsIn(file).map(({ span }) => file.text.slice(span.start, span.end)),
      ['stage0', 'stage-kiosk', 'stage-player'],
    );
  });

  it('goes to the definition of stages, files, functions and variables', async () => {
    assert.deepEqual(await definition('config', 'stage-pla‸yer'), ['stage-player/prerun.sh:1']);
    assert.deepEqual(await definition('.github/workflows/image.yml', './stage-pla‸yer'), [
      'stage-player/prerun.sh:1',
    ]);
    assert.deepEqual(await definition(run, 'put files/pla‸yer.conf'), [
      'stage-player/00-service/files/player.conf:1',
    ]);
    assert.deepEqual(await definition(run, 'source ../com‸mon.sh'), ['stage-player/common.sh:1']);
    assert.deepEqual(await definition(run, 'on_chr‸oot <<-'), ['scripts/common:4']);
    assert.deepEqual(await definition(run, '${FIRST_USER‸_NAME}'), ['config:2', 'build.sh:10']);
    assert.deepEqual(await definition(run, 'en‸able_player\n\n'), []);
  });

  it('links to files that are there, and to no others', async () => {
    const links = await linksIn(await signage.open(run), signage.fs);
    assert.deepEqual(
      links.map(({ target }) => relative(target)),
      [
        'stage-player/common.sh',
        'stage-player/00-service/files/player.conf',
        'stage-player/00-service/files/player.service',
      ],
    );
    const missing = signage.edited(run, 'cp files/none.conf "${ROOTFS_DIR}/etc/passwd" /etc/passwd\n');
    assert.deepEqual(await linksIn(missing, signage.fs), []);
    const series = await signage.open('stage-player/00-service/00-patches/series');
    assert.deepEqual(
      (await linksIn(series, signage.fs)).map(({ target }) => relative(target)),
      ['stage-player/00-service/00-patches/motd.diff'],
    );
  });

  it('renames a stage everywhere, its folder first', async () => {
    const edits = await renameEdits(signage.tree, entry('stage-kiosk'), 'stage-lobby', signage);
    assert.deepEqual(edits[0], {
      kind: 'rename',
      from: signage.path('stage-kiosk'),
      to: signage.path('stage-lobby'),
    });
    const changed = edits
      .slice(1)
      .map((edit) => (edit.kind === 'replace' ? `${relative(edit.file)} ${edit.text}` : edit.kind));
    assert.deepEqual(changed.sort(), [
      '.github/workflows/image.yml stage-lobby',
      'config stage-lobby',
      'stage-lobby/00-display/00-run.sh stage-lobby',
    ]);
  });

  it('lets no stage fall out of the default list', () => {
    const tree = { ...signage.tree, stageList: { ...signage.tree.stageList, source: 'default' as const } };
    assert.match(judgeNewName(tree, entry('stage-kiosk'), 'lobby') ?? '', /no longer be built/);
    assert.equal(judgeNewName(tree, entry('stage-kiosk'), 'stage-lobby'), undefined);
    assert.equal(judgeNewName(signage.tree, entry('stage-kiosk'), 'lobby'), undefined);
  });

  it('judges new names', () => {
    const judge = (name: string, wanted: string): string | undefined =>
      judgeNewName(signage.tree, entry(name), wanted);
    assert.equal(judge('stage-kiosk', 'stage-lobby'), undefined);
    assert.equal(judge('stage-kiosk', 'stage-kiosk'), undefined);
    assert.match(judge('stage-kiosk', 'stage-player') ?? '', /exists/);
    assert.match(judge('stage-kiosk', 'a b') ?? '', /spaces/);
    assert.match(judge('stage-kiosk', '../x') ?? '', /letters, digits/);
    assert.match(judge('stage-kiosk', 'deploy') ?? '', /something else/);
    assert.match(judge(run, 'run.sh') ?? '', /two digits/);
    assert.match(judge(run, '00-patches') ?? '', /exists|folder/);
    assert.match(judge(run, '02-patches') ?? '', /Only a folder/);
    assert.equal(judge(run, '02-run.sh'), undefined);
    assert.match(
      whyNotRenamed(signage.tree, entry('stage-kiosk/prerun.sh')) ?? '',
      /prerun\.sh by this name/,
    );
  });
});
