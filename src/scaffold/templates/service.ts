import { nameInput } from './input-values';
import type { Template } from './template';

/** A program that runs as a service from boot on. */
export const service: Template = {
  id: 'service',
  title: 'Install a service',
  detail: 'A program and its systemd unit, enabled so that it starts at boot',
  inputs: [nameInput('Name of the service', 'my-service')],
  subStageName: ({ name = '' }) => name,
  files: (value) => {
    const name = value('name');
    return [
      {
        path: '00-run.sh',
        text: `#!/bin/bash -e

# Runs on the build host, in this folder. The image's files are below \${ROOTFS_DIR}.
install -D -m 755 files/${name} "\${ROOTFS_DIR}/usr/local/bin/${name}"
install -D -m 644 files/${name}.service "\${ROOTFS_DIR}/etc/systemd/system/${name}.service"
`,
        executable: true,
      },
      {
        path: '00-run-chroot.sh',
        text: `#!/bin/bash -e

# Runs inside the image, where no services run: enabling makes this one start at boot.
systemctl enable ${name}.service
`,
        executable: true,
      },
      {
        path: `files/${name}`,
        text: `#!/bin/bash
# What the service does. It may run for ever; systemd starts it again when it fails.
while true; do
	echo "${name} is at work"
	sleep 60
done
`,
        executable: true,
      },
      {
        path: `files/${name}.service`,
        text: `[Unit]
Description=${name}
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=/usr/local/bin/${name}
Restart=on-failure
# A user of its own, made when the service starts. Give User= a name for one that stays.
DynamicUser=yes
StateDirectory=${name}

[Install]
WantedBy=multi-user.target
`,
      },
    ];
  },
};
