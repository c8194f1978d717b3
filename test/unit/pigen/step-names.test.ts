import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editDistance, findNearMiss } from '../../../src/pigen/tree/near-miss';
import {
  compareSteps,
  parseStepName,
  stageMarkers,
  stepForms,
  stepName,
} from '../../../src/pigen/tree/step-names';

const numbers = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0'));
const forms = fc.constantFrom(...stepForms);

describe('parseStepName', () => {
  it('reads every number and kind, and gives the name back', () => {
    fc.assert(
      fc.property(numbers, forms, (number, form) => {
        const name = stepName(number, form.kind);
        assert.deepEqual(parseStepName(name), { number, form });
      }),
    );
  });

  for (const name of [
    ...[
      'run.sh',
      '0-run.sh',
      '100-run.sh',
      '00-run',
      '00-run_chroot.sh',
      '00-package',
      '00-packages.txt',
      '00_run.sh',
    ],
    ...['00-Run.sh', '00-run.sh.bak', ' 00-run.sh', '00-run.sh ', '0a-run.sh', '٠٠-run.sh', '', '00-', '00'],
  ]) {
    it(`knows no step called "${name}"`, () => {
      assert.equal(parseStepName(name), undefined);
    });
  }

  it('sorts by number, then as run_sub_stage goes', () => {
    const names = ['10-debconf', '00-run-chroot.sh', '00-run.sh', '00-patches', '00-packages', '09-run.sh'];
    const shuffled = [...names, '00-packages-nr', '00-debconf'].flatMap((name) => parseStepName(name) ?? []);
    const sorted = shuffled.sort(compareSteps).map(({ number, form }) => number + form.suffix);
    assert.deepEqual(sorted, [
      ...['00-debconf', '00-packages-nr', '00-packages', '00-patches', '00-run.sh', '00-run-chroot.sh'],
      ...['09-run.sh', '10-debconf'],
    ]);
  });
});

