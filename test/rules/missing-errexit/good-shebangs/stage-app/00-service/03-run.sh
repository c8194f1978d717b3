#!/bin/bash
# Installs the files.

NAME=app
echo "$NAME"
set -o errexit

cp files/a "${ROOTFS_DIR}/etc/a"
cp files/b "${ROOTFS_DIR}/etc/b"
