#!/bin/bash -e

cp files/app.deb "${ROOTFS_DIR}/tmp/b.deb"
on_chroot << EOF
dpkg -i /tmp/b.deb
EOF
