import assert from 'node:assert/strict';
import { defaultBuildSettings } from '../../../../src/build/plan/build-plan';
import type { BuildPlan } from '../../../../src/build/plan/build-plan';
import { noRunOptions } from '../../../../src/build/plan/run-options';
import { tracedScript, withChanges } from '../../../../src/build/plan/one-time-changes';
import { TemporaryFolder } from '../../pigen/temporary-folder';

function planOf(root: string): BuildPlan {
  return {
    treeRoot: root,
    deployFolder: `${root}/deploy`,
    image: { tag: 'x', buildArguments: {}, network: undefined, labels: {}, omit: [] },
    container: {
      name: defaultBuildSettings.containerName,
      command: [],
      options: noRunOptions,
      labels: {},
      keep: false,
    },
    files: [],
    folders: [],
    paths: [{ local: root, container: '/pi-gen' }],
    results: '/pi-gen/deploy',
    buildLog: undefined,
    subject: { variant: 'config', whole: true, sizes: { kind: 'work', folder: '/pi-gen/work' } },
  };
}

describe('tracing a script', () => {
  it('moves no line', () => {
    assert.equal(
      tracedScript('#!/bin/bash -e\n\necho a\n', '00-run.sh'),
      "#!/bin/bash -e\nPS4='+ 00-run.sh:${LINENO}: '; set -x; \necho a\n",
    );
    assert.equal(tracedScript('echo a\n', 'x'), "PS4='+ x:${LINENO}: '; set -x; echo a\n");
    assert.equal(tracedScript('#!/bin/sh', 'x'), "#!/bin/sh\nPS4='+ x:${LINENO}: '; set -x; ");
    assert.match(tracedScript('#!/usr/bin/env bash\na\n', 'x') ?? '', /^#!\/usr\/bin\/env bash\nPS4=.* a\n$/);
  });

  it('is for shells', () => {
    assert.equal(tracedScript('#!/usr/bin/python3\nprint(1)\n', 'x'), undefined);
  });
});

describe('changes for one build', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
    await folder.write('stage-x/00-a/00-run.sh', '#!/bin/bash -e\necho a\n', 0o755);
    await folder.write('stage-x/00-a/00-packages', 'vim\n');
  });
  after(() => folder.remove());

  const changed = async (trace: readonly string[], without: readonly string[]) => {
    const below = (names: readonly string[]) => names.map((name) => `${folder.path}/${name}`);
    const result = await withChanges(planOf(folder.path), { trace: below(trace), without: below(without) });
    return result.ok ? result.plan.changes : result.problem;
  };
  const refused = async (trace: readonly string[], without: readonly string[]) => {
    const result = await withChanges(planOf(folder.path), { trace, without });
    return result.ok ? undefined : result.problem.message;
  };

  it('are made at the place in the container', async () => {
    assert.deepEqual(
      await changed(['stage-x/00-a/00-run.sh'], ['stage-x/00-a/00-packages', 'stage-x/00-a']),
      [
        {
          kind: 'file',
          path: '/pi-gen/stage-x/00-a/00-run.sh',
          text: "#!/bin/bash -e\nPS4='+ 00-run.sh:${LINENO}: '; set -x; echo a\n",
          mode: 0o755,
        },
        { kind: 'nothing', path: '/pi-gen/stage-x/00-a/00-packages' },
        { kind: 'file', path: '/pi-gen/stage-x/00-a/SKIP', text: '', mode: 0o644 },
      ],
    );
    assert.equal(await changed([], []), undefined);
  });

  it('are refused with a reason', async () => {
    const { path } = folder;
    assert.match((await refused([`${path}/stage-x/00-a/00-packages`], [])) ?? '', /no script of a stage/);
    assert.match((await refused([`${path}/stage-x/00-a/01-run.sh`], [])) ?? '', /ENOENT/);
    assert.match((await refused([], ['/elsewhere/00-run.sh'])) ?? '', /not part of what is built/);
  });
});