describe('findNearMiss', () => {
  const meant: readonly (readonly [string, string])[] = [
    ['00-packaages', '00-packages'],
    ['00-package', '00-packages'],
    ['00-Packages', '00-packages'],
    ['00-packages.txt', '00-packages'],
    ['00-packages-rn', '00-packages-nr'],
    ['00-packages_nr', '00-packages-nr'],
    ['00-pacakges', '00-packages'],
    ['packages', '00-packages'],
    ['0-run.sh', '00-run.sh'],
    ['1-run.sh', '01-run.sh'],
    ['100-run.sh', '00-run.sh'],
    ['00-run', '00-run.sh'],
    ['00-run.bash', '00-run.sh'],
    ['00_run.sh', '00-run.sh'],
    ['00-Run.sh', '00-run.sh'],
    ['00run.sh', '00-run.sh'],
    ['00-rum.sh', '00-run.sh'],
    ['00-run.sh.txt', '00-run.sh'],
    ['00-run.sh ', '00-run.sh'],
    ['run.sh', '00-run.sh'],
    ['00-run_chroot.sh', '00-run-chroot.sh'],
    ['00-run-chroot', '00-run-chroot.sh'],
    ['00-chroot-run.sh', '00-run-chroot.sh'],
    ['00-run-chrot.sh', '00-run-chroot.sh'],
    ['run-chroot.sh', '00-run-chroot.sh'],
    ['01-debconf.txt', '01-debconf'],
    ['01-depconf', '01-debconf'],
  ];
  for (const [name, suggestion] of meant) {
    it(`takes ${name} for ${suggestion}`, () => {
      assert.equal(findNearMiss(name, 'file', 'sub-stage')?.suggestion, suggestion);
    });
  }

  const meantInStage: readonly (readonly [string, string])[] = [
    ['SKIP_IMAGE', 'SKIP_IMAGES'],
    ['skip_images', 'SKIP_IMAGES'],
    ['Skip', 'SKIP'],
    ['SKIP.txt', 'SKIP'],
    ['EXPORT_IMAGES', 'EXPORT_IMAGE'],
    ['EXPORT-IMAGE', 'EXPORT_IMAGE'],
    ['export_image', 'EXPORT_IMAGE'],
    ['EXPORT_NOOB', 'EXPORT_NOOBS'],
    ['Prerun.sh', 'prerun.sh'],
    ['pre-run.sh', 'prerun.sh'],
    ['prerun', 'prerun.sh'],
    ['00-prerun.sh', 'prerun.sh'],
    ['prerum.sh', 'prerun.sh'],
    ['preun.sh', 'prerun.sh'],
  ];
  for (const [name, suggestion] of meantInStage) {
    it(`takes ${name} in a stage for ${suggestion}`, () => {
      assert.equal(findNearMiss(name, 'file', 'stage')?.suggestion, suggestion);
    });
  }

  for (const name of [
    ...[
      'README',
      'README.md',
      'LICENSE',
      'Makefile',
      '.gitkeep',
      '.DS_Store',
      '00-run.sh.bak',
      '00-run.sh~',
      'notes.txt',
    ],
    ...[
      '00-run.sh.orig',
      '00-packages.disabled',
      '00-run.sh.swp',
      'setup.sh',
      'install.sh',
      'common.sh',
      'functions',
    ],
    ...[
      '00-run-helpers.sh',
      'rules',
      'sun',
      'pack',
      'playbook.yml',
      'requirements.txt',
      'config.txt',
      'EDIT',
      'series',
    ],
    ...[
      'Dockerfile',
      'package.json',
      'package-lock.json',
      'skipper',
      'build.sh',
      'test.sh',
      'patch.sh',
      'postrun.sh',
      'motd',
    ],
    ...[
      'debconf.conf.in',
      '00-overlay.dts',
      '01-network.conf',
      '10-periph.rules',
      '99-local',
      '00-config.txt',
    ],
  ]) {
    it(`leaves ${name} alone`, () => {
      assert.equal(findNearMiss(name, 'file', 'sub-stage'), undefined);
      assert.equal(findNearMiss(name, 'file', 'stage'), undefined);
    });
  }

  it('takes folders of a sub-stage for patches alone, and those of a stage for sub-stages', () => {
    assert.equal(findNearMiss('00-patch', 'folder', 'sub-stage')?.suggestion, '00-patches');
    assert.equal(findNearMiss('0-patches', 'folder', 'sub-stage')?.suggestion, '00-patches');
    assert.equal(findNearMiss('files', 'folder', 'sub-stage'), undefined);
    assert.equal(findNearMiss('00-packages', 'folder', 'sub-stage'), undefined);
    assert.equal(findNearMiss('00-patch', 'folder', 'stage'), undefined);
  });

  it('says why', () => {
    assert.match(findNearMiss('100-run.sh', 'file', 'sub-stage')?.reason ?? '', /two digits/);
    assert.match(findNearMiss('00_run.sh', 'file', 'sub-stage')?.reason ?? '', /hyphen/);
    assert.match(findNearMiss('00-packaages', 'file', 'sub-stage')?.reason ?? '', /-packages/);
  });

  it('never takes a correct name for a near miss of itself, and always suggests a correct one', () => {
    fc.assert(
      fc.property(numbers, forms, fc.constantFrom('stage', 'sub-stage'), (number, form, where) => {
        assert.equal(findNearMiss(stepName(number, form.kind), form.entry, where), undefined);
      }),
    );
    for (const name of [...stageMarkers, 'prerun.sh'])
      assert.equal(findNearMiss(name, 'file', 'stage'), undefined);
    const like = fc.oneof(
      fc.string(),
      fc.tuple(fc.string({ maxLength: 3 }), forms).map(([a, b]) => a + b.suffix),
    );
    fc.assert(
      fc.property(like, (name) => {
        const miss = findNearMiss(name, 'file', 'stage');
        if (miss === undefined) return;
        assert.notEqual(miss.suggestion, name);
        const known = [...stageMarkers, 'prerun.sh'].includes(miss.suggestion);
        assert.ok(known || parseStepName(miss.suggestion) !== undefined, miss.suggestion);
      }),
    );
  });
});

describe('editDistance', () => {
  it('counts edits up to its limit', () => {
    assert.equal(editDistance('packages', 'packages', 2), 0);
    assert.equal(editDistance('packages', 'pacakges', 2), 1);
    assert.equal(editDistance('packages', 'pkgs', 2), 3);
    assert.equal(editDistance('', 'ab', 5), 2);
  });

  it('is the same both ways', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        assert.equal(editDistance(a, b, 3), editDistance(b, a, 3));
      }),
    );
  });
});
