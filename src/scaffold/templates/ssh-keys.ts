import { choiceInput, fileInput } from './input-values';
import type { Template } from './template';

/** SSH with keys for the first user. */
export const sshKeys: Template = {
  id: 'ssh-keys',
  title: 'SSH keys of the first user',
  detail: 'authorized_keys with the modes that sshd wants, SSH enabled, passwords refused where wanted',
  inputs: [
    fileInput(
      'keys',
      'File with the public keys, such as ~/.ssh/id_ed25519.pub',
      /^\s*(?:(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}(?: [^\n]*)?(?:\s*\n\s*|\s*$))+$/,
      'This file holds something else than public keys of SSH, one a line. Never take the private one, without .pub.',
    ),
    choiceInput('passwords', 'May users log in over SSH with a password?', [
      { value: 'no', detail: 'Only with a key' },
      { value: 'yes', detail: 'With a key or a password' },
    ]),
  ],
  subStageName: () => 'ssh-keys',
  files: (value) => {
    const keysOnly = value('passwords') === 'no';
    const settings = `
# sshd reads these before its own file, and the first value counts.
install -D -m 644 files/keys-only.conf "\${ROOTFS_DIR}/etc/ssh/sshd_config.d/10-keys-only.conf"
`;
    const keysOnlyFile = {
      path: 'files/keys-only.conf',
      text: 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n',
    };
    return [
      { path: '00-packages', text: '# Raspberry Pi OS has it from stage2 on.\nopenssh-server\n' },
      {
        path: '00-run.sh',
        text: `#!/bin/bash -e

# sshd takes no keys from a file or folder that others may write. The first user's number is 1000.
home="\${ROOTFS_DIR}/home/\${FIRST_USER_NAME}"
install -d -o 1000 -g 1000 "\${home}"
install -d -m 700 -o 1000 -g 1000 "\${home}/.ssh"
install -m 600 -o 1000 -g 1000 files/authorized_keys "\${home}/.ssh/authorized_keys"
${keysOnly ? settings : ''}`,
        executable: true,
      },
      {
        path: '00-run-chroot.sh',
        text: `#!/bin/bash -e

systemctl enable ssh.service
`,
        executable: true,
      },
      { path: 'files/authorized_keys', text: `${value('keys').trim()}\n` },
      ...(keysOnly ? [keysOnlyFile] : []),
    ];
  },
};
