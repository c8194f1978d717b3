#!/bin/bash -e

# Runs inside the image: / is the image, so no ${ROOTFS_DIR}, and no on_chroot around the commands.
if ! id ossuary > /dev/null 2>&1; then
	useradd --system --home-dir /opt/ossuary --shell /usr/sbin/nologin ossuary
fi

chown -R ossuary:ossuary /opt/ossuary/web
chown root:ossuary /etc/ossuary/ossuary.conf
chmod 640 /etc/ossuary/ossuary.conf

# No services run during a build: enabling makes them start at boot.
systemctl enable ossuary-first-boot.service
systemctl enable ossuary.service
