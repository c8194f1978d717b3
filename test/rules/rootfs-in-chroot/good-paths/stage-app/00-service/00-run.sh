#!/bin/bash -e

install -d "${ROOTFS_DIR}/etc/app"
install -m 644 files/app.conf "${ROOTFS_DIR}/etc/app/app.conf"

on_chroot << EOF
# ${ROOTFS_DIR}/etc/app is /etc/app in here.
chown app:app /etc/app
echo "$(cat "${ROOTFS_DIR}/etc/hostname")" > /etc/app/host
echo "$(cat files/app.conf)" > /etc/app/copy
EOF
