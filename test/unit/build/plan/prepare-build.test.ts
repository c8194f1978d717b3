import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultBuildSettings } from '../../../../src/build/plan/build-plan';
import { prepareBuild } from '../../../../src/build/plan/prepare-build';
import type { BuildRequest, PreparedBuild } from '../../../../src/build/plan/prepare-build';
import { NodeFileSystem } from '../../../../src/pigen/files/node-file-system';
import type { BashParser } from '../../../../src/shell/bash-parser';
import { TemporaryFolder } from '../../pigen/temporary-folder';
import { loadParser } from '../../shell/parser';

const root = path.join(import.meta.dirname, '../../../..');

describe('what is prepared for a build', () => {
  let folder: TemporaryFolder;
  let parser: BashParser;
  let tree: string;
  let repository: string;
  before(async () => {
    parser = await loadParser();
  });
  after(() => {
    parser.dispose();
  });
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    tree = `${folder.path}/pi-gen`;
    repository = `${folder.path}/mine`;
    await cp(`${root}/test/fixtures/pi-gen`, tree, { recursive: true });
    await cp(`${root}/test/fixtures/stages/stage-good`, `${repository}/stage-good`, { recursive: true });
    await folder.write('mine/.git/HEAD', 'ref: refs/heads/main\n');
  });
  afterEach(() => folder.remove());

  const request = (changes: Partial<BuildRequest>): BuildRequest => ({
    treeRoot: tree,
    settings: defaultBuildSettings,
    environment: {},
    machine: 'x86_64',
    ...changes,
  });

  async function prepare(changes: Partial<BuildRequest>): Promise<PreparedBuild> {
    const prepared = await prepareBuild(request(changes), new NodeFileSystem(), parser);
    assert.ok(prepared.ok, prepared.ok ? '' : prepared.problem.message);
    return prepared;
  }

  async function problem(changes: Partial<BuildRequest>): Promise<string> {
    const prepared = await prepareBuild(request(changes), new NodeFileSystem(), parser);
    assert.ok(!prepared.ok);
    return prepared.problem.message;
  }

  const configOf = ({ plan }: PreparedBuild) => plan.files.at(-1)?.text ?? '';
  const stageListOf = (prepared: PreparedBuild) => /^STAGE_LIST='(.*)'$/m.exec(configOf(prepared))?.[1];

  it("is the tree's own build, its config untouched and its secrets known", async () => {
    const prepared = await prepare({ environment: { GIT_HASH: 'abc' } });
    assert.equal(configOf(prepared), await readFile(`${tree}/config`, 'utf8'));
    assert.deepEqual(prepared.secrets, ['correct horse']);
    assert.equal(prepared.plan.image.tag, 'pi-gen-tiny');
    assert.deepEqual(prepared.plan.container.options.environment, ['GIT_HASH=abc']);
    assert.equal(prepared.plan.buildLog, '/pi-gen/work/tiny/build.log');
    assert.deepEqual(prepared.plan.folders, []);
  });

  it('registers the emulator of an image for another architecture with the kernel first', async () => {
    const commandOn = async (machine: string) =>
      (await prepare({ machine })).plan.container.command.at(-1) ?? '';
    const native = await commandOn('aarch64');
    assert.doesNotMatch(native, /qemu-aarch64/);
    const foreign = await commandOn('x86_64');
    assert.match(foreign, /^\(\n {2}set \+e\n {2}emulator=\$\(command -v qemu-aarch64-static/);
    assert.ok(foreign.endsWith(native));
  });

  it('leaves no config in the image, neither the one that is built nor those of other builds', async () => {
    await folder.write('pi-gen/config-full', "IMG_NAME=full\nWPA_PASSWORD='battery staple'\n");
    await folder.write('pi-gen/own/lite.conf', "IMG_NAME=lite\nFIRST_USER_PASS='hunter22'\n");
    const { plan, secrets } = await prepare({ configFile: `${tree}/own/lite.conf` });
    assert.deepEqual([...plan.image.omit].sort(), ['config', 'config-full', 'own/lite.conf']);
    // Each is where build-docker.sh would have it.
    assert.deepEqual(
      plan.files.map((file) => file.path),
      ['/pi-gen/config', '/config', '/pi-gen/config-full', '/pi-gen/own/lite.conf'],
    );
    assert.ok(secrets.includes('hunter22'));
  });

  it('masks what the container is handed by name, in settings and in options of docker run', async () => {
    const { secrets } = await prepare({
      settings: {
        ...defaultBuildSettings,
        environment: { HUB_TOKEN: 'from settings', PLAIN: 'shown' },
        dockerOptions: '-e API_KEY=from-options',
      },
      environment: { PIGEN_DOCKER_OPTS: '-e SIGNING_PASSWORD', SIGNING_PASSWORD: 'from the caller' },
    });
    assert.deepEqual(
      [...secrets].sort(),
      ['correct horse', 'from settings', 'from the caller', 'from-options'].sort(),
    );
  });

  it('copies a stage in that the list names outside of the tree', async () => {
    await folder.write('list', `STAGE_LIST="stage0 \${BASE_DIR}/stage1 ${repository}/stage-good"\n`);
    const prepared = await prepare({ configFile: `${folder.path}/list` });
    assert.equal(stageListOf(prepared), '/pi-gen/stage0 /pi-gen/stage1 /pi-gen/stage-good');
    assert.match(configOf(prepared), /^STAGE_LIST="stage0/);
    assert.deepEqual(prepared.plan.folders, [
      { local: `${repository}/stage-good`, container: '/pi-gen/stage-good' },
    ]);
  });

  it('puts stages of a repository behind those of pi-gen where nothing lists them', async () => {
    await cp(`${tree}/stage1`, `${tree}/stage4`, { recursive: true });
    const prepared = await prepare({ repositoryRoot: repository });
    assert.equal(stageListOf(prepared), '/pi-gen/stage0 /pi-gen/stage1 /pi-gen/stage-good');
    assert.equal(prepared.plan.deployFolder, `${repository}/deploy`);
    assert.equal(prepared.stages.root, repository);
  });

  it('follows the list of a workflow', async () => {
    await folder.write(
      'mine/.github/workflows/build.yml',
      'on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n' +
        '      - uses: usimd/pi-gen-action@v1\n        with:\n          image-name: mine\n          stage-list: stage0 ./stage-good\n',
    );
    const prepared = await prepare({ repositoryRoot: repository });
    assert.equal(stageListOf(prepared), '/pi-gen/stage0 /pi-gen/stage-good');
  });

  it('names an image where neither tree nor repository has a config', async () => {
    const bare = `${folder.path}/bare`;
    await cp(tree, bare, { recursive: true, filter: (source) => !source.endsWith('/config') });
    const prepared = await prepare({ treeRoot: bare, repositoryRoot: repository });
    assert.match(configOf(prepared), /^IMG_NAME='mine'\n/);
  });

  it('takes an EXPORT_CONFIG_DIR of the repository along', async () => {
    await cp(`${tree}/export-image`, `${repository}/export-own`, { recursive: true });
    await folder.write(
      'mine/config',
      "IMG_NAME=x\nEXPORT_CONFIG_DIR=./export-own\nSTAGE_LIST='stage0 stage-good'\n",
    );
    const prepared = await prepare({ repositoryRoot: repository });
    assert.match(configOf(prepared), /^EXPORT_CONFIG_DIR='\/pi-gen\/export-own'$/m);
    assert.deepEqual(
      prepared.plan.folders.map(({ container }) => container),
      ['/pi-gen/stage-good', '/pi-gen/export-own'],
    );
  });

  it('is a problem without pi-gen, without the config, and with a list that cannot be followed', async () => {
    assert.match(await problem({ treeRoot: repository }), /holds no pi-gen/);
    assert.match(await problem({ configFile: `${folder.path}/gone` }), /gone cannot be used/);
    await folder.write('list', 'STAGE_LIST="stage0 stage5"\n');
    assert.match(
      await problem({ configFile: `${folder.path}/list`, repositoryRoot: repository }),
      /names "stage5", which the pi-gen tree .* does not hold/,
    );
    await folder.write('list', 'STAGE_LIST="stage0 $(cat list)"\n');
    assert.match(
      await problem({ configFile: `${folder.path}/list`, repositoryRoot: repository }),
      /cannot be told beforehand/,
    );
  });
});
