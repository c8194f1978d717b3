import assert from 'node:assert/strict';
import type { BuildProblemKind } from '../../../../src/build/build-problem';
import { branches } from '../../../../src/pigen/branches';
import type {
  BuildFacts,
  EngineFacts,
  MachineFacts,
  PreflightFacts,
} from '../../../../src/build/preflight/facts';
import { judge, preflightChecks, willFail } from '../../../../src/build/preflight/judge';
import { diskNeeded } from '../../../../src/build/preflight/machine-checks';
import { markdownReport } from '../../../../src/build/preflight/report';
import type { VerdictState } from '../../../../src/build/preflight/verdict';

const engine: EngineFacts = {
  product: 'Docker',
  version: '28.2.2',
  operatingSystem: 'Debian GNU/Linux 13',
  machine: 'x86_64',
  kernel: '6.12.0',
  rootless: false,
  remapsUsers: false,
};

const arm = '7f454c4601010100000000000000000002002800';
const format = {
  name: 'qemu-arm',
  enabled: true,
  interpreter: '/usr/bin/qemu-arm',
  flags: 'POCF',
  magic: arm,
};

/** As QEMU's own scripts/qemu-binfmt-conf.sh registers it on ARM. */
const i386 = {
  name: 'qemu-i386',
  enabled: true,
  interpreter: '/usr/bin/qemu-i386',
  flags: 'POCF',
  magic: '7f454c4601010100000000000000000002000300',
};

const machine: MachineFacts = {
  machine: 'x86_64',
  kernel: '6.12.0',
  pageSize: 4096,
  canMount: true,
  canMakeDevices: true,
  formats: [format],
  linux32: true,
  loopDevices: true,
  loopPartitions: true,
  diskFree: 200 * 1024 ** 3,
};

const branch = (name: string) => branches.find((one) => one.name === name);

const build: BuildFacts = {
  treeRoot: '/home/me/pi-gen',
  branch: branch('master'),
  release: undefined,
  baseImage: 'i386/debian:trixie',
  stages: [
    { name: 'stage0', skip: false, exports: false },
    { name: 'stage1', skip: false, exports: false },
    { name: 'stage2', skip: false, exports: true },
  ],
  bootstraps: true,
  exportsThroughLoop: true,
  rejectedKey: false,
  gitHash: '314262cb00000000000000000000000000000000',
};

interface Changes {
  readonly engine?: Partial<EngineFacts>;
  readonly machine?: Partial<MachineFacts>;
  readonly build?: Partial<BuildFacts>;
}

const facts = (changes: Changes = {}): PreflightFacts => ({
  program: { version: '1.0.0', platform: 'linux x64, Node.js 22', git: 'git version 2.47' },
  engineLabel: 'unix:///var/run/docker.sock',
  engine: { ok: true, facts: { ...engine, ...changes.engine } },
  machine: { ok: true, facts: { ...machine, ...changes.machine } },
  missingImage: undefined,
  build: { ok: true, facts: { ...build, ...changes.build } },
});

/** What one check says of facts that are fine but for these. */
const verdictOf = (check: string, changes: Changes | PreflightFacts): string => {
  const whole = 'program' in changes ? changes : facts(changes);
  const verdict = judge(whole).find((one) => one.check === check);
  return verdict === undefined ? 'nothing' : `${verdict.state}: ${verdict.message}`;
};

const arm64 = { branch: branch('arm64'), baseImage: 'debian:trixie' };
const gigabyte = 1024 ** 3;

