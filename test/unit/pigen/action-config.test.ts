import assert from 'node:assert/strict';
import { actionConfig } from '../../../src/pigen/workflow/action-config';
import type { ActionConfig } from '../../../src/pigen/workflow/action-config';
import { actionInputs } from '../../../src/pigen/workflow/action-inputs';

const newest = 'usimd/pi-gen-action@v1';

function configured(inputs: Readonly<Record<string, string>>, uses = newest): ActionConfig {
  const result = actionConfig({ 'image-name': 'x', ...inputs }, uses);
  assert.ok(result.ok, result.ok ? '' : result.reason);
  return result.action;
}

/** What inputs add to the config, and take away from it. */
function difference(inputs: Readonly<Record<string, string>>, uses = newest, base = newest): string {
  const lines = (text: string): readonly string[] => text.trimEnd().split('\n');
  const before = lines(configured({}, base).config);
  const after = lines(configured(inputs, uses).config);
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ].join('\n');
}

function complaintOn(inputs: Readonly<Record<string, string>>): string {
  const result = actionConfig({ 'image-name': 'x', ...inputs }, newest);
  return result.ok ? 'fine' : result.reason;
}

/** For each input: a value, and what the config of src/configure.ts and src/pi-gen-config.ts of the action becomes by it. */
const table: readonly (readonly [input: string, value: string, change: string])[] = [
  ['apt-proxy', 'http://proxy:3142', '+ APT_PROXY="http://proxy:3142"'],
  // In action.yml, but read by no version.
  ['temp-repo', 'deb http://example.org RELEASE main', ''],
  ['image-name', ' mine ', '- IMG_NAME="x"\n+ IMG_NAME="mine"'],
  ['pi-gen-release', 'Mine', '- PI_GEN_RELEASE="Raspberry Pi reference"\n+ PI_GEN_RELEASE="Mine"'],
  ['setfcap', '1', '+ SETFCAP="1"'],
  ['stage-list', 'stage0\n  ./mine', '- STAGE_LIST="stage0 stage1 stage2"\n+ STAGE_LIST="stage0 ./mine"'],
  ['release', 'Bookworm', '- RELEASE="trixie"\n+ RELEASE="Bookworm"'],
  ['compression', 'none', '- DEPLOY_COMPRESSION="zip"\n+ DEPLOY_COMPRESSION="none"'],
  ['compression-level', '9', '- COMPRESSION_LEVEL="6"\n+ COMPRESSION_LEVEL="9"'],
  ['locale', 'de_DE.UTF-8', '- LOCALE_DEFAULT="en_GB.UTF-8"\n+ LOCALE_DEFAULT="de_DE.UTF-8"'],
  ['hostname', 'radio', '- TARGET_HOSTNAME="raspberrypi"\n+ TARGET_HOSTNAME="radio"'],
  ['keyboard-keymap', 'de', '- KEYBOARD_KEYMAP="gb"\n+ KEYBOARD_KEYMAP="de"'],
  ['keyboard-layout', 'German', '- KEYBOARD_LAYOUT="English (UK)"\n+ KEYBOARD_LAYOUT="German"'],
  ['timezone', 'Etc/UTC', '- TIMEZONE_DEFAULT="Europe/London"\n+ TIMEZONE_DEFAULT="Etc/UTC"'],
  ['username', 'me', '- FIRST_USER_NAME="pi"\n+ FIRST_USER_NAME="me"'],
  ['password', 'pa$$"x', '+ FIRST_USER_PASS="pa$$"x"'],
  [
    'disable-first-boot-user-rename',
    '1',
    '- DISABLE_FIRST_BOOT_USER_RENAME="0"\n+ DISABLE_FIRST_BOOT_USER_RENAME="1"',
  ],
  ['passwordless-sudo', '1', '- PASSWORDLESS_SUDO="0"\n+ PASSWORDLESS_SUDO="1"'],
  ['wpa-essid', 'home', '+ WPA_ESSID="home"'],
  ['wpa-password', 'correct horse', '+ WPA_PASSWORD="correct horse"'],
  ['wpa-country', 'DE', '+ WPA_COUNTRY="DE"'],
  ['enable-ssh', '1', '- ENABLE_SSH="0"\n+ ENABLE_SSH="1"'],
  ['pubkey-ssh-first-user', 'ssh-ed25519 AAAA me', '+ PUBKEY_SSH_FIRST_USER="ssh-ed25519 AAAA me"'],
  ['pubkey-only-ssh', '1', '- PUBKEY_ONLY_SSH="0"\n+ PUBKEY_ONLY_SSH="1"'],
  ['enable-cloud-init', '0', '- ENABLE_CLOUD_INIT="1"\n+ ENABLE_CLOUD_INIT="0"'],
  ['docker-opts', '-m 2g', '+ DOCKER_OPTS="-m 2g"'],
  ['pi-gen-repository', 'me/pi-gen', ''],
  ['export-last-stage-only', 'FALSE', '- EXPORT_LAST_STAGE_ONLY="true"\n+ EXPORT_LAST_STAGE_ONLY="false"'],
  ['pi-gen-version', 'master', ''],
  ['enable-noobs', 'True', '- ENABLE_NOOBS="false"\n+ ENABLE_NOOBS="true"'],
  ['extra-host-dependencies', 'jq', ''],
  ['extra-host-modules', 'loop', ''],
  ['increase-runner-disk-size', 'true', ''],
  ['enable-pigen-cache', 'true', ''],
  ['cache-read-only', 'true', ''],
  ['pi-gen-dir', 'upstream', ''],
  ['verbose-output', 'true', ''],
  ['github-token', 'x', ''],
  ['internal-matrix-context', '{}', ''],
];

