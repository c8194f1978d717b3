#!/bin/bash -e

# pigen: disable-file=missing-errexit the script minds its own errors
install -m 644 files/app.conf "${ROOTFS_DIR}/etc/app.conf"

on_chroot << EOF
# pigen: disable=nested-on-chroot,rootfs-in-chroot
apt-get clean
systemctl enable app # pigen: disable=blue-curtains
EOF
