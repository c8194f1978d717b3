#!/bin/bash -e

install -m 755 files/setup.sh "${ROOTFS_DIR}/var/tmp/setup.sh"
on_chroot << EOF
/var/tmp/setup.sh
EOF
cp files/app.deb "${ROOTFS_DIR}/tmp/"
on_chroot << EOF
dpkg -i /tmp/app.deb
EOF