describe('each input of pi-gen-action', () => {
  for (const [input, value, change] of table) {
    it(`${input} does to the config what the action does`, () => {
      assert.equal(difference({ [input]: value }), change);
    });
  }

  it('is in the table', () => {
    assert.deepEqual(
      table.map(([input]) => input),
      actionInputs.map(({ name }) => name),
    );
  });

  it('leads to what else is needed for a build', () => {
    const { piGenRepository, piGenVersion, piGenFolder, dockerOptions, exportLastStageOnly, enableNoobs } =
      configured({
        'pi-gen-repository': 'me/pi-gen',
        'pi-gen-version': 'v1',
        'pi-gen-dir': 'upstream',
        'docker-opts': '-m 2g',
        'export-last-stage-only': 'False',
        'enable-noobs': 'TRUE',
      });
    assert.deepEqual(
      [piGenRepository, piGenVersion, piGenFolder, dockerOptions, exportLastStageOnly, enableNoobs],
      ['me/pi-gen', 'v1', 'upstream', '-m 2g -e DEBIAN_FRONTEND=noninteractive', false, true],
    );
  });

  for (const [input, value, complaint] of [
    ['apt-proxy', 'proxy', /apt-proxy to be a URL/],
    ['setfcap', '0', /setfcap to be 1/],
    ['release', 'woody', /release to be a release/],
    ['compression', 'bz2', /compression to be none, zip/],
    ['compression-level', '10', /compression-level to be from 0 to 9/],
    ['compression-level', '9e', /compression-level to be from 0 to 9/],
    ['username', 'Me', /username to be/],
    ['wpa-essid', 'x'.repeat(33), /wpa-essid to be of at most 32/],
    ['wpa-password', 'short', /^(?!.*\bshort\b).*wpa-password to be of 8 to 63/],
    ['enable-ssh', 'true', /enable-ssh to be 0 or 1/],
    ['export-last-stage-only', 'yes', /export-last-stage-only to be true or false/],
    ['verbose-output', '1', /verbose-output to be true or false/],
  ] as const) {
    it(`${input} is refused where it is ${value}`, () => {
      assert.match(complaintOn({ [input]: value }), complaint);
    });
  }

  it('may be 9e for the level of xz alone', () => {
    assert.equal(complaintOn({ compression: 'XZ', 'compression-level': '9e' }), 'fine');
  });

  it('counts as given where it is empty, for GitHub puts in no default then', () => {
    const empty = Object.fromEntries(
      ['release', 'compression', 'locale', 'password', 'setfcap', 'apt-proxy'].map((name) => [name, '']),
    );
    assert.equal(difference(empty), '');
    assert.equal(
      difference({ 'disable-first-boot-user-rename': '', 'passwordless-sudo': ' ' }),
      '- DISABLE_FIRST_BOOT_USER_RENAME="0"\n- PASSWORDLESS_SUDO="0"',
    );
    for (const name of [
      ...['image-name', 'stage-list', 'pi-gen-version', 'pi-gen-repository', 'pi-gen-dir'],
      ...['export-last-stage-only', 'enable-noobs', 'increase-runner-disk-size', 'verbose-output'],
    ]) {
      assert.match(complaintOn({ [name]: '' }), new RegExp(`${name}.* empty`), name);
    }
  });
});

describe('an older version of pi-gen-action', () => {
  const of = (version: string, inputs: Readonly<Record<string, string>> = {}): string =>
    difference(inputs, `usimd/pi-gen-action@${version}`);

  it('has the defaults of its time, and writes only what it knows', () => {
    assert.equal(of('v1.11.0'), '- PASSWORDLESS_SUDO="0"');
    const before11 = '- ENABLE_CLOUD_INIT="1"';
    assert.equal(
      of('v1.10.0'),
      `- RELEASE="trixie"\n${before11}\n- PASSWORDLESS_SUDO="0"\n+ RELEASE="bookworm"`,
    );
    assert.match(of('v1.8'), /\n- PUBKEY_ONLY_SSH="0"\n[^]*\+ RELEASE="bookworm"\n\+ USE_QCOW2="0"$/);
    assert.match(of('v1.6.0'), /^- PI_GEN_RELEASE=[^]*\+ RELEASE="bullseye"\n\+ USE_QCOW2="1"$/);
    assert.match(of('v1.8.0', { 'use-qcow2': '1' }), /USE_QCOW2="1"$/);
    assert.match(of('v1.4.0'), /- DISABLE_FIRST_BOOT_USER_RENAME="0"/);
    assert.equal(of('v1.9.0', { 'apt-proxy': 'http://x' }), of('v1.9.0'));
  });

  it('is none where a branch or a commit is named', () => {
    for (const version of ['v1', 'main', 'cec66cba86bdcd23984e6a79ea4e9251d90bc798']) {
      assert.equal(of(version), '', version);
    }
  });

  it('clones upstream where it knows no other repository', () => {
    const { piGenRepository } = configured(
      { 'pi-gen-repository': 'me/pi-gen' },
      'usimd/pi-gen-action@v1.4.0',
    );
    assert.equal(piGenRepository, 'RPi-Distro/pi-gen');
  });
});
