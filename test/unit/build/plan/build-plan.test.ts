import assert from 'node:assert/strict';
import { containerPath, defaultBuildSettings, localPath } from '../../../../src/build/plan/build-plan';
import type { BuildPlan } from '../../../../src/build/plan/build-plan';
import { createBuildPlan } from '../../../../src/build/plan/create-build-plan';
import type { BuildPlanRequest } from '../../../../src/build/plan/create-build-plan';

const script = {
  baseImage: 'i386/debian:trixie',
  imageTag: 'pi-gen',
  containerName: 'pigen_work',
  startLine: 'cd /pi-gen; ./build.sh ${BUILD_OPTS} && rsync -av work/*/build.log deploy/',
  runOptions: '',
};

function request(changes: Partial<BuildPlanRequest>): BuildPlanRequest {
  return {
    treeRoot: '/home/me/pi-gen',
    treeEntries: ['build.sh', 'stage0', 'stage1', 'stage2', 'config'],
    repositoryRoot: undefined,
    treeConfig: "IMG_NAME='own'\n",
    config: undefined,
    stages: undefined,
    exportFolder: undefined,
    configValues: { IMG_NAME: 'own' },
    variant: 'config',
    script,
    gitHash: 'abc',
    settings: defaultBuildSettings,
    environment: {},
    ...changes,
  };
}

function plan(changes: Partial<BuildPlanRequest>): BuildPlan {
  const result = createBuildPlan(request(changes));
  assert.ok(result.ok, result.ok ? '' : result.problem.message);
  return result.plan;
}

const startLine = (made: BuildPlan) => made.container.command.at(-1);

