import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { extract } from 'tar-stream';
import { stepForms } from '../../src/pigen/step-names';
import { newStage } from '../../src/scaffold/stage-template';
import { NodeStageWriter, writeStage } from '../../src/scaffold/write-stage';
import { Bench, fixtures, realTree } from './bench';

const sample = path.resolve(import.meta.dirname, '../../stage-ossuary').replaceAll('\\', '/');

/** A Debian of real packages to build on: small stand-ins would not tell whether a service can be enabled. */
const debian =
  realTree === undefined ? `${fixtures}/stages/stage-debian` : `${fixtures}/real-base/stage-base`;

describe('the sample and a new stage', function () {
  this.timeout(600_000);
  let bench: Bench;
  before(async () => {
    bench = await Bench.create();
  });
  after(() => bench.dispose());

  it('build on a real Debian, and leave in the image what they promise', async () => {
    const files = newStage({
      name: 'stage-fresh',
      exportImage: true,
      subStage: { number: 0, name: 'install' },
      steps: stepForms.map(({ kind }) => kind),
    });
    await writeStage(new NodeStageWriter(), bench.folder.path, files);
    const configFile = await bench.configOf([debian, sample, `${bench.folder.path}/stage-fresh`]);
    const { result } = await bench.build(await bench.prepare({ configFile }));
    assert.deepEqual(result.failures, []);
    assert.equal(result.outcome, 'succeeded');

    const image = result.artifacts.find(({ file }) => file.endsWith('-fresh.img'));
    assert.ok(image, result.artifacts.map(({ file }) => file).join());
    const entries = await entriesOf(image.file);
    const modeOf = (name: string): string | undefined => entries.get(name)?.mode?.toString(8);
    const wants = 'etc/systemd/system/multi-user.target.wants';
    assert.equal(entries.get(`${wants}/ossuary.service`)?.type, 'symlink');
    assert.equal(entries.get(`${wants}/ossuary-first-boot.service`)?.type, 'symlink');
    assert.equal(modeOf('opt/ossuary/scripts/serve.py'), '755');
    assert.equal(modeOf('etc/ossuary/ossuary.conf'), '640');
    assert.ok(entries.has('usr/bin/python3'), 'the packages of the sample are installed');
    assert.equal(modeOf('opt/stage-fresh/example.txt'), '644');
  });
});

interface TarEntry {
  readonly type: string | null | undefined;
  readonly mode: number | undefined;
}

/** What an image of the small tree's export, a tar archive, holds: by path without `./`. */
async function entriesOf(file: string): Promise<ReadonlyMap<string, TarEntry>> {
  const entries = new Map<string, TarEntry>();
  const reader = createReadStream(file).pipe(extract());
  for await (const entry of reader) {
    const { name, type, mode } = entry.header;
    entries.set(name.replace(/^\.\//, '').replace(/\/$/, ''), { type, mode });
    entry.resume();
  }
  return entries;
}
