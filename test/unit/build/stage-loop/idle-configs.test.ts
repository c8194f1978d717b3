import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../../../src/build/engine/engine';
import { keyLabel } from '../../../../src/build/labels';
import { defaultBuildSettings } from '../../../../src/build/plan/build-plan';
import { prepareBuild } from '../../../../src/build/plan/prepare-build';
import { Fingerprints } from '../../../../src/build/stage-loop/fingerprint';
import { prepareStage } from '../../../../src/build/stage-loop/prepare-stage';
import { NodeFileSystem } from '../../../../src/pigen/files/node-file-system';
import type { BashParser } from '../../../../src/shell/bash-parser';
import { TemporaryFolder } from '../../pigen/temporary-folder';
import { loadParser } from '../../shell/parser';

const fixtures = path.resolve(import.meta.dirname, '../../../fixtures').replaceAll('\\', '/');

describe('a second config of the tree', () => {
  let parser: BashParser;
  let folder: TemporaryFolder;
  before(async () => {
    parser = await loadParser();
  });
  after(() => {
    parser.dispose();
  });
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await cp(`${fixtures}/pi-gen`, `${folder.path}/pi-gen`, { recursive: true });
    await cp(`${fixtures}/stages/stage-parts`, `${folder.path}/pi-gen/stage2`, { recursive: true });
    await folder.write('pi-gen/config-lite', 'IMG_NAME=lite\n');
    await folder.write('pi-gen/full.config', 'IMG_NAME=full\n');
  });
  afterEach(() => folder.remove());

  /** Keys of the stage's nodes and of the image that it is tried in. */
  async function keys({ config, environment = {} }: Build = {}): Promise<readonly string[]> {
    const fs = new NodeFileSystem();
    const treeRoot = `${folder.path}/pi-gen`;
    const build = await prepareBuild(
      {
        treeRoot,
        configFile: config === undefined ? undefined : `${treeRoot}/${config}`,
        settings: { ...defaultBuildSettings, environment },
        environment: {},
        machine: 'x86_64',
      },
      fs,
      parser,
    );
    assert.ok(build.ok);
    // Of an engine that holds nothing yet.
    const engine = { findImage: () => Promise.resolve(undefined) } as unknown as Engine;
    const stage = await prepareStage(
      build,
      { stage: 'stage2', from: { kind: 'changed' }, exportImage: false },
      {
        fs,
        parser,
        engine,
        fingerprints: new Fingerprints(),
        scripts: { tryStage: '', keptLayers: '' },
      },
    );
    assert.ok(stage.ok, stage.ok ? '' : stage.problem.message);
    return [...stage.keys, stage.plan.image.labels[keyLabel] ?? ''];
  }

  interface Build {
    readonly config?: string;
    readonly environment?: Readonly<Record<string, string>>;
  }

  const change = (name: string): Promise<unknown> =>
    folder.write(`pi-gen/${name}`, `IMG_NAME=other\n# ${name}\n`);

  /** Whether a change of config-lite has stages made anew. */
  async function counts(build: Build = {}): Promise<boolean> {
    const before = await keys(build);
    await change('config-lite');
    const after = await keys(build);
    assert.equal(after.at(-1), before.at(-1), 'the image is never another');
    return after[0] !== before[0];
  }

  it('has nothing made anew where the build does not read it, whether it changes, comes or goes', async () => {
    const before = await keys();
    await change('config-lite');
    await change('full.config');
    await folder.write('pi-gen/config-new', 'IMG_NAME=new\n');
    assert.deepEqual(await keys(), before);
    const full = await keys({ config: 'full.config' });
    await change('config-new');
    assert.deepEqual(await keys({ config: 'full.config' }), full);
  });

  it('has all made anew where it is the one that is built', async () => {
    assert.ok(await counts({ config: 'config-lite' }));
  });

  const readers: readonly (readonly [what: string, file: string, text: string])[] = [
    ['a config sources it', 'config', 'IMG_NAME=own\n. ./config-lite\n'],
    ['a config sources one whose name bash makes up', 'config', 'source "config-${FLAVOUR:-lite}"\n'],
    ['a config that is sourced sources it', 'config', 'IMG_NAME=own\n. ./full.config\n'],
    ['a script names it', 'stage2/00-make/00-run.sh', '#!/bin/bash -e\ncp "${BASE_DIR}/config-lite" x\n'],
    ['a program of a stage names it', 'stage2/files/make.py', 'open("/pi-gen/config-lite").read()\n'],
    ['a script of pi-gen names it', 'scripts/common', '. "${BASE_DIR}"/config-lite\n'],
    ['a script takes all configs', 'stage2/00-make/00-run.sh', '#!/bin/bash -e\ncat "${BASE_DIR}/"config*\n'],
    [
      'a script takes the whole folder',
      'stage2/00-make/00-run.sh',
      '#!/bin/bash -e\ncp -r "${BASE_DIR}" x\n',
    ],
    ['a script takes all that is in it', 'stage2/00-make/00-run.sh', '#!/bin/bash -e\ncat /pi-gen/* > x\n'],
    [
      'a script takes what is above its stage',
      'stage2/00-make/00-run.sh',
      '#!/bin/bash -e\ncat ../../c* > x\n',
    ],
  ];
  for (const [what, file, text] of readers) {
    it(`counts where ${what}`, async () => {
      await folder.write('pi-gen/full.config', '. ./config-lite\n');
      await folder.write(`pi-gen/${file}`, text);
      assert.ok(await counts());
    });
  }

  it('counts where the container is handed its name', async () => {
    assert.ok(await counts({ environment: { EXTRA_CONFIG: '/pi-gen/config-lite' } }));
  });

  it('does not count where a script only passes by', async () => {
    await folder.write(
      'pi-gen/stage2/00-make/00-run.sh',
      '#!/bin/bash -e\ncp "${BASE_DIR}/stage2/files/x" ../../stage1/y # of RPi-Distro/pi-gen, see raspi-config\n',
    );
    assert.ok(!(await counts()));
  });
});
