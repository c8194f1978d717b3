#!/bin/bash -e

on_chroot << 'EOF'
systemctl enable app.service
EOF
on_chroot << 'EOF'
/usr/bin/app --setup
EOF

if ! on_chroot -c "systemctl is-enabled ssh"; then
	touch "${ROOTFS_DIR}/etc/ssh-is-off"
fi

APP_PACKAGE=tree
if [ -d "${ROOTFS_DIR}/etc" ]; then
	on_chroot <<- EOF
	apt-get install -y "${APP_PACKAGE}" \
		hello
	EOF
fi

on_chroot -c "mkdir /etc/ready" || true
on_chroot << 'EOF'
apt-get update
EOF
on_chroot -e chown -R app:app /var/lib/app
