import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { extract } from 'tar-stream';
import { stepForms } from '../../src/pigen/tree/step-names';
import { newStage, newSubStage } from '../../src/scaffold/stage-template';
import { fillTemplate } from '../../src/scaffold/templates/fill-template';
import { templates } from '../../src/scaffold/templates/index';
import { NodeStageWriter, writeStage } from '../../src/scaffold/write-stage';
import { scaffoldFixtures, valuesFor } from '../unit/scaffold/template-values';
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
    const filled = await writeTemplates(`${bench.folder.path}/stage-templates`);
    const own = ['stage-templates', 'stage-fresh'].map((name) => `${bench.folder.path}/${name}`);
    const configFile = await bench.configOf([debian, sample, ...own]);
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

    assert.deepEqual(
      filled,
      templates.map(({ id }) => id),
    );
    for (const unit of ['my-service', 'first-boot-setup', 'my-app', 'ssh']) {
      assert.equal(entries.get(`${wants}/${unit}.service`)?.type, 'symlink', unit);
    }
    assert.equal(modeOf('usr/local/bin/my-service'), '755');
    assert.equal(modeOf('usr/local/sbin/first-boot-setup'), '755');
    assert.ok(entries.has('opt/my-app/venv/bin/pip'), 'the app has an environment of its own');
    assert.equal(modeOf('etc/my-app/my-app.conf'), '644');
    assert.deepEqual(ownerAndMode('home/pi/my-app/notes.txt'), [1000, '600']);
    assert.ok(entries.has('usr/share/pigen-example/origin'), 'apt took the package from the repository');
    assert.deepEqual(ownerAndMode('home/pi/.ssh/authorized_keys'), [1000, '600']);
    assert.deepEqual(ownerAndMode('home/pi/.ssh'), [1000, '700']);
    assert.ok(entries.has('usr/bin/cage'), 'the kiosk has its compositor');
    assert.ok(entries.has('usr/bin/chromium'), 'the kiosk has its browser');
    assert.equal(entries.get('etc/systemd/system/graphical.target.wants/kiosk.service')?.type, 'symlink');
    assert.match(
      entries.get('boot/firmware/config.txt')?.text ?? '',
      /\n# my-hardware\n\[all\]\ndtparam=i2c_arm=on\n$/,
    );
    assert.equal(
      entries.get('boot/firmware/cmdline.txt')?.text,
      'console=tty1 root=ROOTDEV rootwait consoleblank=0\n',
    );
    assert.equal(entries.get('etc/modules-load.d/my-hardware.conf')?.text, 'i2c-dev\n');

    function ownerAndMode(name: string): readonly unknown[] {
      return [entries.get(name)?.owner, modeOf(name)];
    }
  });
});

/** Writes a stage with each template as a sub-stage, behind what they take for granted. @returns the templates' ids */
async function writeTemplates(stage: string): Promise<readonly string[]> {
  const writer = new NodeStageWriter();
  const machine = newStage({
    name: path.basename(stage),
    exportImage: false,
    subStage: { number: 99, name: 'none' },
    steps: [],
  });
  await writeStage(writer, path.dirname(stage), machine);
  await cp(path.join(scaffoldFixtures, '00-machine'), `${stage}/00-machine`, { recursive: true });
  const written: string[] = [];
  for (const [index, template] of templates.entries()) {
    const given = await valuesFor(template.id);
    const filled = fillTemplate(template, given);
    assert.ok(filled.ok, template.id);
    const subStage = { number: index + 1, name: template.subStageName(filled.values) };
    await writeStage(writer, stage, newSubStage(subStage, filled.files));
    written.push(template.id);
  }
  return written;
}

interface TarEntry {
  readonly type: string | null | undefined;
  readonly mode: number | undefined;
  readonly owner: number | undefined;
  /** Of small files. */
  readonly text: string;
}

/** What an image of the small tree's export, a tar archive, holds: by path without `./`. */
async function entriesOf(file: string): Promise<ReadonlyMap<string, TarEntry>> {
  const entries = new Map<string, TarEntry>();
  const reader = createReadStream(file).pipe(extract());
  for await (const entry of reader) {
    const { name, type, mode, uid, size } = entry.header;
    let text = '';
    if (size < 2000) for await (const chunk of entry) text += String(chunk);
    else entry.resume();
    entries.set(name.replace(/^\.\//, '').replace(/\/$/, ''), { type, mode, owner: uid, text });
  }
  return entries;
}
