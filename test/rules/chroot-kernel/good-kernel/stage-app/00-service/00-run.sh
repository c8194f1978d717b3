#!/bin/bash -e

host_kernel=$(uname -r)
echo "$host_kernel" > "${ROOTFS_DIR}/etc/built-on"
on_chroot << EOF
echo "built on $(uname -r)"
EOF
