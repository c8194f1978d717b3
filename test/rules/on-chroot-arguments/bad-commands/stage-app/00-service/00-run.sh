#!/bin/bash -e

on_chroot systemctl enable app.service
on_chroot /usr/bin/app --setup

if ! on_chroot systemctl is-enabled ssh; then
	touch "${ROOTFS_DIR}/etc/ssh-is-off"
fi

APP_PACKAGE=tree
if [ -d "${ROOTFS_DIR}/etc" ]; then
	on_chroot apt-get install -y "${APP_PACKAGE}" \
		hello
fi

on_chroot mkdir /etc/ready || true
on_chroot "apt-get update"
on_chroot -e chown -R app:app /var/lib/app
