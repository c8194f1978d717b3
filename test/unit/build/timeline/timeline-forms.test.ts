import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildTimeline } from '../../../../src/build/timeline/build-timeline';
import { timelineJson } from '../../../../src/build/timeline/timeline-json';
import { timelineRows } from '../../../../src/build/timeline/timeline-rows';
import { timelineSvg, xml } from '../../../../src/build/timeline/timeline-svg';
import type { SvgOptions } from '../../../../src/build/timeline/timeline-svg';
import { timelineTable } from '../../../../src/build/timeline/timeline-table';
import { spokenRow } from '../../../../src/build/timeline/timeline-text';
import { englishWords, shownChange, shownDuration } from '../../../../src/build/timeline/timeline-words';
import { fixtureBuilds, folder, moment } from './timelines';

const alone: SvgOptions = { width: 1000, words: englishWords, alone: true, folded: new Set(), moment };

/** Compares with a file of test/fixtures/timeline/; `UPDATE_FIXTURES=1` writes it. */
async function assertIs(name: string, text: string): Promise<void> {
  const file = path.join(folder, name);
  if (process.env['UPDATE_FIXTURES'] !== undefined) await writeFile(file, text);
  assert.equal(text, (await readFile(file, 'utf8')).replaceAll('\r\n', '\n'));
}

describe('a timeline', () => {
  let failed: BuildTimeline;
  let passed: BuildTimeline;
  let first: BuildTimeline;
  before(async () => {
    [failed, passed, first] = await fixtureBuilds();
  });

  it('is a picture, data and a table of a build beside the one before it', async () => {
    await assertIs('passed.svg', timelineSvg(passed, first, alone));
    await assertIs('passed.txt', timelineTable(passed, first, englishWords, moment));
    const json = timelineJson(passed, first, '/home/kim/radio');
    await assertIs('passed.json', `${JSON.stringify(json, null, 2)}\n`);
  });

  it('tells of a failed build what it did not come to', async () => {
    await assertIs('failed.svg', timelineSvg(failed, passed, alone));
    await assertIs('failed.txt', timelineTable(failed, passed, englishWords, moment));
    const states = new Map(timelineRows(failed, passed).map(({ name, state }) => [name, state]));
    assert.equal(states.get('stage-radio'), 'failed');
    assert.equal(states.get('01-player/00-run-chroot.sh'), 'failed');
    assert.equal(states.get('02-service/00-run.sh'), 'waiting');
    assert.equal(states.get('export-image'), 'waiting');
  });

  it('says each row in words', () => {
    const spoken = timelineRows(passed, first).map((row) => spokenRow(row, passed, englishWords));
    assert.ok(
      spoken.includes(
        'stage-radio, 2 min 35 s, 51 s longer, last time 1 min 44 s, 149 MB added, 61 packages',
      ),
    );
    assert.ok(spoken.includes('00-tuner/02-run-chroot.sh, 14 s'));
  });

  it('stands as items of a tree in a page, where stages can be folded', () => {
    const whole = timelineSvg(passed, first, { ...alone, alone: false });
    assert.match(whole, /<svg [^>]*role="tree" aria-label="Build timeline: config">/);
    assert.equal(whole.match(/role="treeitem"/g)?.length, timelineRows(passed, first).length);
    assert.ok(!whole.includes('<style'));
    const key = timelineRows(passed, first).find(({ name }) => name === 'stage2')?.key ?? '';
    const folded = timelineSvg(passed, first, { ...alone, alone: false, folded: new Set([key]) });
    assert.equal(folded.match(/role="treeitem"/g)?.length, timelineRows(passed, first).length - 6);
    assert.match(folded, /aria-expanded="false" aria-label="stage2,/);
  });

  it('tells the runs of a stage apart that runs for each image', () => {
    const twice = {
      ...passed,
      parts: [...passed.parts, ...passed.parts.filter(({ stage }) => stage === 'export-image')],
    };
    const keys = timelineRows(twice, undefined).map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(keys.filter((key) => key.startsWith('/pi-gen/export-image#2/')).length, 3);
  });

  it('holds nothing of a hostile name but its letters', () => {
    const name = `00-x/</text><script>alert(1)</script>"'&\u0000\u001b\u202egpj.hs`;
    const hostile: BuildTimeline = {
      ...passed,
      variant: name,
      parts: passed.parts.map((part) =>
        part.kind === 'run'
          ? { ...part, containerPath: `/pi-gen/${part.stage ?? ''}/${name}`, path: `/x/${name}` }
          : part,
      ),
    };
    for (const isAlone of [true, false]) {
      const svg = timelineSvg(hostile, first, { ...alone, alone: isAlone });
      assert.ok(!svg.includes('<script'));
      assert.doesNotMatch(svg, /[^\P{Cc}\n]|\u202e/u);
    }
    assert.doesNotMatch(timelineTable(hostile, first, englishWords, moment), /[^\P{Cc}\n]|\u202e/u);
    assert.equal(xml('a<b>"c"&\'d\'\ud800'), 'a&lt;b&gt;&quot;c&quot;&amp;&#39;d&#39;\ufffd');
  });

  it('needs neither an earlier build nor sizes nor steps', () => {
    const bare: BuildTimeline = { ...passed, parts: [], sizes: [] };
    assert.match(timelineSvg(bare, undefined, alone), /no earlier build to measure against/);
    assert.deepEqual(timelineRows(bare, undefined), []);
  });

  it('writes durations as people say them', () => {
    const told = [0, 499, 500, 59_499, 60_000, 61_000, 3_600_000, 4_800_000].map((ms) =>
      shownDuration(ms, englishWords),
    );
    assert.deepEqual(told, [
      'under 1 s',
      'under 1 s',
      '1 s',
      '59 s',
      '1 min',
      '1 min 1 s',
      '1 h',
      '1 h 20 min',
    ]);
    assert.deepEqual(
      [400, 3000, -65_000].map((ms) => shownChange(ms, englishWords)),
      ['=', '+3 s', '−1 min 5 s'],
    );
  });
});
