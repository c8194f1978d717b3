import assert from 'node:assert/strict';
import { partKey } from '../../../src/pigen/apt/apt-sources';
import { Checker } from '../../../src/rules/checker';
import type { TreeRepositories } from '../../../src/rules/inputs/tree-repositories';
import type { BashParser } from '../../../src/shell/bash-parser';
import { loadParser } from '../../rules/harness';
import { MemoryFileSystem } from './memory-file-system';

const root = '/home/user/radio';
const packages = `${root}/stage-app/00-app/50-packages`;
const own = 'http://packages.example/debian/';
const prerun = '#!/bin/bash -e\nif [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nfi\n';

describe('the repositories of a tree', () => {
  let parser: BashParser;
  before(async () => {
    parser = await loadParser();
  });
  after(() => {
    parser.dispose();
  });

  async function repositoriesOf(
    files: Readonly<Record<string, string>>,
  ): Promise<TreeRepositories | undefined> {
    const all = {
      '.git/HEAD': '',
      'stage-app/prerun.sh': prerun,
      'stage-app/00-app/50-packages': 'vim\n',
      ...files,
    };
    const fs = new MemoryFileSystem(
      new Map(Object.entries(all).map(([name, text]) => [`${root}/${name}`, text])),
    );
    const checker = new Checker({ fs, parser: () => Promise.resolve(parser) });
    try {
      return await (await checker.checkTree(root)).repositories();
    } finally {
      checker.dispose();
    }
  }

  const trixie = { '.pigen.yaml': 'release: trixie\nbranch: master\n' };

  /** The repositories that a script of the stage adds; undefined where it may add any. */
  async function addedBy(name: string, text: string, files: Readonly<Record<string, string>> = {}) {
    const found = await repositoriesOf({ ...trixie, [`stage-app/00-app/${name}`]: text, ...files });
    assert.ok(found);
    if (!found.isCoveredAt(packages, () => true)) return undefined;
    return found.parts
      .filter(({ uri }) => !uri.includes('raspberrypi'))
      .map(({ uri, suite, component }) => `${uri} ${suite} ${component}`)
      .filter((key, i, keys) => keys.indexOf(key) === i);
  }

  it('are those of pi-gen’s own stage0 for stages without pi-gen', async () => {
    const found = await repositoriesOf(trixie);
    assert.deepEqual(found?.parts.map(partKey), [
      'http://raspbian.raspberrypi.com/raspbian/ trixie main armhf',
      'http://raspbian.raspberrypi.com/raspbian/ trixie contrib armhf',
      'http://raspbian.raspberrypi.com/raspbian/ trixie non-free armhf',
      'http://raspbian.raspberrypi.com/raspbian/ trixie rpi armhf',
      'http://archive.raspberrypi.com/debian/ trixie main armhf',
      'http://archive.raspberrypi.com/debian/ trixie main arm64',
    ]);
    assert.ok(found.isCoveredAt(packages, () => true));
    assert.ok(!found.isCoveredAt(packages, ({ architecture }) => architecture === 'armhf'));
  });

  it('are those of both architectures where only the release is told', async () => {
    const found = await repositoriesOf({ '.pigen.yaml': 'release: bookworm\n' });
    const uris = new Set(found?.parts.map(({ uri }) => uri));
    assert.ok(
      uris.has('http://raspbian.raspberrypi.com/raspbian/') && uris.has('http://deb.debian.org/debian/'),
    );
  });

  it('are those of every version that the workflows name', async () => {
    const step = (version: string) =>
      `      - uses: usimd/pi-gen-action@v1\n        with:\n          stage-list: stage0 stage-app\n          release: trixie\n          pi-gen-version: ${version}\n`;
    const head = 'on: push\njobs:\n  build:\n    steps:\n';
    const workflow = '.github/workflows/build.yml';
    const both = await repositoriesOf({ [workflow]: head + step('master') + step('arm64') });
    assert.ok(both);
    assert.ok(both.parts.some(({ uri }) => uri.includes('deb.debian.org')));
    assert.ok(both.parts.some(({ uri }) => uri.includes('raspbian')));
    const one = await repositoriesOf({ [workflow]: head + step('arm64') });
    assert.ok(!one?.parts.some(({ uri }) => uri.includes('raspbian')));
  });

  it('are not known without a release, behind another pi-gen, and without stage0', async () => {
    assert.equal(await repositoriesOf({}), undefined);
    const workflow = (input: string) =>
      `on: push\njobs:\n  build:\n    steps:\n      - uses: usimd/pi-gen-action@v1\n        with:\n          stage-list: stage0 stage-app\n          ${input}\n`;
    const file = '.github/workflows/build.yml';
    assert.ok(await repositoriesOf({ ...trixie, [file]: workflow('release: trixie') }));
    assert.equal(
      await repositoriesOf({ ...trixie, [file]: workflow('pi-gen-repository: other/pi-gen') }),
      undefined,
    );
    assert.equal(
      await repositoriesOf({ ...trixie, config: 'STAGE_LIST="stage-base stage-app"\n' }),
      undefined,
    );
  });

  it('may be any behind a stage that is not here, and before it those that are known', async () => {
    const files = { ...trixie, 'stage-own/prerun.sh': prerun, 'stage-own/00-own/00-packages': 'vim\n' };
    const found = await repositoriesOf({
      ...files,
      config: 'STAGE_LIST="stage0 stage-own $EXTRA stage-app"\n',
    });
    assert.ok(!found?.isCoveredAt(packages, () => true));
    assert.ok(found?.isCoveredAt(`${root}/stage-own/00-own/00-packages`, () => true));
  });

  it('may be any where a stage of unknown place adds one', async () => {
    const files = {
      ...trixie,
      'stage-own/prerun.sh': prerun,
      'stage-own/00-own/00-run-chroot.sh': 'add-apt-repository x\n',
    };
    const unlisted = await repositoriesOf(files);
    assert.ok(!unlisted?.isCoveredAt(packages, () => true));
    const later = await repositoriesOf({ ...files, config: 'STAGE_LIST="stage0 stage-app stage-own"\n' });
    assert.ok(later?.isCoveredAt(packages, () => true));
  });

  const understood: readonly (readonly [what: string, name: string, text: string, ...keys: string[]])[] = [
    [
      'nothing',
      '00-run-chroot.sh',
      'apt-get update\nsystemctl enable app\n/usr/bin/python3 -m venv /opt/app\n',
    ],
    [
      'only mentions',
      '00-run-chroot.sh',
      '# edit sources.list\ncat /etc/apt/sources.list\nrm -f /etc/apt/sources.list.d/x.list\n',
    ],
    [
      'echo',
      '00-run-chroot.sh',
      `echo "deb [arch=armhf] ${own} trixie main" > /etc/apt/sources.list.d/own.list\n`,
      `${own} trixie main`,
    ],
    [
      'echo on the host',
      '00-run.sh',
      `#!/bin/bash -e\necho "deb ${own} \${RELEASE} main" >> "\${ROOTFS_DIR}/etc/apt/sources.list"\n`,
      `${own} trixie main`,
    ],
    [
      'tee, as vendors write it',
      '00-run-chroot.sh',
      `echo "deb [arch=$(dpkg --print-architecture) signed-by=/k.gpg] ${own} $(. /etc/os-release && echo "$VERSION_CODENAME") stable" | sudo tee /etc/apt/sources.list.d/own.list > /dev/null\n`,
      `${own} trixie stable`,
    ],
    [
      'a heredoc',
      '00-run.sh',
      `#!/bin/bash -e\ncat > "\${ROOTFS_DIR}/etc/apt/sources.list.d/own.list" << EOF\ndeb ${own} $(lsb_release -cs) main\nEOF\n`,
      `${own} trixie main`,
    ],
    [
      'a heredoc of deb822 in a body',
      '00-run.sh',
      `#!/bin/bash -e\non_chroot << EOF\ncat > /etc/apt/sources.list.d/own.sources << END\nTypes: deb\nURIs: ${own}\nSuites: trixie\nComponents: main\nEND\nEOF\n`,
      `${own} trixie main`,
    ],
  ];
  for (const [what, name, text, ...keys] of understood) {
    it(`are followed through ${what}`, async () => {
      assert.deepEqual(await addedBy(name, text), keys);
    });
  }

  it('are followed through a file that a script installs, or that a folder brings', async () => {
    const list = `deb ${own} RELEASE main\n`;
    const install =
      '#!/bin/bash -e\ninstall -v -m 644 files/own.list "${ROOTFS_DIR}/etc/apt/sources.list.d/"\n';
    assert.deepEqual(await addedBy('00-run.sh', install, { 'stage-app/00-app/files/own.list': list }), [
      `${own} trixie main`,
    ]);
    const copy = '#!/bin/bash -e\ncp -r files/etc "${ROOTFS_DIR}/"\n';
    const file = 'stage-app/00-app/files/etc/apt/sources.list.d/own.list';
    assert.deepEqual(await addedBy('00-run.sh', copy, { [file]: list }), [`${own} trixie main`]);
  });

  it('are followed through TEMP_REPO, as stage0 writes it', async () => {
    const text =
      '#!/bin/bash -e\nif [ -n "$TEMP_REPO" ]; then\n\techo "$TEMP_REPO" | sed "s/RELEASE/$RELEASE/g" > "${ROOTFS_DIR}/etc/apt/sources.list.d/00-temp.list"\nfi\n';
    assert.deepEqual(await addedBy('00-run.sh', text), []);
    const config = (value: string) => ({ config: `TEMP_REPO=${value}\nSTAGE_LIST="stage0 stage-app"\n` });
    assert.deepEqual(await addedBy('00-run.sh', text, config(`"deb ${own} RELEASE main"`)), [
      `${own} trixie main`,
    ]);
    assert.equal(await addedBy('00-run.sh', text, config('"$OTHER"')), undefined);
  });

  const anything: readonly (readonly [what: string, name: string, text: string])[] = [
    ['add-apt-repository', '00-run-chroot.sh', 'add-apt-repository -y ppa:x/y\n'],
    ['an installer from the network', '00-run-chroot.sh', 'curl -fsSL https://get.example | sh\n'],
    ['a script of the stage', '00-run.sh', '#!/bin/bash -e\n./install.sh\n'],
    ['a script in the image', '00-run-chroot.sh', 'bash /tmp/install.sh\n'],
    ['a file for the chroot', '00-run.sh', '#!/bin/bash -e\non_chroot < files/setup.sh\n'],
    ['a sourced file', '00-run.sh', '#!/bin/bash -e\nsource ../shared.sh\n'],
    ['a program in a variable', '00-run.sh', '#!/bin/bash -e\n"$INSTALLER" now\n'],
    ['a package file', '00-run-chroot.sh', 'dpkg -i /tmp/own.deb\n'],
    ['a package file for apt', '00-run-chroot.sh', 'apt-get install -y ./own.deb\n'],
    ['sed on the sources', '00-run-chroot.sh', 'sed -i "s/main/main non-free/" /etc/apt/sources.list\n'],
    ['a source in a variable', '00-run-chroot.sh', 'echo "$SOURCE" > /etc/apt/sources.list.d/own.list\n'],
    [
      'a target in a variable',
      '00-run-chroot.sh',
      `list=/etc/apt/sources.list.d/own.list\necho "deb ${own} trixie main" > "$list"\n`,
    ],
    [
      'a downloaded source',
      '00-run-chroot.sh',
      'wget -O /etc/apt/sources.list.d/own.list https://packages.example/own.list\n',
    ],
    [
      'a file from elsewhere',
      '00-run.sh',
      '#!/bin/bash -e\ninstall -m 644 ../shared/own.list "${ROOTFS_DIR}/etc/apt/sources.list.d/"\n',
    ],
    ['a release that is none', '00-run-chroot.sh', `echo "deb ${own} $CODE main" > /etc/apt/sources.list\n`],
    ['another language', '00-run.sh', '#!/usr/bin/env python3\nprint(1)\n'],
    ['an architecture in a variable', '00-run-chroot.sh', 'dpkg --add-architecture "$OTHER"\n'],
    [
      'a script written for later',
      '00-run-chroot.sh',
      `cat > /usr/local/bin/setup << 'EOF'\necho deb > /etc/apt/sources.list\nEOF\n`,
    ],
  ];
  for (const [what, name, text] of anything) {
    it(`may be any after ${what}`, async () => {
      assert.equal(await addedBy(name, text), undefined);
    });
  }

  it('are those before a script, in what runs before it', async () => {
    const found = await repositoriesOf({
      ...trixie,
      config: 'STAGE_LIST="stage0 stage-app"\n',
      'stage-app/00-app/60-run-chroot.sh': 'add-apt-repository x\n',
      'stage-app/01-more/00-packages': 'vim\n',
    });
    assert.ok(found);
    assert.ok(found.isCoveredAt(packages, () => true));
    assert.ok(!found.isCoveredAt(`${root}/stage-app/01-more/00-packages`, () => true));
  });

  it('are told to dpkg with another architecture', async () => {
    const found = await repositoriesOf({
      ...trixie,
      'stage-app/00-app/00-run-chroot.sh': 'dpkg --add-architecture i386\n',
    });
    assert.deepEqual(found?.architectures, ['armhf', 'arm64', 'i386']);
    assert.ok(found.parts.some(({ architecture }) => architecture === 'i386'));
  });
});
