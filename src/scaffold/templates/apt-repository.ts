import { addressInput, fileInput, nameInput, wordInput } from './input-values';
import type { Template } from './template';

/** An apt repository with the key that signs it, and a package from there. */
export const aptRepository: Template = {
  id: 'apt-repository',
  title: 'Add an apt repository with its key',
  detail: 'The source, the key that its packages must be signed with, and a package from it',
  inputs: [
    nameInput('Name of the repository', 'example'),
    addressInput('url', 'Address of the repository', 'https://apt.example.com/debian', 'https?|file'),
    wordInput(
      'suite',
      'Suite (a release such as trixie, or a path that ends with /)',
      'trixie',
      /^(?:[A-Za-z0-9._-]+|[A-Za-z0-9._/-]*\/)$/,
      'Give the name of a suite, such as trixie or stable, or a path that ends with a slash, such as ./',
    ),
    wordInput(
      'component',
      'Component, such as main (not for a suite that is a path)',
      'main',
      /^[A-Za-z0-9._/-]+$/,
      'Give the name of a component, such as main.',
    ),
    wordInput(
      'package',
      'Package to install from it',
      'example-package',
      /^[a-z0-9][a-z0-9+.-]+$/,
      'Give the name of a Debian package: small letters, digits, plus, minus and dots.',
    ),
    fileInput(
      'key',
      'File with the key of the repository, armoured (it begins with -----BEGIN PGP PUBLIC KEY BLOCK-----)',
      /^\s*-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*-----END PGP PUBLIC KEY BLOCK-----\s*$/,
      'This file is no armoured public key. Make one of a binary key with: gpg --enarmor, or gpg --armor --export.',
    ),
  ],
  subStageName: ({ name = '' }) => `${name}-repository`,
  files: (value) => {
    const name = value('name');
    const suite = value('suite');
    // A suite that is a path has no components (sources.list(5)).
    const components = suite.endsWith('/') ? '' : `Components: ${value('component')}\n`;
    return [
      {
        path: '00-run.sh',
        text: `#!/bin/bash -e

# apt takes packages from this source only where this very key has signed them.
install -D -m 644 files/${name}.asc "\${ROOTFS_DIR}/usr/share/keyrings/${name}.asc"
install -D -m 644 files/${name}.sources "\${ROOTFS_DIR}/etc/apt/sources.list.d/${name}.sources"

# pi-gen does not ask for new lists before it installs 01-packages.
on_chroot << 'EOF'
apt-get update
EOF
`,
        executable: true,
      },
      { path: '01-packages', text: `# From the repository of 00-run.sh.\n${value('package')}\n` },
      {
        path: `files/${name}.sources`,
        text: `Types: deb
URIs: ${value('url')}
Suites: ${suite}
${components}Signed-By: /usr/share/keyrings/${name}.asc
`,
      },
      { path: `files/${name}.asc`, text: `${value('key').trim()}\n` },
    ];
  },
};
