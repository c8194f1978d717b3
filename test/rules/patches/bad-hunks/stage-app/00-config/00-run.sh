#!/bin/bash -e

printf "%s\n" one two three > "${ROOTFS_DIR}/etc/app.conf"
