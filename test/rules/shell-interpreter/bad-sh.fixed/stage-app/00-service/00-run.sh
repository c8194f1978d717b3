#!/bin/bash -e

install -d "${ROOTFS_DIR}/opt/app"
on_chroot << EOF
systemctl enable ssh
EOF
