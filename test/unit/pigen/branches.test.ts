import assert from 'node:assert/strict';
import {
  branches,
  branchOfVersion,
  configVariablesOf,
  detectBranch,
  findBranch,
} from '../../../src/pigen/branches';

/** The lines of a branch's scripts that tell it apart, put together from what the data says of it. */
function scriptsOf(name: string): Parameters<typeof detectBranch>[0] {
  const branch = findBranch(name);
  assert.ok(branch);
  const lines = [
    'run_sub_stage()',
    ...(branch.logsSkippedSteps ? ['log "Skip ${i}-run.sh (not executable)"'] : []),
    ...(branch.knowsSkipImages ? ['[ ! -f SKIP_IMAGES ]'] : []),
    ...(branch.name === 'jessie' ? [] : [`export RELEASE=\${RELEASE:-${branch.release}}`]),
    ...(branch.exportedVariables.includes('ARCH') ? [`export ARCH=${branch.architecture}`] : []),
    ...branch.exportedVariables.map((variable) => `export ${variable}`),
    ...(branch.knowsStageList ? ['for STAGE_DIR in $STAGE_LIST; do'] : ['for STAGE_DIR in stage*; do']),
  ];
  const is64Bits = branch.architecture === 'arm64' || branch.name === 'jessie';
  return {
    buildScript: lines.join('\n'),
    common: is64Bits ? 'capsh --chroot' : 'setarch linux32 capsh --chroot',
    hasQcow2Handling: branch.qcow2 !== undefined,
  };
}

describe('branches', () => {
  for (const { name } of branches) {
    it(`detects ${name} by its features`, () => {
      assert.equal(detectBranch(scriptsOf(name)), name);
    });
  }

  it('takes a fork for the branch that it shares most with', () => {
    const bookworm = scriptsOf('bookworm-arm64');
    const fork = { ...bookworm, buildScript: bookworm.buildScript.replace(':-bookworm', ':-forky') };
    assert.equal(detectBranch(fork), 'bookworm-arm64');
  });

  it('takes a fork that moved to the release of another branch for none', () => {
    const arm64 = scriptsOf('arm64');
    const fork = { ...arm64, buildScript: arm64.buildScript.replace(':-trixie', ':-bookworm') };
    assert.equal(detectBranch(fork), undefined);
  });

  it('takes no other build.sh for one of pi-gen', () => {
    assert.equal(detectBranch({ buildScript: 'make', common: '', hasQcow2Handling: false }), undefined);
  });

  it('reads a version of pi-gen-action', () => {
    assert.equal(branchOfVersion('arm64'), 'arm64');
    assert.equal(branchOfVersion('2024-11-19-raspios-bookworm-arm64'), 'bookworm-arm64');
    assert.equal(branchOfVersion('2022-04-04-raspios-bullseye'), 'bullseye');
    assert.equal(branchOfVersion('2025-10-01-raspios-trixie-arm64'), 'arm64');
    assert.equal(branchOfVersion('3f1c2b4'), undefined);
  });

  it('knows each config variable once a branch', () => {
    for (const branch of branches) {
      const names = configVariablesOf(branch).map((variable) => variable.name);
      assert.equal(new Set(names).size, names.length, branch.name);
    }
    const buster = findBranch('buster');
    assert.ok(buster);
    const password = configVariablesOf(buster).find((variable) => variable.name === 'FIRST_USER_PASS');
    assert.equal(password?.default, 'raspberry');
  });
});
