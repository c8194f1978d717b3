import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { actionBuild } from '../../../../src/build/plan/action-build';
import type { ActionBuildResult } from '../../../../src/build/plan/action-build';
import { defaultBuildSettings } from '../../../../src/build/plan/build-plan';
import { prepareBuild } from '../../../../src/build/plan/prepare-build';
import type { PreparedBuildResult } from '../../../../src/build/plan/prepare-build';
import { NodeFileSystem } from '../../../../src/pigen/files/node-file-system';
import { collectSecrets } from '../../../../src/pigen/config/secrets';
import { actionRuns } from '../../../../src/pigen/workflow/workflow-jobs';
import { foundBuild, resumeLabels } from '../../../../src/build/session/found-build';
import { readAssignments } from '../../../../src/shell/config-assignments';
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

  const built = (
    inputs: string,
    environment: Readonly<Record<string, string>>,
    job: string,
    values: ReadonlyMap<string, string> = new Map(),
  ): ActionBuildResult => {
    const [run] = actionRuns(
      `jobs: { image: { ${job} steps: [{ uses: usimd/pi-gen-action@v1, with: { image-name: x, ${inputs} } }] } }`,
    );
    assert.ok(run);
    return actionBuild({
      run,
      workflow: `${folder.path}/mine/.github/workflows/image.yml`,
      workspace: `${folder.path}/mine`,
      values,
      environment,
    });
  };

  async function prepare(
    inputs: string,
    environment: Readonly<Record<string, string>> = {},
    job = '',
  ): Promise<PreparedBuildResult> {
    const step = built(inputs, environment, job);
    if (!step.ok) return step;
    return prepareBuild(
      {
        treeRoot: `${folder.path}/clone`,
        repositoryRoot: `${folder.path}/mine`,
        action: step.build,
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

  it("hands the variables of workflow and job on to docker-opts, and masks what comes from GitHub's secrets", async () => {
    const inputs = 'stage-list: stage0, docker-opts: \'-e HUB -e PLAIN="y" -e GONE\'';
    const job =
      "env: { HUB: '${{ secrets.HUB_KEY }}', OTHER: '${{ github.sha }}', PIGEN_DOCKER_OPTS: '-m 1g' },";
    const missing = built(inputs, {}, job);
    assert.ok(!missing.ok);
    assert.deepEqual(missing.unknown, { expression: 'secrets.HUB_KEY', input: 'docker-opts', secret: true });
    const prepared = await prepare(inputs, { HUB_KEY: 'from the hub' }, job);
    assert.ok(prepared.ok);
    const { environment, memory } = prepared.plan.container.options;
    // build-docker.sh splits at white space alone, so the quotes stay.
    assert.deepEqual(environment.slice(0, 3), [
      'HUB=from the hub',
      'PLAIN="y"',
      'DEBIAN_FRONTEND=noninteractive',
    ]);
    assert.equal(memory, undefined, 'the action gives PIGEN_DOCKER_OPTS itself');
    assert.deepEqual(prepared.secrets, ['from the hub']);
  });

  it('says which expression it cannot tell, until a value is given for it', () => {
    const inputs = "stage-list: 'stage0 ${{ matrix.stage }}'";
    const job = "strategy: { matrix: '${{ fromJSON(needs.plan.outputs.matrix) }}' },";
    const asked = built(inputs, {}, job);
    assert.ok(!asked.ok);
    assert.deepEqual(asked.unknown, { expression: 'matrix.stage', input: 'stage-list', secret: false });
    const answered = built(inputs, {}, job, new Map([['matrix.stage', 'stage1']]));
    assert.ok(answered.ok);
    assert.deepEqual(answered.build.action.stages, ['stage0', 'stage1']);
  });

  it('lets another process know what to mask, without telling it', async () => {
    const inputs =
      "stage-list: stage0, hostname: '${{ secrets.NAME }}', docker-opts: '-e HUB', password: '${{ secrets.PW }}'";
    const job = "env: { HUB: '${{ secrets.HUB_KEY }}' },";
    const prepared = await prepare(
      inputs,
      { NAME: 'hidden host', HUB_KEY: 'from the hub', PW: 'hunter22' },
      job,
    );
    assert.ok(prepared.ok);
    const { plan } = prepared;
    assert.deepEqual(plan.secretNames, ['TARGET_HOSTNAME', 'FIRST_USER_PASS', 'HUB']);
    const record = {
      ...{ session: 's', treeRoot: plan.treeRoot, deployFolder: plan.deployFolder, began: '', engine: '' },
      ...{ position: undefined, end: undefined },
    };
    const labels = { ...plan.container.labels, ...resumeLabels(plan, record, '/log') };
    assert.doesNotMatch(JSON.stringify(labels), /hidden host|from the hub|hunter22/);
    const found = foundBuild({ id: '1', name: 'x', state: 'running', labels });
    assert.deepEqual(found?.secretNames, plan.secretNames);
    const config = plan.files.find(({ path: place }) => place === '/config')?.text ?? '';
    assert.deepEqual(collectSecrets(readAssignments(config, parser), new Set(found.secretNames)).toSorted(), [
      'hidden host',
      'hunter22',
    ]);
  });

  it('tells an expression from the path of a context', () => {
    const inputs = "stage-list: \"stage0 ${{ matrix.player == 'yes' && 'stage-last' || 'stage1' }}\"";
    const step = built(inputs, {}, 'strategy: { matrix: { player: [yes] } },');
    assert.ok(step.ok);
    assert.deepEqual(step.build.action.stages, ['stage0', 'stage-last']);
  });

  it('masks a secret that is given as a value', () => {
    const answered = built(
      "hostname: '${{ secrets.NAME }}'",
      {},
      '',
      new Map([['secrets.NAME', 'hidden host']]),
    );
    assert.ok(answered.ok);
    assert.deepEqual(answered.build.secrets, ['hidden host']);
  });

  it('refuses what would be no image, as the action does', async () => {
    const prepared = await prepare('stage-list: stage0, export-last-stage-only: false');
    assert.ok(!prepared.ok);
    assert.match(prepared.problem.message, /no stage of stage-list holds an EXPORT_IMAGE/);
  });

  it('stops at a stage that is not there, as the action does', async () => {
    const prepared = await prepare("stage-list: 'stage0 no-such'");
    assert.ok(!prepared.ok);
    assert.match(prepared.problem.message, /names "no-such"/);
  });
});
