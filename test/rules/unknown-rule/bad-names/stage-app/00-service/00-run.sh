#!/bin/bash

# pigen: disable-file=missing-erexit the script minds its own errors
install -m 644 files/app.conf "${ROOTFS_DIR}/etc/app.conf"

on_chroot << EOF
# pigen: disable=nested_on_chroot,rootfs-in-chroot
on_chroot apt-get clean
systemctl enable app # pigen: disable=blue-curtains
EOF
