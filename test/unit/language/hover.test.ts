import assert from 'node:assert/strict';
import { hoverAt } from '../../../src/language/hover';
import { describePackage } from '../../../src/language/describe-package';
import { stepOrder } from '../../../src/language/describe-entry';
import { packageAt } from '../../../src/language/package-names';
import { Signage, offsetOf } from './signage';

const run = 'stage-player/00-service/00-run.sh';

describe('hovers', () => {
  let signage: Signage;
  before(async () => {
    signage = await Signage.load();
  });
  after(() => {
    signage.dispose();
  });

  async function hover(name: string, needle: string): Promise<{ text: string; markdown: string }> {
    const file = await signage.open(name);
    const found = hoverAt(file, offsetOf(file, needle));
    assert.ok(found, `nothing is said of ${needle}`);
    return { text: file.text.slice(found.span.start, found.span.end), markdown: found.markdown };
  }

  async function silent(name: string, needle: string): Promise<void> {
    const file = await signage.open(name);
    assert.equal(hoverAt(file, offsetOf(file, needle))?.markdown, undefined);
  }

  it('tell what a function of pi-gen does', async () => {
    const { text, markdown } = await hover(run, 'on_ch‸root <<- ');
    assert.equal(text, 'on_chroot');
    assert.match(markdown, /bash -e/);
    assert.match((await hover('stage-kiosk/prerun.sh', 'copy_‸previous')).markdown, /PREV_ROOTFS_DIR/);
  });

  it('warn of on_chroot where the code is inside the chroot', async () => {
    const { markdown } = await hover('stage-player/00-service/01-run-chroot.sh', 'on_ch‸root');
    assert.match(markdown, /inside the chroot already/);
  });

  it('are silent on a function of the script’s own, in comments and on other words', async () => {
    await silent(run, 'pu‸t files/player.conf');
    await silent(run, 'Both li‸nes');
    const file = signage.edited(run, 'on_chroot() { true; }\non_chroot\n# on_chroot $ROOTFS_DIR\n');
    assert.equal(hoverAt(file, offsetOf(file, '}\non_c‸hroot')), undefined);
    assert.equal(hoverAt(file, offsetOf(file, '# on_c‸hroot')), undefined);
    assert.equal(hoverAt(file, offsetOf(file, '$ROO‸TFS')), undefined);
  });

  it('tell the value that a variable has for this stage', async () => {
    const { text, markdown } = await hover(run, '${ROOT‸FS_DIR}/etc/systemd');
    assert.equal(text, 'ROOTFS_DIR');
    assert.match(markdown, /Here: `\$\{WORK_DIR\}\/stage-player\/rootfs`/);
    assert.match((await hover(run, '${STA‸GE}')).markdown, /Here: `stage-player`/);
    assert.match(
      (await hover('stage-kiosk/00-display/00-run.sh', '${PREV_ST‸AGE}')).markdown,
      /`stage-player`/,
    );
    assert.match((await hover('stage0/prerun.sh', '${RELE‸ASE}')).markdown, /Here: `trixie`, the default/);
  });

  it('tell a value of config, and that the host puts it in', async () => {
    const { markdown } = await hover(run, 'chown ${FIRST_USER‸_NAME}');
    assert.match(markdown, /`guest`, set in `config`/);
    assert.match(markdown, /build host puts its value here/);
  });

  it('warn of a path of the host inside the chroot', async () => {
    const { markdown } = await hover(run, '"${ROOT‸FS_DIR}/opt"');
    assert.match(markdown, /Inside the chroot this is a path of the build host/);
  });

  it('never show a password', () => {
    const file = signage.edited(run, '#!/bin/bash -e\necho "$FIRST_USER_PASS"\n');
    const found = hoverAt(file, offsetOf(file, '$FIRST_‸USER'));
    assert.match(found?.markdown ?? '', /not shown/);
    assert.doesNotMatch(found?.markdown ?? '', /swordfish/);
  });

  it('tell of a step from its first line: its place in the order, and where it runs', async () => {
    const { markdown } = await hover(run, '#!/bin/b‸ash');
    assert.match(markdown, /step 4 of 5 of stage-player/);
    assert.match(markdown, /build host/);
    const chroot = await hover('stage-player/00-service/01-run-chroot.sh', '#!/bin/b‸ash');
    assert.match(chroot.markdown, /inside the chroot/);
  });

  it('tell of postrun.sh that it comes last, and too late for the images', async () => {
    const { markdown } = await hover('postrun.sh', '#!/bin/b‸ash');
    assert.match(markdown, /the last thing that pi-gen runs/);
    assert.match(markdown, /when all images are made/);
    const { tree } = signage;
    assert.deepEqual(stepOrder(tree, signage.path('postrun.sh')), {
      position: 10,
      count: 10,
      place: 'host',
      stage: undefined,
      reason: undefined,
    });
  });

  it('tell of a stage, sub-stage and step by its name', async () => {
    const inConfig = await hover('config', 'stage-pl‸ayer');
    assert.equal(inConfig.text, 'stage-player');
    assert.match(inConfig.markdown, /stage 2 of 3/);
    const kiosk = 'stage-kiosk/00-display/00-run.sh';
    assert.match((await hover(kiosk, 'player/00-ser‸vice')).markdown, /sub-stage of stage-player/);
    assert.match((await hover(kiosk, '01-browser/00-r‸un.sh')).markdown, /step 3 of 3 of stage-kiosk/);
    assert.match((await hover(kiosk, 'stage-ki‸osk)')).markdown, /EXPORT_IMAGE/);
    await silent(kiosk, 'log "after stage-pl‸ayer');
    await silent(kiosk, 'apt-cache show stage-pl‸ayer');
  });

  it('tell of a config key its meaning and its defaults by branch', async () => {
    const { text, markdown } = await hover('config', 'FIRST_USER_P‸ASS');
    assert.equal(text, 'FIRST_USER_PASS');
    assert.match(markdown, /`raspberry` \| buster/);
    assert.match(markdown, /no default \| .*\*\*arm64\*\*/);
    assert.doesNotMatch(markdown, /swordfish/);
  });

  it('tell of an input of pi-gen-action', async () => {
    const { text, markdown } = await hover('.github/workflows/image.yml', 'compres‸sion:');
    assert.equal(text, 'compression');
    assert.match(markdown, /`none`, `zip`, `gz`, `xz`/);
    assert.match(markdown, /DEPLOY_COMPRESSION/);
    await silent('.github/workflows/image.yml', 'runs-‸on');
  });

  it('know the packages that a list and apt-get name', async () => {
    const list = await signage.open('stage-player/00-service/00-packages');
    assert.equal(packageAt(list, offsetOf(list, 'lib‸c6'))?.name, 'libc6');
    assert.equal(packageAt(list, offsetOf(list, 'v‸lc='))?.name, 'vlc');
    const script = await signage.open(run);
    const found = packageAt(script, offsetOf(script, 'm‸pv'));
    assert.equal(found?.name, 'mpv');
    assert.equal(script.text.slice(found.span.start, found.span.end), 'mpv');
    assert.equal(packageAt(script, offsetOf(script, 'install -m‸ 644')), undefined);
  });

  it('say where a package is, or what is near', () => {
    const part = {
      uri: 'http://deb.debian.org/debian/',
      suite: 'trixie',
      component: 'main',
      architecture: 'arm64',
    };
    const found = { parts: [part], unknownParts: 0, nearest: [], age: 0 };
    assert.match(describePackage('mpv', found), /trixie main of http.* \(arm64\)/);
    assert.match(describePackage('mvp', { ...found, parts: [], nearest: ['mpv'] }), /In none .* `mpv`/);
    assert.match(describePackage('mvp', { ...found, parts: [], unknownParts: 1 }), /Not in those/);
  });
});
