import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { actionBuild } from '../../../../src/build/plan/action-build';
import { defaultBuildSettings } from '../../../../src/build/plan/build-plan';
import { prepareBuild } from '../../../../src/build/plan/prepare-build';
import type { PreparedBuildResult } from '../../../../src/build/plan/prepare-build';
import { NodeFileSystem } from '../../../../src/pigen/node-file-system';
import { actionRuns } from '../../../../src/pigen/workflow-jobs';
import type { BashParser } from '../../../../src/shell/bash-parser';
import { TemporaryFolder } from '../../pigen/temporary-folder';
import { loadParser } from '../../shell/parser';

const root = path.join(import.meta.dirname, '../../../..');

describe('what pi-gen-action would build', () => {
  let folder: TemporaryFolder;
  let parser: BashParser;
  before(async () => {
    parser = await loadParser();
  });
  after(() => {
    parser.dispose();
  });
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await cp(`${root}/test/fixtures/pi-gen`, `${folder.path}/clone`, { recursive: true });
    await cp(`${root}/test/fixtures/stages/stage-good`, `${folder.path}/mine/stage-good`, {
      recursive: true,
    });
    await folder.write('mine/stage-last/prerun.sh', '#!/bin/bash -e\n');
  });
  afterEach(() => folder.remove());

  async function prepare(
    inputs: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<PreparedBuildResult> {
    const [run] = actionRuns(
      `jobs: { image: { steps: [{ uses: usimd/pi-gen-action@v1, with: { image-name: x, ${inputs} } }] } }`,
    );
    assert.ok(run);
    const built = actionBuild({
      run,
      workflow: `${folder.path}/mine/.github/workflows/image.yml`,
      workspace: `${folder.path}/mine`,
      values: new Map(),
      environment,
    });
    if (!built.ok) return built;
    return prepareBuild(
      {
        treeRoot: `${folder.path}/clone`,
        repositoryRoot: `${folder.path}/mine`,
        action: built.build,
        settings: defaultBuildSettings,
        environment: {},
        machine: 'x86_64',
      },
      new NodeFileSystem(),
      parser,
    );
  }

  /** Files that are added to the container besides the config: empty ones. */
  const markersOf = (prepared: PreparedBuildResult): readonly string[] => {
    assert.ok(prepared.ok, prepared.ok ? '' : prepared.problem.message);
    return prepared.plan.files.filter(({ text }) => text === '').map(({ path: place }) => place);
  };

  it('runs its stage list, and exports the last stage only', async () => {
    const prepared = await prepare("stage-list: 'stage0 pi-gen/stage1 ./stage-last'");
    assert.deepEqual(markersOf(prepared), ['/pi-gen/stage1/SKIP_IMAGES', '/pi-gen/stage-last/EXPORT_IMAGE']);
    assert.ok(prepared.ok);
    const config = prepared.plan.files.find(({ path: place }) => place === '/config')?.text ?? '';
    assert.match(config, /^IMG_NAME="x"\n/);
    assert.match(config, /^STAGE_LIST='\/pi-gen\/stage0 \/pi-gen\/stage1 \/pi-gen\/stage-last'$/m);
    assert.ok(
      !prepared.plan.files.some(({ path: place }) => place === '/pi-gen/config'),
      "the tree's own config",
    );
    assert.deepEqual(prepared.plan.folders, [
      { local: `${folder.path}/mine/stage-last`, container: '/pi-gen/stage-last' },
    ]);
    assert.ok(prepared.plan.container.options.environment.includes('DEBIAN_FRONTEND=noninteractive'));
    assert.deepEqual(prepared.plan.container.options.binds, []);
    assert.equal(prepared.plan.deployFolder, `${folder.path}/mine/deploy`);
  });

  it('exports what the stages say where that is asked for, NOOBS beside each image', async () => {
    const prepared = await prepare("stage-list: 'stage0 stage1', export-last-stage-only: false");
    assert.deepEqual(markersOf(prepared), ['/pi-gen/stage1/EXPORT_NOOBS']);
  });

  it('takes secrets from the environment, and lets nobody see them', async () => {
    const password = "stage-list: stage0, password: '${{ secrets.FIRST_PASS }}'";
    const missing = await prepare(password);
    assert.ok(!missing.ok);
    assert.match(missing.problem.message, /needs `secrets\.FIRST_PASS`/);
    assert.match(missing.problem.wayOut, /environment variable FIRST_PASS/);
    const prepared = await prepare(password, { FIRST_PASS: 'correct horse' });
    assert.ok(prepared.ok);
    assert.deepEqual(prepared.secrets, ['correct horse']);
  });

  it('stops at a stage that is not there, as the action does', async () => {
    const prepared = await prepare("stage-list: 'stage0 no-such'");
    assert.ok(!prepared.ok);
    assert.match(prepared.problem.message, /names "no-such"/);
  });
});
