#!/bin/bash -e

if [ -n "${ENABLE_SSH}" ]; then
	on_chroot <<- EOF
		touch /etc/app-ssh
	EOF
fi

cat > "${ROOTFS_DIR}/usr/local/bin/app" << 'SCRIPT'
    SCRIPT
echo "the line above is text"
SCRIPT

cat > "${ROOTFS_DIR}/etc/app.conf" << CONF
port=80
CONF
