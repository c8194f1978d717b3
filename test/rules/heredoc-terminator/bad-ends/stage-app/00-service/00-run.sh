#!/bin/bash -e

if [ -n "${ENABLE_SSH}" ]; then
	on_chroot << EOF
touch /etc/app-ssh
	EOF
	on_chroot << EOF
touch /etc/app-keys
EOF
fi

cat > "${ROOTFS_DIR}/etc/app.conf" << CONF
port=80
CONF # done
chmod 644 "${ROOTFS_DIR}/etc/app.conf"