describe('the plan of a build', () => {
  it("is build-docker.sh's for a tree with its own config", () => {
    const made = plan({});
    assert.deepEqual(made.image.buildArguments, { BASE_IMAGE: 'i386/debian:trixie' });
    assert.equal(made.image.tag, 'pi-gen');
    assert.deepEqual(made.container.command.slice(0, -1), ['bash', '-e', '-o', 'pipefail', '-c']);
    assert.equal(startLine(made), 'cd /pi-gen; ./build.sh  && rsync -av work/*/build.log deploy/');
    assert.deepEqual(made.container.options.environment, ['GIT_HASH=abc']);
    assert.deepEqual(made.files, [{ path: '/pi-gen/config', text: "IMG_NAME='own'\n" }]);
    assert.equal(made.deployFolder, '/home/me/pi-gen/deploy');
    assert.equal(made.buildLog, '/pi-gen/work/own/build.log');
    assert.equal(made.container.keep, false);
  });

  it('gives a work folder of its own a volume, so that others can look into it', () => {
    const volumes = (folder: string, dockerOptions = '') =>
      plan({
        configValues: { IMG_NAME: 'own', WORK_DIR: folder },
        settings: { ...defaultBuildSettings, dockerOptions },
      }).container.options.anonymousVolumes;
    assert.deepEqual(volumes('/elsewhere/work/'), ['/elsewhere/work']);
    assert.deepEqual(volumes('/pi-gen/other'), ['/pi-gen/other']);
    assert.deepEqual(volumes('/elsewhere', '-v /mine'), ['/mine', '/elsewhere']);
    // There is one, or something of the image would be hidden.
    for (const folder of ['/pi-gen/work', '/pi-gen/work/mine', '/pi-gen', '/', 'relative', '']) {
      assert.deepEqual(volumes(folder), [], folder);
    }
    assert.deepEqual(volumes('/big/work', '-v /data/big:/big'), []);
    assert.deepEqual(volumes('/big/work', '--mount type=volume,src=big,dst=/big'), []);
    assert.deepEqual(volumes('/mine/work', '-v /mine'), ['/mine']);
  });

  it('sends no config with the image, where passwords would stay', () => {
    assert.ok(plan({}).image.omit.includes('config'));
  });

  it("hands another config over as -c, after the tree's own", () => {
    const made = plan({ config: 'IMG_NAME=other\n' });
    assert.match(startLine(made) ?? '', /\.\/build\.sh -c \/config &&/);
    assert.deepEqual(
      made.files.map((file) => file.path),
      ['/pi-gen/config', '/config'],
    );
  });

  it('gives a build.sh without options the other config as its own', () => {
    const old = { ...script, startLine: 'cd /pi-gen; ./build.sh; rsync -av work/*/build.log deploy/' };
    assert.deepEqual(plan({ config: 'IMG_NAME=other\n', script: old }).files, [
      { path: '/pi-gen/config', text: 'IMG_NAME=other\n' },
    ]);
  });

  it('copies stages of a repository in beside the tree, and names them in a copy of the config', () => {
    const made = plan({
      repositoryRoot: '/home/me/stages',
      stages: [
        { kind: 'tree', path: 'stage0' },
        { kind: 'folder', path: '/home/me/stages/stage-ossuary' },
        { kind: 'folder', path: '/home/me/stages/stage2' },
      ],
      exportFolder: "/home/me/stages/it's",
    });
    assert.deepEqual(made.folders, [
      { local: '/home/me/stages/stage-ossuary', container: '/pi-gen/stage-ossuary' },
      { local: '/home/me/stages/stage2', container: '/pi-gen-stages/stage2' },
      { local: "/home/me/stages/it's", container: "/pi-gen/it's" },
    ]);
    assert.equal(made.deployFolder, '/home/me/stages/deploy');
    assert.match(made.files[0]?.text ?? '', /^IMG_NAME='own'\n/);
    assert.match(
      made.files[0]?.text ?? '',
      /^STAGE_LIST='\/pi-gen\/stage0 \/pi-gen\/stage-ossuary \/pi-gen-stages\/stage2'$/m,
    );
    assert.match(made.files[0]?.text ?? '', /^EXPORT_CONFIG_DIR='\/pi-gen\/it'\\''s'$/m);
  });

  it('maps paths both ways', () => {
    const made = plan({ stages: [{ kind: 'folder', path: '/home/me/pi-gen-stages/stage-x' }] });
    assert.equal(
      localPath(made, '/pi-gen/stage-x/00-a/00-run.sh'),
      '/home/me/pi-gen-stages/stage-x/00-a/00-run.sh',
    );
    assert.equal(localPath(made, '/pi-gen/stage1/prerun.sh'), '/home/me/pi-gen/stage1/prerun.sh');
    assert.equal(localPath(made, '/pi-gen'), '/home/me/pi-gen');
    assert.equal(localPath(made, '/pi-gen/work/own/stage1/rootfs/etc'), undefined);
    assert.equal(localPath(made, '/etc/passwd'), undefined);
    assert.equal(containerPath(made, '/home/me/pi-gen/stage1'), '/pi-gen/stage1');
    assert.equal(containerPath(made, '/home/me/pi-gen-stages/stage-x/00-a'), '/pi-gen/stage-x/00-a');
    assert.equal(containerPath(made, '/home/me/elsewhere'), undefined);
  });

  it('adds up options: the script, PIGEN_DOCKER_OPTS of the config before the environment, settings', () => {
    const made = plan({
      script: { ...script, runOptions: '--cap-add=ALL -v /dev:/dev -v /lib/modules:/lib/modules' },
      configValues: { PIGEN_DOCKER_OPTS: '-e A=1 --network none' },
      environment: { PIGEN_DOCKER_OPTS: '-e IGNORED=1', PRESERVE_CONTAINER: '1', CONTAINER_NAME: 'mine' },
      settings: { ...defaultBuildSettings, network: 'host', mounts: ['/a:/b'], environment: { B: '2' } },
    });
    const { options } = made.container;
    assert.deepEqual(options.environment, ['A=1', 'B=2', 'GIT_HASH=abc']);
    assert.deepEqual(options.binds, ['/dev:/dev', '/lib/modules:/lib/modules', '/a:/b']);
    assert.deepEqual(options.addedCapabilities, ['ALL']);
    assert.equal(options.network, 'host');
    assert.equal(made.image.network, 'host');
    assert.equal(made.container.name, 'mine');
    assert.equal(made.container.keep, true);
  });

  it('is a problem where options or names cannot be used', () => {
    const options = createBuildPlan(request({ environment: { PIGEN_DOCKER_OPTS: '--gpus all' } }));
    assert.ok(!options.ok);
    assert.match(options.problem.message, /PIGEN_DOCKER_OPTS .* --gpus/);
    const names = createBuildPlan(
      request({
        stages: [
          { kind: 'folder', path: '/a/stage-x' },
          { kind: 'folder', path: '/b/stage-x' },
        ],
      }),
    );
    assert.ok(!names.ok);
    assert.equal(names.problem.kind, 'bad-plan');
  });

  it('is a problem where no container can have the name that it is to get', () => {
    const told = (changes: Partial<BuildPlanRequest>): string => {
      const made = createBuildPlan(request(changes));
      assert.ok(!made.ok);
      assert.match(made.problem.wayOut, /letters .* digits, `_`, `\.` and `-`/);
      return made.problem.message;
    };
    const named = (containerName: string) => ({ settings: { ...defaultBuildSettings, containerName } });
    for (const name of ['a b', '-a', '_a', 'a/b', 'a:b', 'ä1', ' a', 'a\n', 'x'])
      assert.match(told(named(name)), /by `--name` or the setting `pi-gen\.docker\.containerName`\.$/);
    assert.match(told(named('a b')), /^No container can be named "a b",/);
    assert.match(told({ environment: { PIGEN_DOCKER_OPTS: "--name 'a b'" } }), /in PIGEN_DOCKER_OPTS/);
    assert.match(told({ configValues: { CONTAINER_NAME: 'a b' } }), /by CONTAINER_NAME\.$/);
    assert.match(told({ script: { ...script, containerName: 'a b' } }), /by build-docker\.sh\.$/);
    // One that another takes the place of never reaches the engine.
    assert.equal(
      plan({ ...named('a.B_c-1'), configValues: { CONTAINER_NAME: 'a b' } }).container.name,
      'a.B_c-1',
    );
  });
});
