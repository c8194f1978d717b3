#!/bin/bash -e

echo 'the app's name' > "${ROOTFS_DIR}/etc/app-name"

install -d "${ROOTFS_DIR}/var/lib/app" &&
