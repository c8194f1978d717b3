#!/bin/bash -e
echo one > "${ROOTFS_DIR}/etc/app.conf"
