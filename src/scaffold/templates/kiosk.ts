import { addressInput, wordInput } from './input-values';
import type { Template } from './template';

/** One web page on the whole screen, from boot on. */
export const kiosk: Template = {
  id: 'kiosk',
  title: 'Kiosk browser',
  detail: 'One web page on the whole screen from boot on: Chromium in the small Wayland compositor cage',
  inputs: [
    addressInput('url', 'Address of the page', 'https://www.raspberrypi.com', 'https?|file'),
    wordInput(
      'browser',
      'Package and command of the browser',
      'chromium',
      /^[a-z0-9][a-z0-9+.-]+$/,
      'Give the name of a package that brings a command of the same name, such as chromium.',
    ),
  ],
  subStageName: () => 'kiosk',
  files: (value) => {
    const browser = value('browser');
    const options = browser.startsWith('chromium')
      ? '--kiosk --ozone-platform=wayland --no-first-run --password-store=basic '
      : '';
    return [
      {
        path: '00-packages-nr',
        text: `# libpam-systemd gives the kiosk's user the screen and the input devices.
cage ${browser}
fonts-dejavu-core libpam-systemd
`,
      },
      {
        path: '00-run.sh',
        text: `#!/bin/bash -e

install -D -m 644 files/kiosk.service "\${ROOTFS_DIR}/etc/systemd/system/kiosk.service"
`,
        executable: true,
      },
      {
        path: '00-run-chroot.sh',
        text: `#!/bin/bash -e

# A user that nobody logs in as: whoever gets out of the browser is none of the others.
if ! id kiosk > /dev/null 2>&1; then
	useradd --system --create-home --home-dir /var/lib/kiosk --shell /usr/sbin/nologin kiosk
fi

systemctl enable kiosk.service
systemctl set-default graphical.target
`,
        executable: true,
      },
      {
        path: 'files/kiosk.service',
        text: `[Unit]
Description=Web page on the whole screen
After=systemd-user-sessions.service plymouth-quit-wait.service getty@tty1.service network-online.target
Wants=network-online.target
Conflicts=getty@tty1.service

[Service]
User=kiosk
PAMName=login
TTYPath=/dev/tty1
TTYReset=yes
TTYVHangup=yes
StandardInput=tty
StandardOutput=journal
# A % means something to systemd, and stands twice.
ExecStart=/usr/bin/cage -- /usr/bin/${browser} ${options}"${value('url').replaceAll('%', '%%')}"
Restart=always
RestartSec=5

[Install]
WantedBy=graphical.target
`,
      },
    ];
  },
};
