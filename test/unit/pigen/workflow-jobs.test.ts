import assert from 'node:assert/strict';
import { actionConfig } from '../../../src/pigen/workflow/action-config';
import { evaluateText } from '../../../src/pigen/workflow/workflow-expression';
import { actionRuns, matrixEntries } from '../../../src/pigen/workflow/workflow-jobs';

describe('a matrix', () => {
  it('has every combination, less what is excluded, plus what is included', () => {
    const matrix = {
      flavour: ['lite', 'desktop'],
      arch: ['armhf', 'arm64'],
      exclude: [{ flavour: 'desktop', arch: 'armhf' }],
      include: [
        { flavour: 'lite', extra: 'yes' },
        { flavour: 'kiosk', arch: 'arm64' },
      ],
    };
    assert.deepEqual(matrixEntries(matrix), [
      { flavour: 'lite', arch: 'armhf', extra: 'yes' },
      { flavour: 'lite', arch: 'arm64', extra: 'yes' },
      { flavour: 'desktop', arch: 'arm64' },
      { flavour: 'kiosk', arch: 'arm64' },
    ]);
  });

  it('may be a list of entries only, none at all, or one that cannot be told', () => {
    assert.deepEqual(matrixEntries({ include: [{ name: 'a' }, { name: 'b' }] }), [
      { name: 'a' },
      { name: 'b' },
    ]);
    assert.deepEqual(matrixEntries(undefined), [{}]);
    assert.deepEqual(matrixEntries('${{ fromJSON(needs.x.outputs.y) }}'), []);
    assert.deepEqual(matrixEntries({ board: '${{ fromJSON(needs.x.outputs.y) }}' }), []);
    assert.deepEqual(matrixEntries({ os: [{ name: 'lite', size: 2 }] }), [
      { 'os.name': 'lite', 'os.size': 2 },
    ]);
  });
});

describe('the runs of pi-gen-action in a workflow', () => {
  it('are named as GitHub names them, with their inputs and environment', () => {
    const runs = actionRuns(`
on:
  workflow_dispatch:
    inputs: { flavour: { default: lite } }
env: { A: one, B: one }
jobs:
  image:
    env: { B: two }
    strategy: { matrix: { arch: [armhf, arm64] } }
    steps:
      - uses: actions/checkout@v4
      - uses: usimd/pi-gen-action@v1
        env: { C: 3 }
        with: { image-name: 'x-\${{ matrix.arch }}', enable-ssh: 1 }
`);
    assert.deepEqual(
      runs.map(({ name }) => name),
      ['image (armhf)', 'image (arm64)'],
    );
    assert.deepEqual(runs[1]?.matrix, { arch: 'arm64' });
    assert.deepEqual(runs[0]?.inputs, { 'image-name': 'x-${{ matrix.arch }}', 'enable-ssh': '1' });
    assert.deepEqual(runs[0].environment, { A: 'one', B: 'two', C: '3' });
    assert.deepEqual(runs[0].workflowInputs, { flavour: 'lite' });
  });

  it('are none in what is no workflow', () => {
    for (const text of ['', '- a', 'jobs: [', 'jobs: { a: 1 }', 'jobs: { a: { steps: [{ uses: 1 }] } }']) {
      assert.deepEqual(actionRuns(text), [], text);
    }
  });
});

describe('an expression', () => {
  const values = new Map<string, string | boolean | number | null>([
    ['matrix.arch', 'arm64'],
    ['matrix.none', null],
    ['inputs.debug', false],
    ["format('{0}', 1)", 'one'],
  ]);
  const of = (text: string): string => {
    const result = evaluateText(text, (path) => values.get(path));
    return result.ok ? result.text : `? ${result.unknown}`;
  };

  for (const [text, value] of [
    ['plain', 'plain'],
    ['a-${{ matrix.arch }}-b-${{matrix.arch}}', 'a-arm64-b-arm64'],
    ["${{ matrix['arch'] }}", 'arm64'],
    ["${{ matrix.none || 'it''s' }}", "it's"],
    ["${{ matrix.arch == 'ARM64' && 'arm64' || 'master' }}", 'arm64'],
    ["${{ matrix.arch != 'arm64' && 'arm64' || 'master' }}", 'master'],
    ['${{ !inputs.debug }}', 'true'],
    ["${{ (inputs.debug || 1) == 1 && 'yes' }}", 'yes'],
    ['${{ matrix.none }}', ''],
    ["${{ format('{0}', 1) }}", 'one'],
    ['${{ secrets.PASSWORD }}', '? secrets.PASSWORD'],
    ["${{ format('{0}', 2) }}", "? format('{0}', 2)"],
    ['${{ a b }}', '? a b'],
    ['${{ }}', '? '],
    ['${{ 1 + 1 }}', '? 1 + 1'],
  ] as const) {
    it(`${text} is ${value}`, () => {
      assert.equal(of(text), value);
    });
  }
});

describe('the config that pi-gen-action writes', () => {
  it('holds what its defaults and inputs say, in its order', () => {
    const result = actionConfig({
      'image-name': ' mine ',
      'Stage-List': 'stage0\n  ./stage-x',
      password: 'pa$$',
      'export-last-stage-only': 'True',
      'docker-opts': '--memory 2g',
    });
    assert.ok(result.ok);
    const { action } = result;
    assert.equal(
      action.config,
      `IMG_NAME="mine"
PI_GEN_RELEASE="Raspberry Pi reference"
RELEASE="trixie"
DEPLOY_COMPRESSION="zip"
COMPRESSION_LEVEL="6"
LOCALE_DEFAULT="en_GB.UTF-8"
TARGET_HOSTNAME="raspberrypi"
KEYBOARD_KEYMAP="gb"
KEYBOARD_LAYOUT="English (UK)"
TIMEZONE_DEFAULT="Europe/London"
FIRST_USER_NAME="pi"
ENABLE_SSH="0"
PUBKEY_ONLY_SSH="0"
ENABLE_CLOUD_INIT="1"
STAGE_LIST="stage0 ./stage-x"
ENABLE_NOOBS="false"
EXPORT_LAST_STAGE_ONLY="true"
FIRST_USER_PASS="pa$$"
DISABLE_FIRST_BOOT_USER_RENAME="0"
PASSWORDLESS_SUDO="0"
DOCKER_OPTS="--memory 2g"
DEBIAN_FRONTEND=noninteractive
`,
    );
    assert.deepEqual(action.stages, ['stage0', './stage-x']);
    assert.equal(action.dockerOptions, '--memory 2g -e DEBIAN_FRONTEND=noninteractive');
    assert.equal(action.piGenRepository, 'RPi-Distro/pi-gen');
    assert.equal(action.piGenVersion, 'arm64');
  });

  it('is refused where the action would, without telling a password', () => {
    const reason = (inputs: Readonly<Record<string, string>>): string => {
      const result = actionConfig(inputs);
      return result.ok ? 'fine' : result.reason;
    };
    assert.match(reason({}), /needs the input image-name/);
    assert.match(reason({ 'image-name': 'x', release: 'woody' }), /release to be/);
    assert.match(reason({ 'image-name': 'x', 'wpa-password': 'short' }), /^(?!.*short\b).*wpa-password/);
  });
});
