import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { TemporaryFolder } from '../pigen/temporary-folder';
import { folder as fixtures } from '../build/timeline/timelines';
import { pigen } from './pigen';

describe('pigen timeline', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
    await mkdir(`${folder.path}/deploy`);
    await cp(`${fixtures}/builds.json`, `${folder.path}/deploy/.build-docker.log.timeline`);
  });
  after(() => folder.remove());

  const run = (...words: readonly string[]) => pigen(['timeline', ...words], { cwd: folder.path });

  it('tells of the last build in words, as data and as a picture', async () => {
    const told = await run('--output', 'deploy');
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.match(told.out, /^config: Failed after 9 min 32 s.*\nagainst 10 min 34 s/);
    assert.match(told.out, /1 min 37 s .*01-player\/00-run-chroot\.sh \(failed\)/);
    const { stages } = JSON.parse((await run('--output', 'deploy', '--format', 'json')).out) as {
      stages: { name: string; state: string; bytesAdded: number | null }[];
    };
    assert.deepEqual(
      stages.find(({ name }) => name === 'stage2'),
      stages.find(({ bytesAdded }) => bytesAdded === 812_900_000),
    );
    assert.match((await run('--output', 'deploy', '--format', 'svg')).out, /^<svg [^]*<\/svg>\n$/);
  });

  it('ends with 2 where nothing is kept, and says so of what cannot be read', async () => {
    const nothing = await run('--output', 'deploy', '--stage', 'stage-x');
    assert.equal(nothing.code, 2);
    assert.match(nothing.err, /Nothing is kept/);
    await folder.write('broken/.build-docker.log.timeline', '{');
    const broken = await run('--output', 'broken');
    assert.equal(broken.code, 2);
    assert.match(broken.err, /cannot be read from .*build-docker\.log\.timeline/);
    assert.equal((await run('--format', 'png')).code, 2);
  });
});
