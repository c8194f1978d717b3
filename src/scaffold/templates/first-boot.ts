import { nameInput } from './input-values';
import type { Template } from './template';

/** What has to wait until the image runs on its machine, done once. */
export const firstBoot: Template = {
  id: 'first-boot',
  title: 'Do something at the first boot',
  detail:
    'A script that runs once, on the machine itself: for what needs running services or the real hardware',
  inputs: [nameInput('Name of the unit', 'first-boot-setup')],
  subStageName: ({ name = '' }) => name,
  files: (value) => {
    const name = value('name');
    return [
      {
        path: '00-run.sh',
        text: `#!/bin/bash -e

install -D -m 755 files/${name} "\${ROOTFS_DIR}/usr/local/sbin/${name}"
install -D -m 644 files/${name}.service "\${ROOTFS_DIR}/etc/systemd/system/${name}.service"
`,
        executable: true,
      },
      {
        path: '00-run-chroot.sh',
        text: `#!/bin/bash -e

systemctl enable ${name}.service
`,
        executable: true,
      },
      {
        path: `files/${name}`,
        text: `#!/bin/bash -e
# Runs as root at the first boot, with the network up. Where it fails, it runs again at the next one.

echo "This machine is $(cat /etc/machine-id)"
`,
        executable: true,
      },
      {
        path: `files/${name}.service`,
        text: `[Unit]
Description=Setup at the first boot
After=network-online.target
Wants=network-online.target
ConditionPathExists=!/var/lib/${name}/done

[Service]
Type=oneshot
RemainAfterExit=yes
StateDirectory=${name}
ExecStart=/usr/local/sbin/${name}
ExecStartPost=/usr/bin/touch /var/lib/${name}/done

[Install]
WantedBy=multi-user.target
`,
      },
    ];
  },
};