const cases: readonly (readonly [check: string, what: string, changes: Changes, says: RegExp])[] = [
  ['version', 'an old Docker', { engine: { version: '20.10.9' } }, /^warning.*seccomp/],
  ['version', 'one with a distribution in its version', { engine: { version: '20.10.24+dfsg1' } }, /^fine/],
  [
    'version',
    'Podman, which counts otherwise',
    { engine: { product: 'Podman', version: '5.4.2' } },
    /^fine: Podman 5\.4\.2/,
  ],
  [
    'version',
    'a Podman that nobody tried',
    { engine: { product: 'Podman', version: '3.0.1' } },
    /^warning.*older than 4\.3\.1/,
  ],
  ['rootful', 'a rootless engine', { engine: { rootless: true } }, /^fail.*rootless/],
  ['privileged', 'users that are mapped', { engine: { remapsUsers: true } }, /^fail.*userns-remap/],
  [
    'privileged',
    'a container that may not mount',
    { machine: { canMount: false } },
    /^fail.*mount file systems/,
  ],
  ['privileged', 'one that makes no devices', { machine: { canMakeDevices: false } }, /^fail.*device nodes/],
  ['architecture', 'emulation', {}, /^fine.*by emulation/],
  ['architecture', 'an ARM machine', { machine: { machine: 'aarch64' }, build: arm64 }, /^fine.*itself/],
  ['architecture', 'a 64-bit one with 32-bit programs', { machine: { machine: 'aarch64' } }, /^fine.*too/],
  [
    'architecture',
    'a processor without 32 bits',
    { machine: { machine: 'aarch64', linux32: false } },
    /^fail.*setarch/,
  ],
  ['emulation', 'an entry with F', {}, /^fine.*POCF/],
  ['emulation', 'no entry', { machine: { formats: [] } }, /^fine.*not know yet.*registers its own qemu-arm/],
  ['emulation', 'an entry for the other width', { build: arm64 }, /^fine.*registers its own qemu-aarch64/],
  [
    'emulation',
    'an entry that is turned off',
    { machine: { formats: [{ ...format, enabled: false }] } },
    /^fine.*turned off.*registers its own/,
  ],
  [
    'emulation',
    'no F',
    { machine: { formats: [{ ...format, flags: 'OC' }] } },
    /^fine.*lacks the flag F.*own/,
  ],
  [
    'emulation',
    'one entry without F and one with it',
    { machine: { formats: [{ ...format, flags: 'OC' }, format] } },
    /^fine.*POCF/,
  ],
  ['emulation', 'no binfmt_misc', { machine: { formats: undefined } }, /^fail.*modprobe|^fail.*not loaded/],
  [
    'emulation',
    'an ARM machine',
    { machine: { machine: 'aarch64', formats: undefined } },
    /^fine: None is needed/,
  ],
  [
    'emulation',
    'a 32-bit machine for a 64-bit image',
    { machine: { machine: 'armv7l', formats: [] }, build: arm64 },
    /^fine.*qemu-aarch64/,
  ],
  ['base-image', 'x86 on x86', {}, /^fine/],
  [
    'base-image',
    'x86 on ARM, emulated',
    { machine: { machine: 'aarch64', formats: [i386] } },
    /^fine.*emulation/,
  ],
  [
    'base-image',
    'x86 on ARM, its emulation turned off',
    { machine: { machine: 'aarch64', formats: [format, { ...i386, enabled: false }] } },
    /^warning.*exec format error/,
  ],
  ['base-image', 'x86 on ARM', { machine: { machine: 'aarch64' } }, /^warning.*exec format error/],
  ['page-size', 'large pages', { machine: { pageSize: 16384 } }, /^fail.*16384/],
  ['page-size', 'large pages for 64 bits', { machine: { pageSize: 16384 }, build: arm64 }, /^fine/],
  ['page-size', 'an unknown size', { machine: { pageSize: undefined } }, /^unknown/],
  ['loop', 'no device', { machine: { loopDevices: false } }, /^fail.*losetup/],
  ['loop', 'no partitions', { machine: { loopPartitions: false } }, /^fail.*mkdosfs/],
  [
    'loop',
    'no device, for an export of its own',
    { machine: { loopDevices: false }, build: { exportsThroughLoop: false } },
    /^warning/,
  ],
  [
    'loop',
    'no device, and nothing exported',
    { machine: { loopDevices: false }, build: { stages: [{ name: 'stage0', skip: false, exports: false }] } },
    /^fine.*none is needed/,
  ],
  ['loop', 'an image without losetup', { machine: { loopDevices: undefined } }, /^unknown/],
  ['disk', 'enough', {}, /^fine.*200\.0 GB/],
  ['disk', 'less than the estimate', { machine: { diskFree: 6 * gigabyte } }, /^warning/],
  ['disk', 'far too little', { machine: { diskFree: gigabyte } }, /^fail/],
  ['branch', 'the release of another', { build: { release: 'bookworm' } }, /^warning.*RELEASE=bookworm/],
  ['branch', 'its own release', { build: { release: 'trixie' } }, /^fine.*trixie for armhf/],
  ['branch', 'an unknown tree', { build: { branch: undefined } }, /^unknown/],
  ['archive-key', 'the rejected key', { build: { rejectedKey: true } }, /^fail.*SHA-1/],
  [
    'archive-key',
    'the same key in a branch that does not use it',
    { build: { ...arm64, rejectedKey: true } },
    /^nothing/,
  ],
  [
    'archive-key',
    'the same key for bookworm',
    { build: { rejectedKey: true, release: 'bookworm' } },
    /^nothing/,
  ],
  ['paths', 'a space above the tree', { build: { treeRoot: '/home/my name/pi-gen' } }, /^warning.*by hand/],
  [
    'paths',
    'a space in the name of a stage',
    { build: { stages: [{ name: 'my stage', skip: false, exports: true }] } },
    /^fail.*"my stage"/,
  ],
  ['secrets', 'plain ones', {}, /^fine/],
  ['secrets', 'one that bash works out', { build: { unmasked: ['WPA_PASSWORD'] } }, /^warning.*WPA_PASSWORD/],
  ['git', 'git', {}, /^fine.*stands on 314262cb0000/],
];

