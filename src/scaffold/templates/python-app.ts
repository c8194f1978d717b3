import { nameInput } from './input-values';
import type { Template } from './template';

/** A Python program with packages of its own. */
export const pythonApp: Template = {
  id: 'python-app',
  title: 'Python app in a virtual environment',
  detail: 'A program in /opt with packages of its own, as a service; the system’s Python stays as apt has it',
  inputs: [nameInput('Name of the app', 'my-app')],
  subStageName: ({ name = '' }) => name,
  files: (value) => {
    const name = value('name');
    return [
      {
        path: '00-packages',
        text: '# pip installs nothing into the system since bookworm (PEP 668).\npython3 python3-venv\n',
      },
      {
        path: '00-run.sh',
        text: `#!/bin/bash -e

install -D -m 644 files/main.py "\${ROOTFS_DIR}/opt/${name}/main.py"
install -D -m 644 files/requirements.txt "\${ROOTFS_DIR}/opt/${name}/requirements.txt"
install -D -m 644 files/${name}.service "\${ROOTFS_DIR}/etc/systemd/system/${name}.service"
`,
        executable: true,
      },
      {
        path: '00-run-chroot.sh',
        text: `#!/bin/bash -e

python3 -m venv /opt/${name}/venv
/opt/${name}/venv/bin/pip install --no-cache-dir --requirement /opt/${name}/requirements.txt

systemctl enable ${name}.service
`,
        executable: true,
      },
      {
        path: 'files/main.py',
        text: `"""What the app does."""

import time

while True:
    print("${name} is at work", flush=True)
    time.sleep(60)
`,
      },
      {
        path: 'files/requirements.txt',
        text: '# Packages from PyPI, one a line, with their versions: the image is then the same tomorrow.\n',
      },
      {
        path: `files/${name}.service`,
        text: `[Unit]
Description=${name}
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=/opt/${name}/venv/bin/python /opt/${name}/main.py
Restart=on-failure
DynamicUser=yes
StateDirectory=${name}

[Install]
WantedBy=multi-user.target
`,
      },
    ];
  },
};
