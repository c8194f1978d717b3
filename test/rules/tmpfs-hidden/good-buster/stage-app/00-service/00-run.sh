#!/bin/bash -e

install -m 755 files/setup.sh "${ROOTFS_DIR}/tmp/setup.sh"
cp files/app.deb "${ROOTFS_DIR}/tmp/"
cp files/app.deb "${ROOTFS_DIR}/tmp/unused.deb"

on_chroot << EOF
/tmp/setup.sh
dpkg -i /tmp/app.deb
EOF
