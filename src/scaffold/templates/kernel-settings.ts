import { choiceInput, nameInput, wordInput } from './input-values';
import type { Template } from './template';

/** What the firmware and the kernel read at boot. */
export const kernelSettings: Template = {
  id: 'kernel-settings',
  title: 'Kernel and boot settings',
  detail: 'A line of config.txt, a kernel parameter, a module and a sysctl',
  inputs: [
    nameInput('Name of what the settings are for', 'my-hardware'),
    wordInput(
      'setting',
      'A line of config.txt',
      'dtparam=i2c_arm=on',
      /^[a-z0-9_:]+=[A-Za-z0-9_=,.:+-]+$/,
      'Give a line such as dtparam=i2c_arm=on or dtoverlay=gpio-fan.',
    ),
    wordInput(
      'parameter',
      'A kernel parameter for cmdline.txt',
      'consoleblank=0',
      /^[A-Za-z0-9_.-]+(?:=[A-Za-z0-9_=,.:+@-]+)?$/,
      'Give a parameter such as consoleblank=0 or quiet.',
    ),
    wordInput(
      'module',
      'A kernel module to load at boot',
      'i2c-dev',
      /^[A-Za-z0-9_-]+$/,
      'Give the name of a module, such as i2c-dev.',
    ),
    choiceInput('boot', 'Where the boot partition is mounted', [
      { value: '/boot/firmware', detail: 'From bookworm on' },
      { value: '/boot', detail: 'Until bullseye' },
    ]),
  ],
  subStageName: ({ name = '' }) => `${name}-settings`,
  files: (value) => {
    const name = value('name');
    const parameter = value('parameter');
    return [
      {
        path: '00-run.sh',
        text: `#!/bin/bash -e

boot="\${ROOTFS_DIR}${value('boot')}"

# Each change once only, however often the stage is built.
if ! grep -qxF '# ${name}' "\${boot}/config.txt"; then
	cat files/config.txt >> "\${boot}/config.txt"
fi

# cmdline.txt is one line.
if ! grep -qwF -e '${parameter}' "\${boot}/cmdline.txt"; then
	sed -i '1s/$/ ${parameter}/' "\${boot}/cmdline.txt"
fi

install -D -m 644 files/modules.conf "\${ROOTFS_DIR}/etc/modules-load.d/${name}.conf"
install -D -m 644 files/sysctl.conf "\${ROOTFS_DIR}/etc/sysctl.d/60-${name}.conf"
`,
        executable: true,
      },
      { path: 'files/config.txt', text: `\n# ${name}\n[all]\n${value('setting')}\n` },
      { path: 'files/modules.conf', text: `${value('module')}\n` },
      {
        path: 'files/sysctl.conf',
        text: '# The kernel restarts ten seconds after a panic.\nkernel.panic = 10\n',
      },
    ];
  },
};
