import assert from 'node:assert/strict';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { buildBefore, stepDurations } from '../../../../src/build/timeline/build-timeline';
import type { BuildTimeline } from '../../../../src/build/timeline/build-timeline';
import {
  keepTimeline,
  readAllTimelines,
  readTimelines,
  timelinePath,
} from '../../../../src/build/timeline/timeline-store';
import { TemporaryFolder } from '../../pigen/temporary-folder';
import { fixtureBuilds } from './timelines';

describe('what is kept of earlier builds', () => {
  let folder: TemporaryFolder;
  let passed: BuildTimeline;
  let log: string;
  let count = 0;
  before(async () => {
    folder = await TemporaryFolder.create();
    [, passed] = await fixtureBuilds();
  });
  beforeEach(async () => {
    count += 1;
    await mkdir(`${folder.path}/${count}`);
    log = `${folder.path}/${count}/build-docker.log`;
  });
  after(() => folder.remove());

  const numbered = (number: number, changes: Partial<BuildTimeline> = {}): BuildTimeline => ({
    ...passed,
    id: `build-${number}`,
    began: `2026-01-01T00:00:${String(number).padStart(2, '0')}.000Z`,
    ...changes,
  });

  it('is read as it was written, the newest first, and each build once', async () => {
    assert.deepEqual(await readTimelines(log), { builds: [], problem: undefined });
    for (const number of [2, 1, 2]) assert.equal(await keepTimeline(log, numbered(number)), undefined);
    assert.deepEqual(await readTimelines(log), { builds: [numbered(2), numbered(1)], problem: undefined });
  });

  it('stays small, and holds on to the last build that passed', async () => {
    await keepTimeline(log, numbered(0));
    for (let number = 1; number <= 9; number++)
      await keepTimeline(log, numbered(number, { outcome: 'failed' }));
    const { builds } = await readTimelines(log);
    assert.deepEqual(
      builds.map(({ id }) => id),
      [9, 8, 7, 6, 5, 0].map((number) => `build-${number}`),
    );
    for (let number = 10; number <= 40; number++)
      await keepTimeline(log, numbered(number, { variant: `config-${number}` }));
    assert.equal((await readTimelines(log)).builds.length, 20);
  });

  it('tells all builds of a folder together, whatever their log, with those of single configs in folders of their own', async () => {
    await keepTimeline(log, numbered(1));
    await mkdir(`${folder.path}/${count}/config-lite`);
    const single = `${folder.path}/${count}/config-lite/build-docker.log`;
    await keepTimeline(single, numbered(3, { variant: 'config-lite' }));
    await keepTimeline(log.replace('docker', 'docker-stage-x'), numbered(2, { variant: 'stage-x' }));
    const { builds } = await readAllTimelines(`${folder.path}/${count}`);
    assert.deepEqual(
      builds.map(({ id }) => id),
      ['build-3', 'build-2', 'build-1'],
    );
    assert.deepEqual(await readAllTimelines(`${folder.path}/nowhere`), { builds: [], problem: undefined });
  });

  for (const [name, text] of [
    ['no JSON', '{"version":1,"builds":['],
    ['other JSON', '[]'],
    ['other builds', '{"version":1,"builds":[{"id":1}]}'],
  ] as const) {
    it(`puts aside what it cannot read, with a word: ${name}`, async () => {
      const file = timelinePath(log);
      await folder.write(`${count}/.build-docker.log.timeline`, text);
      assert.match((await readTimelines(log)).problem ?? '', /build-docker\.log\.timeline/);
      assert.match(
        (await keepTimeline(log, numbered(1))) ?? '',
        /kept as \.build-docker\.log\.timeline\.unreadable/,
      );
      assert.equal(await readFile(`${file}.unreadable`, 'utf8'), text);
      assert.deepEqual(await readTimelines(log), { builds: [numbered(1)], problem: undefined });
    });
  }

  it('says where it cannot be written, and leaves nothing half done', async () => {
    await mkdir(timelinePath(log));
    assert.match((await readTimelines(log)).problem ?? '', /it is no file/);
    await folder.write('file', '');
    assert.match((await keepTimeline(`${folder.path}/file/x.log`, numbered(1))) ?? '', /could not be kept/);
    assert.deepEqual(await readdir(`${folder.path}/${count}`), ['.build-docker.log.timeline']);
  });

  it('is measured by the last build of the same that passed whole', () => {
    const now = numbered(9);
    const before = (...builds: readonly BuildTimeline[]) => buildBefore(now, [now, ...builds])?.id;
    assert.equal(before(), undefined);
    assert.equal(
      before(numbered(8, { outcome: 'failed' }), numbered(7, { whole: false }), numbered(6)),
      'build-6',
    );
    assert.equal(before(numbered(8, { outcome: 'failed' })), 'build-8');
    assert.equal(before(numbered(8, { variant: 'other' })), undefined);
    assert.equal(stepDurations(passed).get('/pi-gen/stage0/prerun.sh'), 88_200);
  });
});
