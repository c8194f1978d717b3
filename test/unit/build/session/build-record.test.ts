import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { buildRecords, writeRecord } from '../../../../src/build/session/build-record';
import { TemporaryFolder } from '../../pigen/temporary-folder';

describe('the records of the builds of a tree', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
  });
  after(() => folder.remove());

  it('are found beside every log: of the image, of a try of a stage, and of one config of several', async () => {
    const deploy = `${folder.path}/deploy`;
    await mkdir(`${deploy}/config-lite/deeper`, { recursive: true });
    const record = (deployFolder: string) => ({
      session: 'one',
      treeRoot: folder.path,
      deployFolder,
      began: '2026-01-01T00:00:00.000Z',
      engine: 'unix:///run/docker.sock',
      position: undefined,
      end: undefined,
    });
    const logs = [
      'build-docker-stage-x.log',
      'build-docker.log',
      'config-lite/build-docker.log',
      'config-lite/deeper/build-docker.log',
    ];
    for (const log of logs) await writeRecord(`${deploy}/${log}`, record(deploy));
    await folder.write('deploy/.build-docker-torn.log.state', '{"session":');
    const found = await buildRecords(deploy);
    assert.deepEqual(
      found.map(({ logFile }) => logFile.slice(deploy.length + 1)),
      logs.slice(0, 3),
    );
    assert.deepEqual(await buildRecords(`${folder.path}/nowhere`), []);
  });
});
