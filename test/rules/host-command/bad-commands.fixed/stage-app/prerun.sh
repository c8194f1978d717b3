#!/bin/bash -e

apt-get install -y nginx-light
if [ ! -d "${ROOTFS_DIR}" ]; then
	copy_previous
fi
on_chroot << EOF
useradd app
EOF