describe('the checks before a build', () => {
  it('find nothing where all is well', () => {
    const verdicts = judge(facts());
    assert.deepEqual([...new Set(verdicts.map(({ state }) => state))], ['fine'] satisfies VerdictState[]);
    assert.equal(verdicts.length, preflightChecks.length);
    assert.equal(willFail(verdicts), false);
  });

  for (const [check, what, changes, says] of cases) {
    it(`${check}: ${what}`, () => {
      assert.match(verdictOf(check, changes), says);
    });
  }

  it('give a fix with whatever they find', () => {
    for (const [check, what, changes] of cases) {
      const verdict = judge(facts(changes)).find((one) => one.check === check);
      if (verdict?.state === 'warning' || verdict?.state === 'fail')
        assert.ok(verdict.fix, `${check}: ${what}`);
    }
  });

  it('name the commands of the engine that is asked', () => {
    const missing = { ...facts(), machine: undefined, missingImage: 'debian:trixie' };
    const fixOf = (all: PreflightFacts) => judge(all).find(({ check }) => check === 'privileged')?.fix ?? '';
    assert.match(fixOf(missing), /`docker pull debian:trixie`/);
    const podman = facts({ engine: { product: 'Podman', version: '4.3.1' } }).engine;
    assert.match(fixOf({ ...missing, engine: podman }), /`sudo podman pull debian:trixie`/);
  });

  it('say of an engine that does not answer just that', () => {
    const problem = { kind: 'no-engine', message: 'No engine.', wayOut: 'Start it.' } as const;
    const dead: PreflightFacts = {
      ...facts(),
      engine: { ok: false, problem },
      machine: undefined,
      build: undefined,
    };
    assert.deepEqual(
      judge(dead).map(({ check, state }) => `${check} ${state}`),
      ['engine fail', 'git fine'],
    );
  });

  it('do not guess what no container could look at', () => {
    const unlooked: PreflightFacts = { ...facts(), machine: undefined, missingImage: 'debian:trixie' };
    assert.match(verdictOf('privileged', unlooked), /^unknown.*debian:trixie/);
    assert.equal(verdictOf('loop', unlooked), 'nothing');
    assert.equal(willFail(judge(unlooked)), false);
  });

  it('tell a refused privileged container from one that ended oddly', () => {
    const refusedBy = (kind: BuildProblemKind): PreflightFacts => ({
      ...facts(),
      machine: { ok: false, problem: { kind, message: 'No.', wayOut: 'Do.' } },
    });
    assert.match(verdictOf('privileged', refusedBy('privileged-refused')), /^fail/);
    assert.match(verdictOf('privileged', refusedBy('no-permission')), /^fail/);
    assert.match(verdictOf('privileged', refusedBy('engine-refused')), /^unknown/);
  });

  it('reckon with a whole root file system for each stage that runs', () => {
    const stages = (names: readonly string[], skip = false) =>
      names.map((name) => ({ name, skip, exports: false }));
    const lite = diskNeeded(stages(['stage0', 'stage1', 'stage2']));
    const full = diskNeeded(stages(['stage0', 'stage1', 'stage2', 'stage3', 'stage4', 'stage5']));
    assert.ok(full > 4 * lite);
    assert.ok(diskNeeded(stages(['stage0', 'stage1', 'stage2', 'stage-mine'])) > lite + 2 * gigabyte);
    assert.equal(diskNeeded(stages(['stage0', 'stage1'], true)), gigabyte);
  });

  it('are written as Markdown in which names stay text', () => {
    const odd = facts({ build: { treeRoot: '/home/<b>*me*|_x_' }, machine: { loopDevices: false } });
    const text = markdownReport(odd, judge(odd));
    assert.match(text, /\*\*Loop devices\*\*: fails\./);
    assert.match(text, /`sudo modprobe loop`/);
    assert.match(text, /\/home\/\\<b\\>\\\*me\\\*\\\|\\_x\\_/);
    assert.match(text, /\| binfmt_misc \| qemu-arm \(POCF\) \|/);
  });
});
