#!/bin/sh
# set -e

cp files/a "${ROOTFS_DIR}/etc/a"
cp files/b "${ROOTFS_DIR}/etc/b"
