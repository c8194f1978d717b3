import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { stepForms } from '../../../src/pigen/tree/step-names';
import type { StepKind } from '../../../src/pigen/tree/stage-tree';
import {
  validateImageSuffix,
  validateStageName,
  validateSubStageName,
} from '../../../src/scaffold/stage-names';
import { newStage } from '../../../src/scaffold/stage-template';
import type { NewStage } from '../../../src/scaffold/stage-template';
import { NodeStageWriter, writeStage } from '../../../src/scaffold/write-stage';

const run = promisify(execFile);
const kinds: readonly StepKind[] = stepForms.map((form) => form.kind);
const whole: NewStage = {
  name: 'stage-kiosk',
  exportImage: true,
  subStage: { number: 3, name: 'app' },
  steps: kinds,
  description: 'Shows one page.\nAlways.',
};

describe('newStage', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pigen-stage-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('writes a stage whose every step pi-gen would run, in order', async () => {
    await writeStage(new NodeStageWriter(), folder, newStage(whole));
    const tree = await loadStageTree(new NodeFileSystem(), folder, { readAssignments: () => [] });
    const stage = tree.stages[0];
    assert.equal(stage?.name, 'stage-kiosk');
    assert.equal(stage.exportImage, true);
    assert.equal(stage.prerun?.executeBit.disk, true);
    const [subStage] = stage.subStages;
    assert.equal(subStage?.name, '03-app');
    assert.deepEqual(
      subStage.steps.map((step) => [step.kind, step.skipped]),
      kinds.map((kind) => [kind, undefined]),
    );
    assert.equal(subStage.steps.find((step) => step.kind === 'run')?.executeBit?.disk, true);
  });

  it('writes scripts that bash accepts', async () => {
    await writeStage(new NodeStageWriter(), folder, newStage(whole));
    const scripts = newStage(whole).filter((file) => file.path.endsWith('.sh'));
    assert.equal(scripts.length, 3);
    for (const script of scripts) {
      assert.match(script.text, /^#!\/bin\/bash -e\n/);
      await run('bash', ['-n', join(folder, script.path)]);
    }
  });

  it('copies only files that it writes', () => {
    const files = newStage(whole);
    const script = files.find((file) => file.path.endsWith('00-run.sh'));
    const copied = [...(script?.text ?? '').matchAll(/ (files\/\S+)/g)].map((match) => match[1]);
    assert.deepEqual(copied, ['files/example.txt']);
    assert.ok(files.some((file) => file.path === 'stage-kiosk/03-app/files/example.txt'));
  });

  it('writes nothing into NN-debconf that the unquoted heredoc around it would expand', () => {
    const debconf = newStage(whole).find((file) => file.path.endsWith('-debconf'));
    assert.doesNotMatch(debconf?.text ?? '$', /[$`\\]/);
  });

  it('keeps a description in one comment line', () => {
    const script = newStage(whole).find((file) => file.path.endsWith('00-run-chroot.sh'));
    assert.match(script?.text ?? '', /\n# Shows one page\. Always\.\n/);
  });

  it('names the exported image after the stage, or as told', () => {
    const suffixOf = (stage: NewStage): string | undefined =>
      newStage(stage).find((file) => file.path.endsWith('EXPORT_IMAGE'))?.text;
    assert.equal(suffixOf(whole), 'IMG_SUFFIX="-kiosk"\n');
    assert.equal(suffixOf({ ...whole, imageSuffix: '-wall' }), 'IMG_SUFFIX="-wall"\n');
    assert.equal(suffixOf({ ...whole, exportImage: false }), undefined);
  });

  it('refuses what would break the scripts or the stage list', () => {
    assert.throws(() => newStage({ ...whole, name: 'my stage' }), RangeError);
    assert.throws(() => newStage({ ...whole, imageSuffix: '"; rm -rf /' }), RangeError);
    assert.throws(() => newStage({ ...whole, subStage: { number: 100, name: 'app' } }), RangeError);
    assert.throws(() => newStage({ ...whole, subStage: { number: 0, name: '../app' } }), RangeError);
  });

  it('overwrites nothing', async () => {
    const writer = new NodeStageWriter();
    const path = join(folder, 'stage-kiosk/prerun.sh');
    await writer.create(path, 'mine', false);
    assert.deepEqual(await writeStage(writer, folder, newStage(whole)), { kind: 'exists', path });
    assert.equal(await readFile(path, 'utf8'), 'mine');
    await assert.rejects(stat(join(folder, 'stage-kiosk/EXPORT_IMAGE')));
    await assert.rejects(writer.create(path, 'yours', false));
  });
});

describe('names of stages', () => {
  it('accepts what pi-gen takes by default, and says what a name without "stage" means', () => {
    assert.equal(validateStageName('stage-kiosk', ['stage2']), undefined);
    assert.equal(validateStageName('kiosk', [])?.severity, 'information');
  });

  it('refuses spaces, paths, glob characters, and names that are taken', () => {
    for (const name of [
      '',
      'my stage',
      'a/b',
      '..',
      'stage*',
      '-stage',
      'stage$x',
      'export-image',
      'stage2',
      'stage-',
    ]) {
      assert.equal(validateStageName(name, ['stage2'])?.severity, 'error', name);
    }
  });

  it('lets only plain words through, whatever is given', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        for (const judge of [
          (n: string) => validateStageName(n, []),
          validateSubStageName,
          validateImageSuffix,
        ]) {
          if (judge(name)?.severity !== 'error') assert.match(name, /^[\w.-]*$/);
        }
      }),
    );
  });
});
